"""The header of another quantization of a model, from its tensor table alone.

Files made from one model differ in how their tensors are packed, and hardly in what comes before:
the vocabulary, which is nearly all of a header. So with one header at hand the others need only the
table, a few kilobytes near the place where the first one has its own. A table is believed when it
lists the same tensors in the same shapes and when they end where the file does; otherwise the
answer is None, and the whole header has to be read.
"""

from __future__ import annotations

import struct
from dataclasses import replace
from types import MappingProxyType

from freehold.errors import FormatError
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_cursor import Cursor
from freehold.formats.gguf_tensors import place, read_entries

SLACK = 32 << 10
"""Bytes by which the metadata of two quantizations may differ in length."""
_ENTRY = 8 + 4 + 4 + 8
"""Bytes of a table's row beside the name and the shape."""
_FILE_TYPE = "general.file_type"


def table_window(base: GgufHeader) -> tuple[int, int]:
    """Where a sibling's tensor table lies, generously: the first byte and the one after the last.

    The first is 0 when the header is so short that it may as well be read whole.
    """
    rows = sum(_ENTRY + len(t.name.encode()) + 8 * len(t.shape) for t in base.tensors)
    begin = base.data_offset - base.alignment - rows - SLACK
    return max(0, begin), base.data_offset + SLACK


def read_sibling(
    base: GgufHeader, window: bytes, begin: int, file_size: int, label: str
) -> GgufHeader | None:
    """The header of a file of `file_size` bytes, of which `window` is what follows byte `begin`."""
    if not base.tensors or base.byte_order != "little":
        return None
    first = base.tensors[0].name.encode()
    start = window.find(struct.pack("<Q", len(first)) + first)
    if start < 0:
        return None
    cursor = Cursor(window, file_size, label)
    cursor.position = start
    try:
        entries = read_entries(cursor, len(base.tensors))
        data_offset = -(-(begin + cursor.position) // base.alignment) * base.alignment
        tensors = place(cursor, entries, data_offset, base.alignment)
    except FormatError:
        return None  # no table there, or a wrong one: reading the whole header will tell
    if {(t.name, t.shape) for t in tensors} != {(t.name, t.shape) for t in base.tensors}:
        return None
    if not 0 <= file_size - max(t.offset + t.size for t in tensors) < base.alignment:
        return None
    metadata = {key: value for key, value in base.metadata.items() if key != _FILE_TYPE}
    types = {key: value for key, value in base.value_types.items() if key != _FILE_TYPE}
    return replace(
        base,
        label=label,
        metadata=MappingProxyType(metadata),
        value_types=MappingProxyType(types),
        tensors=tensors,
        data_offset=data_offset,
        file_size=file_size,
    )
