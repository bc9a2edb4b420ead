"""One request for a part of a file: is the answer what was asked for, and are its bytes flowing?

Trusts no server: an answer with another range, another size, a compressed body, a web page or
more bytes than asked is refused. It decides nothing about what to ask next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from freehold.errors import HashMismatch, SourceError, Unreachable
from freehold.transfer.backoff import retry_after
from freehold.transfer.ranges import parse_content_range
from freehold.transfer.response import Response

BLOCK = 256 << 10
"""The most that is read at a time, in bytes."""


@dataclass(frozen=True)
class Opening:
    """What the head of an answer says of its body."""

    start: int
    """Where in the file the body begins."""
    end: int | None
    """Where it ends, not included. None when the server does not say."""
    size: int | None
    """The size of the whole file."""
    ranged: bool
    """Whether the server gave just the part that was asked for."""


class Busy(Exception):  # noqa: N818  # never leaves this room
    """The server asked for patience, or failed in a way that may pass."""

    def __init__(self, error: Unreachable, wait: float | None) -> None:
        super().__init__(error.message)
        self.error, self.wait = error, wait


def check_opening(
    response: Response, start: int, end: int | None, size: int | None, what: str
) -> Opening:
    """Hold an answer to a request for [start, end) against what was asked, and what is known.

    Raises Busy when it may be asked again, HashMismatch when it has a file of another size, and
    another SourceError when it cannot be used.
    """
    host = response.host
    if response.status not in (200, 206):
        error = response.error(what)
        if response.status in (408, 425) or isinstance(error, Unreachable):
            passing = error if isinstance(error, Unreachable) else Unreachable(error.message)
            raise Busy(passing, retry_after(response.header("Retry-After")))
        raise error
    if response.is_html:
        raise SourceError(f"{host} answered with a web page where {what} was expected.")
    if response.is_encoded:
        raise SourceError(f"{host} sent {what} compressed, which was not asked for.")
    opening = _part(response, start, end) if response.status == 206 else _whole(response)
    if size is not None and opening.size is not None and opening.size != size:
        raise HashMismatch(
            f"{host} has {what} with {opening.size:,} bytes where {size:,} were promised.",
            "It is another file, or a newer one: look the model up again, or use another source.",
        )
    return opening


def blocks(
    response: Response, opening: Opening, largest: int, stopped: Callable[[], bool]
) -> Iterator[tuple[int, bytes]]:
    """Each block of the body with its position in the file.

    Raises Unreachable when it ends early, SourceError when it goes on past its end.
    """
    position = opening.start
    while not stopped():
        block = response.read(largest)
        if not block:
            break
        if opening.end is not None and position + len(block) > opening.end:
            raise SourceError(f"{response.host} sent more bytes than it was asked for.")
        yield position, block
        position += len(block)
    if not stopped() and opening.end is not None and position < opening.end:
        raise Unreachable(f"{response.host} broke off before the end.")


def _part(response: Response, start: int, end: int | None) -> Opening:
    found = parse_content_range(response.header("Content-Range"))
    if found is None or found.size is None:
        raise SourceError(f"{response.host} sent a part without saying which.")
    expected = found.size if end is None else min(end, found.size)
    if (found.start, found.end) != (start, expected):
        raise SourceError(
            f"{response.host} sent the bytes {found.start:,} to {found.end:,} "
            f"when asked for {start:,} to {expected:,}."
        )
    if response.length not in (None, found.end - found.start):
        raise SourceError(f"{response.host} announces a part of one length and sends another.")
    return Opening(found.start, found.end, found.size, ranged=True)


def _whole(response: Response) -> Opening:
    return Opening(0, response.length, response.length, ranged=False)
