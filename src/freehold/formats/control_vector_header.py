"""What the header of a control vector says, and whether it fits a model. No number is read."""

from __future__ import annotations

import re

from freehold.errors import FormatError, UsageError
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_lookup import integer, text

ARCHITECTURE = "controlvector"
"""What `general.architecture` says of such a file."""
HINT = "controlvector.model_hint"
"""The metadata key of the architecture that it was made for."""
_NAME = re.compile(r"direction\.[1-9][0-9]{0,4}")


def is_vector(header: GgufHeader) -> bool:
    """Whether a file says of itself that it is one."""
    return text(header, "general.architecture") == ARCHITECTURE


def check_vector(header: GgufHeader) -> None:
    """Raise FormatError unless it has directions, all of one width, for layers from 1 on."""
    label = header.label
    if not is_vector(header):
        what = text(header, "general.architecture") or "nothing"
        raise FormatError(
            f"{label} is no control vector: its header says {what!r}.",
            "`freehold modify steer` makes one.",
        )
    if not header.tensors:
        raise FormatError(f"{label} is a control vector without a direction.")
    widths = {tensor.shape for tensor in header.tensors}
    if len(widths) != 1 or len(next(iter(widths))) != 1:
        raise FormatError(f"{label} is no whole control vector: its directions differ in width.")
    if strange := next((t.name for t in header.tensors if not _NAME.fullmatch(t.name)), None):
        raise FormatError(f"{label} is no control vector: it has a tensor {strange!r}.")


def check_vector_fits(vector: GgufHeader, base: GgufHeader, name: str, model: str) -> None:
    """Raise UsageError unless a vector's directions are as wide as a model and no deeper."""
    check_vector(vector)
    hint, kind = text(vector, HINT), text(base, "general.architecture")
    if hint is not None and hint != kind:
        raise UsageError(
            f"The control vector {name} was made for a model of the kind {hint}, and {model} is "
            f"{kind}."
        )
    width = integer(base, f"{kind}.embedding_length") or 0
    layers = integer(base, f"{kind}.block_count") or 0
    ours = vector.tensors[0].shape[0]
    last = max(int(tensor.name.partition(".")[2]) for tensor in vector.tensors)
    if width != ours:
        raise UsageError(
            f"The control vector {name} does not fit {model}: it is {ours:,} wide, and {model} is "
            f"{width:,}."
        )
    if last >= layers:
        raise UsageError(
            f"The control vector {name} does not fit {model}: it pushes layer {last}, and the last "
            f"one of {model} is {layers - 1}."
        )
