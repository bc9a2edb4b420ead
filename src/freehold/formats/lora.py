"""Low-rank adapters as llama.cpp keeps them: two thin matrices for each one changed.

For a matrix W of a model, (out, in), the file has `W.lora_a`, (r, in), and `W.lora_b`, (out, r);
with the adapter on, W stands for W + scale · alpha / r · B @ A (Hu et al., 2021). Which model it
was made for is known by the SHA-256 of that model's weights where whoever made the adapter wrote
it down, else by architecture and shapes alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from freehold.errors import FormatError, UnsupportedModel
from freehold.formats.blocks.layout import Floats
from freehold.formats.gguf import GgufHeader, read_header
from freehold.formats.gguf_lookup import number, text
from freehold.formats.gguf_types import ValueType
from freehold.formats.gguf_write import Entry, NewTensor, float32_tensor, write_gguf
from freehold.formats.lora_header import (
    ADAPTER,
    BASE_DIGEST,
    EMBEDDING,
    ENDS,
    check_fits,
    check_lora,
)
from freehold.formats.tensor_data import TensorData

_A, _B = ENDS


@dataclass(frozen=True)
class LowRank:
    """The change of one matrix: `a` is (r, in), `b` is (out, r), both float32."""

    a: Floats
    b: Floats

    @property
    def rank(self) -> int:
        """How many directions are changed at most."""
        return int(self.b.shape[1])


@dataclass(frozen=True)
class Lora:
    """One adapter, whole. `pairs` are by the names of the tensors that they change."""

    architecture: str
    alpha: float
    pairs: Mapping[str, LowRank]
    name: str | None = None
    base_name: str | None = None
    base_sha256: str | None = None
    """64 hexadecimal digits; None where it was not written down."""
    more: tuple[Entry, ...] = field(default=(), repr=False)
    """Further metadata: licence, recipe, lineage."""

    def strength(self, name: str, scale: float = 1.0) -> float:
        """What B @ A is multiplied by for the tensor `name`: scale · alpha / r, as the engine has
        it; the scale alone where alpha is zero.
        """
        return scale * self.alpha / self.pairs[name].rank if self.alpha else scale


def read_lora(path: Path) -> Lora:
    """Read an adapter into memory: they are small.

    Raises FormatError for a file that is none, UnsupportedModel for a kind that is not understood.
    """
    with TensorData.open(path) as data:
        header = data.header
        check_lora(header)
        names = sorted(t.name.removesuffix(_A) for t in header.tensors if t.name.endswith(_A))
        pairs = {name: LowRank(data.array(name + _A), data.array(name + _B)) for name in names}
    for name, pair in pairs.items():
        if not (np.isfinite(pair.a).all() and np.isfinite(pair.b).all()):
            raise FormatError(f"{path} holds weights that are no numbers, for {name!r}.")
    return Lora(
        architecture=text(header, "general.architecture") or "",
        alpha=number(header, "adapter.lora.alpha") or 0.0,
        pairs=pairs,
        name=text(header, "general.name"),
        base_name=text(header, "general.base_model.0.name"),
        base_sha256=text(header, BASE_DIGEST),
    )


def read_fitting(path: Path, base: GgufHeader, model: str) -> Lora:
    """An adapter that changes matrices of `base`.

    Raises UsageError where it does not fit, UnsupportedModel where it changes the embedding.
    """
    check_fits(read_header(path), base, path.stem, model)
    found = read_lora(path)
    if EMBEDDING in found.pairs:
        raise UnsupportedModel(
            f"{path.name} changes the embedding, which Freehold leaves alone.",
            "`freehold run --adapter` may still use it.",
        )
    return found


def write_lora(file: BinaryIO, lora: Lora) -> int:
    """Write an adapter as a GGUF file, float32, and return how many bytes it has."""
    return write_gguf(file, list(_entries(lora)), list(_tensors(lora.pairs)))


def _entries(lora: Lora) -> Iterator[Entry]:
    said: Iterable[tuple[str, str | None]] = (
        ("general.architecture", lora.architecture),
        ("general.type", ADAPTER),
        ("general.name", lora.name),
        ("adapter.type", "lora"),
        ("general.base_model.0.name", lora.base_name),
        (BASE_DIGEST, lora.base_sha256),
    )
    for key, value in said:
        if value:
            yield Entry(key, ValueType.STRING, value)
    if lora.base_name:
        yield Entry("general.base_model.count", ValueType.UINT32, 1)
    yield Entry("adapter.lora.alpha", ValueType.FLOAT32, lora.alpha)
    yield from lora.more


def _tensors(pairs: Mapping[str, LowRank]) -> Iterator[NewTensor]:
    for name in sorted(pairs):
        yield float32_tensor(name + _A, pairs[name].a)
        yield float32_tensor(name + _B, pairs[name].b)
