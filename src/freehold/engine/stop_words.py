"""Ending an answer at a word, and saying which one it was.

llama-server stops at words by itself but doesn't tell a chat's client at which. Where that is
wanted the words are looked for here: what may be the beginning of one is held back until it is
known, and the answer ends where one is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from freehold.engine.reply import Delta, Finished, Piece, Usage


class StopWords:
    """Reads events through another reader, up to the first of the words."""

    def __init__(
        self,
        read: Callable[[dict[str, Any]], Iterable[Piece]],
        words: tuple[str, ...],
        counts: Callable[[dict[str, Any]], Usage],
    ) -> None:
        """`counts` reads what an answer has taken so far out of an event."""
        self._read = read
        self._words = words
        self._counts = counts
        self._held = ""

    def __call__(self, event: dict[str, Any]) -> list[Piece]:
        """The pieces in one event. After a `Finished` nothing more is to be read."""
        pieces: list[Piece] = []
        for piece in self._read(event):
            if not isinstance(piece, Delta) or piece.reasoning:
                pieces += [*self._let_go(), piece]
                continue
            self._held += piece.text
            if found := first_word(self._held, self._words):
                self._held = self._held[: found[0]]
                end = Finished("stop", self._counts(event), found[1])
                return [*pieces, *self._let_go(), end]
            sure = len(self._held) - _may_begin(self._held, self._words)
            if sure:
                pieces.append(Delta(self._held[:sure], False, piece.chances))
                self._held = self._held[sure:]
        return pieces

    def _let_go(self) -> list[Piece]:
        held, self._held = self._held, ""
        return [Delta(held)] if held else []


def first_word(text: str, words: tuple[str, ...]) -> tuple[int, str] | None:
    """Where the first of the words begins in a text, and which it is."""
    found = [(place, word) for word in words if (place := text.find(word)) >= 0]
    return min(found, default=None)


def _may_begin(text: str, words: tuple[str, ...]) -> int:
    """How many last characters may be the beginning of a word."""
    longest = max(map(len, words), default=1) - 1
    for count in range(min(longest, len(text)), 0, -1):
        if any(word.startswith(text[-count:]) for word in words):
            return count
    return 0
