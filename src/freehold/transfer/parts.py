"""Just some parts of a remote file, in memory, a few MiB at a time: what a repair needs.

A server that gives parts is asked for each stretch; from one that only gives the whole, the whole
is read and the rest thrown away. What arrives is for the caller to prove.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from freehold.errors import HashMismatch, NotFound
from freehold.transfer.answer import BLOCK, Busy, blocks, check_opening
from freehold.transfer.http import HttpClient
from freehold.transfer.interface import RemoteFile
from freehold.transfer.ranges import parse_content_range
from freehold.transfer.rate import TokenBucket
from freehold.transfer.response import Response

Part = tuple[int, int]
"""Where a part begins and ends in the file, in bytes, the end not included."""
_LONGEST = 32 << 20
"""Neighbouring parts are asked for in one request up to so many bytes."""


@dataclass(frozen=True)
class Served:
    """How one address serves a file."""

    url: str
    ranged: bool
    """Whether it gives parts. If not, every byte must be read."""


def look_at(client: HttpClient, remote: RemoteFile, url: str, size: int) -> Served:
    """Ask an address of `remote` for one byte: is it there, as large, and does it give parts?

    Raises SourceError, and HashMismatch when it has a file of another size than `size`.
    """
    headers = {**remote.headers_for(url), "Range": "bytes=0-0"}
    with client.document(url, headers, ok=(200, 206)) as response:
        if response.is_html:
            raise NotFound(f"{response.host} has a web page there, not the file.")
        part = parse_content_range(response.header("Content-Range"))
        ranged = response.status == 206
        found = part.size if ranged and part else response.length
        if found not in (None, size):
            raise HashMismatch(
                f"{response.host} has a file of {found:,} bytes there; this one has {size:,}."
            )
    return Served(url, ranged)


class PartReader:
    """Reads parts of files and counts what came over the wire, in `received`."""

    def __init__(self, client: HttpClient, limit: float | None = None) -> None:
        """`limit` is in bytes per second; None is no cap."""
        self._client = client
        self._bucket = TokenBucket(limit) if limit else None
        self.received = 0

    def read(
        self,
        remote: RemoteFile,
        url: str,
        parts: Sequence[Part],
        size: int,
        wanted: Callable[[], bool] = lambda: True,
    ) -> Iterator[tuple[Part, bytes]]:
        """Each of the parts with its bytes, in order; `parts` are sorted and don't overlap.

        Ends early when `wanted` says no. Raises SourceError, or HashMismatch for a file of another
        size; what was given until then is good for use.
        """
        left = list(parts)
        while left and wanted():
            run = _run(left)
            with self._open(remote, url, run) as response:
                try:
                    opening = check_opening(response, run[0][0], run[-1][1], size, "the file")
                except Busy as busy:
                    raise busy.error from busy
                if opening.start == 0 and not opening.ranged:
                    run = left  # the whole is on its way: all that is wanted is in it
                stream = self._counted(blocks(response, opening, BLOCK, lambda: not wanted()))
                yield from _cut(stream, run)
            left = left[len(run) :]

    def _open(self, remote: RemoteFile, url: str, run: Sequence[Part]) -> Response:
        headers = {**remote.headers_for(url), "Range": f"bytes={run[0][0]}-{run[-1][1] - 1}"}
        return self._client.document(url, headers, ok=(200, 206))

    def _counted(self, stream: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        for position, block in stream:
            self.received += len(block)
            if self._bucket is not None:
                time.sleep(self._bucket.reserve(len(block)))
            yield position, block


def _run(parts: Sequence[Part]) -> list[Part]:
    """The first parts that follow each other without a gap."""
    run = [parts[0]]
    for part in parts[1:]:
        if part[0] != run[-1][1] or part[1] - run[0][0] > _LONGEST:
            break
        run.append(part)
    return run


def _cut(
    stream: Iterator[tuple[int, bytes]], parts: Sequence[Part]
) -> Iterator[tuple[Part, bytes]]:
    """Cut a stream of blocks into the parts. Ends with the last of them, or with the stream."""
    todo = list(parts)
    held = bytearray()
    for position, block in stream:
        while todo:
            begin, end = todo[0]
            low, high = max(begin + len(held), position), min(end, position + len(block))
            if low >= high:
                break
            held += block[low - position : high - position]
            if len(held) < end - begin:
                break
            yield todo.pop(0), bytes(held)
            held.clear()
        if not todo:
            return
