"""One tensor where it lies in a file, of either format: read a few rows at a time, never whole.

Files are read, not mapped, so that what has been read is not held. Only a tensor whose rows are
wanted in another order is held whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from freehold.errors import StorageError, UnsupportedModel
from freehold.formats.blocks.layout import Bytes
from freehold.formats.gguf import TensorInfo
from freehold.formats.gguf_cursor import quoted
from freehold.formats.gguf_types import TYPES_BY_NAME, BlockType
from freehold.formats.safetensors import SafeTensor

Order = NDArray[np.intp]
PLAIN = ("F32", "F16", "BF16")
"""Types of numbers that have the same name in both formats."""
_STRIP = 2 << 20
"""Numbers in a strip: 8 MB of float32."""


@dataclass(frozen=True)
class Stored:
    """A tensor's place and shape."""

    name: str
    path: Path
    offset: int
    shape: tuple[int, ...]
    """Slowest-changing dimension first, as in NumPy."""
    type: BlockType

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def size(self) -> int:
        """Bytes."""
        return self.elements // self.type.elements * self.type.bytes

    def strips(self, order: Order | None = None) -> Iterator[Bytes]:
        """Its bytes, (rows, bytes of a row); with `order`, row `order[i]` in the place of row i.

        A vector is one row, and with `order` as many rows as it has numbers. Raises StorageError.
        """
        width = self.shape[-1] if self.shape else 1
        if order is not None and len(self.shape) == 1:
            width = 1
        row = width // self.type.elements * self.type.bytes
        rows = self.elements // width
        step = max(1, _STRIP // width)
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                if order is not None:
                    whole = self._take(file, rows, row)
                    yield from (whole[order[at : at + step]] for at in range(0, rows, step))
                    return
                for at in range(0, rows, step):
                    yield self._take(file, min(step, rows - at), row)
        except OSError as error:
            raise StorageError(f"{self.path} cannot be read: {error.strerror}.") from error

    def _take(self, file: BinaryIO, rows: int, row: int) -> Bytes:
        data = file.read(rows * row)
        if len(data) != rows * row:
            raise StorageError(f"{self.path} became shorter while it was read.")
        return np.frombuffer(data, np.uint8).reshape(rows, row)


def of_safetensors(path: Path, tensor: SafeTensor) -> Stored:
    """A tensor of a safetensors file. Raises UnsupportedModel for numbers that are not plain."""
    if tensor.dtype not in PLAIN:
        raise UnsupportedModel(
            f"{path.name} has {quoted(tensor.name)} of type {tensor.dtype}: it is not converted.",
            f"Tensors of the types {', '.join(PLAIN)} are: look for the checkpoint in one of them.",
        )
    block = TYPES_BY_NAME[tensor.dtype]
    return Stored(tensor.name, path, tensor.offset, tensor.shape, block)


def of_gguf(path: Path, tensor: TensorInfo) -> Stored:
    """A tensor of a little-endian GGUF file."""
    return Stored(tensor.name, path, tensor.offset, tensor.shape[::-1], tensor.type)
