"""Arithmetic of byte ranges: what is there, what is missing, how to share out the rest.

A range is a pair (start, end) in bytes, the end not included. Knows nothing of files or networks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

CHUNK_SIZE = 1 << 20
"""The grain in which chunk hashes are made and segments are cut: 1 MiB."""
SMALLEST_SEGMENT = 4 << 20
LARGEST_SEGMENT = 64 << 20

Range = tuple[int, int]

_CONTENT_RANGE = re.compile(r"\s*bytes\s+(\d+)-(\d+)/(\d+|\*)\s*", re.I)


class Spans:
    """A set of byte ranges, kept sorted and joined."""

    def __init__(self, pairs: Iterable[Range] = ()) -> None:
        self._pairs: list[Range] = []
        for start, end in pairs:
            self.add(start, end)

    @property
    def pairs(self) -> tuple[Range, ...]:
        """The ranges in order; none touches the next."""
        return tuple(self._pairs)

    @property
    def total(self) -> int:
        """Bytes covered."""
        return sum(end - start for start, end in self._pairs)

    def add(self, start: int, end: int) -> int:
        """Cover [start, end); the bytes that were not covered before."""
        if end <= start:
            return 0
        before = self.total
        joined: list[Range] = []
        for low, high in self._pairs:
            if high < start or low > end:
                joined.append((low, high))
            else:
                start, end = min(start, low), max(end, high)
        joined.append((start, end))
        self._pairs = sorted(joined)
        return self.total - before

    def remove(self, start: int, end: int) -> int:
        """Uncover [start, end); the bytes that were covered before."""
        if end <= start:
            return 0
        before = self.total
        cut: list[Range] = []
        for low, high in self._pairs:
            cut += [
                pair for pair in ((low, min(high, start)), (max(low, end), high)) if _real(pair)
            ]
        self._pairs = cut
        return before - self.total

    def missing(self, start: int, end: int) -> list[Range]:
        """The ranges within [start, end) that are not covered, in order."""
        gaps: list[Range] = []
        for low, high in self._pairs:
            if high <= start:
                continue
            if low >= end:
                break
            if low > start:
                gaps.append((start, low))
            start = high
        if start < end:
            gaps.append((start, end))
        return gaps


@dataclass(frozen=True)
class ContentRange:
    """The header of that name, with the end not included. `size` is None when sent as `*`."""

    start: int
    end: int
    size: int | None


def parse_content_range(text: str | None) -> ContentRange | None:
    """Read a `Content-Range: bytes 0-3/4` header. None where it is absent or makes no sense."""
    found = _CONTENT_RANGE.fullmatch(text or "")
    if not found:
        return None
    start, last = int(found[1]), int(found[2])
    size = None if found[3] == "*" else int(found[3])
    if last < start or (size is not None and last >= size):
        return None
    return ContentRange(start, last + 1, size)


def segments(gaps: Iterable[Range], connections: int) -> list[Range]:
    """Cut what is missing into pieces to ask for one at a time, on chunk borders.

    Small enough that the connections finish together, large enough that the waiting between two
    requests does not count.
    """
    gaps = list(gaps)
    missing = sum(end - start for start, end in gaps)
    share = missing // (connections * 4)
    step = min(max(share, SMALLEST_SEGMENT), LARGEST_SEGMENT) // CHUNK_SIZE * CHUNK_SIZE
    cut: list[Range] = []
    for low, end in gaps:
        start = low
        while start < end:
            border = min(start // CHUNK_SIZE * CHUNK_SIZE + step, end)
            cut.append((start, border))
            start = border
    return cut


def _real(pair: Range) -> bool:
    return pair[0] < pair[1]
