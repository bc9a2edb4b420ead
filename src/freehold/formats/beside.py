"""Files that are no model but belong to one: adapters and control vectors, as their headers say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from freehold.formats.control_vector_header import HINT, check_vector, is_vector
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_lookup import text
from freehold.formats.lora_header import BASE_DIGEST, ENDS, check_lora, is_lora


class BesideKind(StrEnum):
    """What such a file is, in a person's words."""

    ADAPTER = "adapter"
    VECTOR = "control vector"


@dataclass(frozen=True)
class Beside:
    """One such file."""

    kind: BesideKind
    architecture: str | None
    """Of the models that it is for."""
    base_name: str | None
    base_sha256: str | None
    """Of the weights that it was made for; None where it does not say."""
    changed: int
    """How many matrices, or layers."""
    rank: int | None
    """The highest of an adapter's."""


def read_beside(header: GgufHeader) -> Beside | None:
    """What a file is, or None for a model. Raises FormatError for one that is not whole."""
    if is_lora(header):
        check_lora(header)
        kind, architecture = BesideKind.ADAPTER, text(header, "general.architecture")
        seconds = [tensor for tensor in header.tensors if tensor.name.endswith(ENDS[1])]
        changed, rank = len(seconds), max(tensor.shape[0] for tensor in seconds)
    elif is_vector(header):
        check_vector(header)
        kind, architecture = BesideKind.VECTOR, text(header, HINT)
        changed, rank = len(header.tensors), None
    else:
        return None
    return Beside(
        kind=kind,
        architecture=architecture,
        base_name=text(header, "general.base_model.0.name"),
        base_sha256=text(header, BASE_DIGEST),
        changed=changed,
        rank=rank,
    )
