"""Server-sent events, as far as llama-server sends them: lines of `data: …`, in HTTP chunks.

Written by hand because each token passes here, while every core is busy making the next one: the
standard library's reader of chunks takes several times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def payloads(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The data of each event in a stream that arrives in blocks of any size.

    Comments (pings) and other fields are passed over. An event cut short by the end is dropped.
    """
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()


def unchunked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The content of a body in chunks (RFC 9112, section 7.1), as it comes in blocks of any size.

    Ends at the last chunk, or where the blocks do. Raises ValueError when they are not chunks.
    """
    held = b""
    for block in blocks:
        held += block
        while True:
            size_line, line_end, after = held.partition(b"\r\n")
            if not line_end:
                break
            size = int(size_line.partition(b";")[0], 16)
            if size == 0:
                return
            if len(after) < size + 2:
                break
            yield after[:size]
            held = after[size + 2 :]
