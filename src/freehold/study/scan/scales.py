"""Scales that are not finite: one of them makes a whole block of weights useless.

The file is mapped, and only its scales are read, a strip at a time.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from freehold.formats.gguf import GgufHeader, TensorInfo
from freehold.formats.scale_places import SCALE_PLACES
from freehold.progress import SILENT, Progress
from freehold.study.scan.finding import Finding, Severity, excerpt

_STRIP = 1 << 24
"""Bytes looked at in one go."""
_WHOLE_NUMBERS = {"f2": "u2", "bf2": "u2", "f4": "u4", "f8": "u8"}
_EXPONENT = {"f2": 0x7C00, "bf2": 0x7F80, "f4": 0x7F800000, "f8": 0x7FF0000000000000}


def scale_findings(
    header: GgufHeader, path: Path, label: str, progress: Progress = SILENT
) -> Iterator[Finding]:
    """A finding for each tensor with scales that are not finite."""
    tensors = [tensor for tensor in header.tensors if tensor.type.name in SCALE_PLACES]
    total = sum(tensor.size for tensor in tensors)
    if not tensors:
        return
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
        progress.task(f"Looking through {label}", total) as task,
    ):
        for tensor in tensors:
            bad, first = _count(mapped, tensor, header.byte_order)
            task.advance(tensor.size)
            if bad:
                yield _finding(tensor, bad, first, label)


def unchecked(header: GgufHeader) -> tuple[str, ...]:
    """The types in it whose scales are not looked at."""
    floats = {tensor.type.name for tensor in header.tensors} - SCALE_PLACES.keys()
    return tuple(sorted(name for name in floats if not name.startswith("I") or name[1] == "Q"))


def _count(mapped: mmap.mmap, tensor: TensorInfo, order: str) -> tuple[int, int]:
    """How many scales are not finite, and the byte in the file where the first is."""
    kind, places = SCALE_PLACES[tensor.type.name]
    number = np.dtype(_WHOLE_NUMBERS[kind]).newbyteorder("<" if order == "little" else ">")
    block = tensor.type.bytes
    bad, first = 0, -1
    step = max(1, _STRIP // block)
    for begin in range(0, tensor.size // block, step):
        count = min(step, tensor.size // block - begin)
        at = tensor.offset + begin * block
        for place in places:
            # A view of the scales alone; it has to go before the map can be closed.
            scales = np.ndarray((count,), number, mapped, at + place, (block,))
            wrong = (scales & _EXPONENT[kind]) == _EXPONENT[kind]
            del scales
            here = int(np.count_nonzero(wrong))
            if here and first < 0:
                first = at + int(np.argmax(wrong)) * block + place
            bad += here
    return bad, first


def _finding(tensor: TensorInfo, bad: int, first: int, label: str) -> Finding:
    numbers = "numbers" if tensor.type.elements == 1 else "scales"
    return Finding(
        Severity.SUSPICIOUS,
        f"{label}: tensor {excerpt(tensor.name)!r}, byte {first:,}",
        f"{bad:,} of its {numbers} are not finite (infinite, or no number).",
        "The model answers with nonsense, or the program that runs it ends.",
        "It is damaged or was badly made: `freehold verify` tells whether it changed; get another.",
    )
