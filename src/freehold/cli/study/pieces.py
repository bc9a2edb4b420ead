"""Tokens in running text on a terminal."""

from __future__ import annotations

from collections.abc import Iterator


def lines(shown: str) -> Iterator[str]:
    """A token as it is shown, with a line end after each sign for one."""
    before, *after = shown.split("⏎")
    yield before
    for part in after:
        yield "⏎\n"
        yield part
