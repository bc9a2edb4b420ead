"""Server-sent events, as far as llama-server sends them: lines of `data: …`, in HTTP chunks.

Written by hand because each token passes here, while every core is busy making the next one: the
standard library's reader of chunks takes several times as long. Both readers are fed with blocks
of any size, so that they serve whoever waits for a socket in whatever way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class Lines:
    """Finds the data of each event. Comments (pings) and other fields are passed over."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, block: bytes) -> list[bytes]:
        """The data of the events that are whole with this block."""
        *lines, self._rest = (self._rest + block).split(b"\n")
        return [line[5:].strip() for line in lines if line.startswith(b"data:")]


class Chunks:
    """Takes the chunks off a body (RFC 9112, section 7.1)."""

    def __init__(self) -> None:
        self._held = b""
        self.ended = False
        """Whether the last chunk has come."""

    def feed(self, block: bytes) -> bytes:
        """The content that is whole with this block. Raises ValueError when there are no chunks."""
        held, found = self._held + block, b""
        while not self.ended:
            size_line, line_end, after = held.partition(b"\r\n")
            if not line_end:
                break
            size = int(size_line.partition(b";")[0], 16)
            if size == 0:
                self.ended = True
            elif len(after) < size + 2:
                break
            else:
                found += after[:size]
                held = after[size + 2 :]
        self._held = held
        return found


def payloads(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The data of each event in a stream. An event cut short by the end is dropped."""
    lines = Lines()
    for block in blocks:
        yield from lines.feed(block)


def unchunked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The content of a body in chunks. Ends at the last chunk, or where the blocks do."""
    chunks = Chunks()
    for block in blocks:
        if content := chunks.feed(block):
            yield content
        if chunks.ended:
            return
