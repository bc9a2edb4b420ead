"""Server-sent events, as far as llama-server sends them: lines of `data: …`."""

from __future__ import annotations

from collections.abc import Callable, Iterator


def payloads(read: Callable[[], bytes]) -> Iterator[bytes]:
    """The data of each event. `read` gives the next bytes that have come, and b"" at the end.

    Comments (pings) and other fields are passed over. An event cut short by the end is dropped.
    """
    rest = b""
    while block := read():
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()
