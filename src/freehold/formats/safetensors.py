"""Read the header of a safetensors file, the format that models are trained and published in.

It is a 64-bit length, that many bytes of JSON, then the tensors' bytes. The rules are those of the
format itself: tensors follow one another without a gap and fill the file to its last byte. Nothing
is trusted, and whatever is wrong is one FormatError that names the file. No tensor is loaded.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from freehold.errors import FormatError
from freehold.formats.gguf_cursor import quoted
from freehold.formats.opened import opened
from freehold.formats.strict_json import MAX_BYTES, parse_object

DTYPES: Mapping[str, int] = MappingProxyType(
    {
        "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "F8_E8M0": 8, "F8_E4M3": 8, "F8_E5M2": 8, "BOOL": 8,
        "U8": 8, "I8": 8, "U16": 16, "I16": 16, "F16": 16, "BF16": 16, "U32": 32, "I32": 32,
        "F32": 32, "U64": 64, "I64": 64, "F64": 64, "C64": 64,
    }
)  # fmt: skip
"""Bits that one number takes, by the names the format has for its types."""

_MAX_DIMENSIONS = 16
_LENGTH = 8
_HINT = "It is damaged, unfinished, or was made to do harm: fetch it again."


@dataclass(frozen=True)
class SafeTensor:
    """One tensor, as the header describes it."""

    name: str
    shape: tuple[int, ...]
    """Slowest-changing dimension first, as in NumPy."""
    dtype: str
    offset: int
    """Where its bytes start, counted from the start of the file."""
    size: int
    """Bytes."""

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class SafetensorsHeader:
    """Everything a safetensors file says about itself."""

    label: str
    metadata: Mapping[str, str]
    tensors: tuple[SafeTensor, ...]
    """In the order of their bytes."""
    data_offset: int
    file_size: int


def read_safetensors(path: str | os.PathLike[str]) -> SafetensorsHeader:
    """Read the header of the file at `path`.

    Raises FormatError when it is not well-formed, StorageError when it cannot be read.
    """
    path = Path(path)
    with opened(path) as (file, size):
        length = int.from_bytes(file.read(_LENGTH), "little")
        if not 2 <= length <= min(size - _LENGTH, MAX_BYTES):
            raise _wrong(str(path), f"its header claims {length:,} bytes of its {size:,}")
        data = file.read(length)
    return parse_safetensors(data, size, str(path))


def parse_safetensors(data: bytes, file_size: int, label: str = "The file") -> SafetensorsHeader:
    """Read a header from its JSON. `file_size` is the whole file's. Raises FormatError."""
    if not data.startswith(b"{"):
        raise _wrong(label, "its header does not begin with a brace")
    entries = parse_object(data, f"The header of {label}")
    metadata = _metadata(entries.pop("__metadata__", {}), label)
    start = _LENGTH + len(data)
    tensors = sorted(
        (_tensor(name, entry, start, label) for name, entry in entries.items()),
        key=lambda tensor: (tensor.offset, tensor.size),
    )
    end = start
    for tensor in tensors:
        if tensor.offset != end:
            what = "overlaps the one before" if tensor.offset < end else "leaves a gap before it"
            raise _wrong(label, f"tensor {quoted(tensor.name)} {what}, at byte {tensor.offset:,}")
        end += tensor.size
    if end != file_size:
        raise _wrong(label, f"its tensors end at byte {end:,}, and it has {file_size:,}")
    return SafetensorsHeader(
        label=label,
        metadata=MappingProxyType(metadata),
        tensors=tuple(tensors),
        data_offset=start,
        file_size=file_size,
    )


def _metadata(value: Any, label: str) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(word, str) for word in value.values()):
        raise _wrong(label, "its metadata is not a table of texts")
    return value


def _tensor(name: str, entry: Any, start: int, label: str) -> SafeTensor:
    tensor = f"tensor {quoted(name)}"
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise _wrong(label, f"{tensor} is not described by a type, a shape and two offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise _wrong(label, f"{tensor} is of the unknown type {quoted(str(dtype))}")
    if not _counts(shape) or len(shape) > _MAX_DIMENSIONS:
        raise _wrong(label, f"{tensor} has an impossible shape")
    if not _counts(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise _wrong(label, f"{tensor} has impossible offsets")
    size = offsets[1] - offsets[0]
    if math.prod(shape) * DTYPES[dtype] != 8 * size:
        raise _wrong(label, f"{tensor} has {size:,} bytes, which its shape and type do not make")
    return SafeTensor(name, tuple(shape), dtype, start + offsets[0], size)


def _counts(value: Any) -> bool:
    """Whether it is a list of whole numbers that a file could hold."""
    return isinstance(value, list) and all(type(n) is int and 0 <= n < 1 << 63 for n in value)


def _wrong(label: str, what: str) -> FormatError:
    return FormatError(f"{label} is not a well-formed safetensors file: {what}.", _HINT)
