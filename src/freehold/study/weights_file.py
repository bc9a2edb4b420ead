"""A model's weight files as their headers describe them, whichever of two formats they are in.

GGUF and safetensors come out as the same plain facts; the header itself is at hand for what only
its own format has. No tensor is loaded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from freehold.errors import FormatError
from freehold.formats.gguf import GgufHeader, read_header
from freehold.formats.safetensors import SafetensorsHeader, read_safetensors
from freehold.formats.split import check_split, split_facts


@dataclass(frozen=True)
class StoredTensor:
    """One tensor in a file."""

    name: str
    shape: tuple[int, ...]
    """Slowest-changing dimension first, as in NumPy: (out, in) for a matrix."""
    type: str
    """How its numbers are packed: a block type of ggml's, or a type of safetensors'."""
    offset: int
    """From the start of its file."""
    size: int
    """Bytes."""
    file: int
    """Which of the files it is in, from 0."""

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class WeightsFile:
    """The files of one model's weights, opened as far as their headers."""

    name: str
    paths: tuple[Path, ...]
    headers: tuple[GgufHeader | SafetensorsHeader, ...]
    tensors: tuple[StoredTensor, ...]

    @property
    def gguf(self) -> GgufHeader | None:
        """The header that says what the model is; None for safetensors."""
        first = self.headers[0]
        return first if isinstance(first, GgufHeader) else None

    @property
    def format(self) -> str:
        """In words: `GGUF 3`, `GGUF 2, big-endian`, `safetensors`."""
        if self.gguf is None:
            return "safetensors"
        order = ", big-endian" if self.gguf.byte_order == "big" else ""
        return f"GGUF {self.gguf.version}{order}"

    @property
    def size(self) -> int:
        """Bytes of the files."""
        return sum(header.file_size for header in self.headers)


def read_weights(name: str, paths: Sequence[Path]) -> WeightsFile:
    """Read the headers of a model's files, in their order. `name` is what to call the model.

    Raises FormatError for a file that is neither, or parts that do not belong together, and
    StorageError where one cannot be read.
    """
    if is_safetensors(paths[0]):
        return _of_safetensors(name, paths)
    first = read_header(paths[0])
    headers: tuple[GgufHeader, ...] = (first,)
    if split_facts(first) is not None:
        headers = (first, *(read_header(path) for path in paths[1:]))
        check_split(headers)
    tensors = tuple(
        StoredTensor(each.name, each.shape[::-1], each.type.name, each.offset, each.size, index)
        for index, header in enumerate(headers)
        for each in header.tensors
    )
    return WeightsFile(name, tuple(paths[: len(headers)]), headers, tensors)


def is_safetensors(path: Path) -> bool:
    """By its name or, where it has none, by how it begins. What cannot be read is not."""
    if path.suffix.lower() == ".safetensors":
        return True
    try:
        with path.open("rb") as file:
            head = file.read(9)
    except OSError:
        return False  # the reader of GGUF files says what is wrong with it
    return not head.startswith(b"GGUF") and head[8:9] == b"{"


def _of_safetensors(name: str, paths: Sequence[Path]) -> WeightsFile:
    headers = tuple(read_safetensors(path) for path in paths)
    tensors = tuple(
        StoredTensor(each.name, each.shape, each.dtype, each.offset, each.size, index)
        for index, header in enumerate(headers)
        for each in header.tensors
    )
    seen: set[str] = set()
    for tensor in tensors:
        if tensor.name in seen:
            raise FormatError(f"Two files of {name} both hold the tensor {tensor.name[:80]!r}.")
        seen.add(tensor.name)
    return WeightsFile(name, tuple(paths), headers, tensors)
