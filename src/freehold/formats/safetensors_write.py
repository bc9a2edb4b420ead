"""Write a safetensors file, tensor by tensor: a length, a header of JSON, the tensors' bytes."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from freehold.errors import FormatError
from freehold.formats.gguf_cursor import quoted
from freehold.formats.safetensors import DTYPES


@dataclass(frozen=True)
class NewSafeTensor:
    """One tensor to be written, with a function that gives its bytes when called."""

    name: str
    shape: tuple[int, ...]
    """Slowest-changing dimension first, as in NumPy."""
    dtype: str
    pieces: Callable[[], Iterable[bytes | memoryview]]

    @property
    def size(self) -> int:
        """Bytes."""
        return math.prod(self.shape) * DTYPES[self.dtype] // 8


def write_safetensors(file: BinaryIO, tensors: Sequence[NewSafeTensor]) -> int:
    """Write a whole file, its tensors in the order given, and return how many bytes it has.

    Raises FormatError when a tensor gives another number of bytes than it has.
    """
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for tensor in tensors:
        begin, end = end, end + tensor.size
        header[tensor.name] = {
            "dtype": tensor.dtype,
            "shape": list(tensor.shape),
            "data_offsets": [begin, end],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    written = file.write(struct.pack("<Q", len(text)) + text)
    for tensor in tensors:
        given = sum(file.write(piece) for piece in tensor.pieces())
        if given != tensor.size:
            raise FormatError(
                f"No well-formed safetensors file can be written: tensor {quoted(tensor.name)} "
                f"got {given:,} bytes, not {tensor.size:,}."
            )
        written += given
    return written
