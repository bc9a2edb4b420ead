"""The branches of a chat template: what is written only when a condition holds.

Pieces in the order they stand are made into branches, each with its condition and all that is
inside it, further branches included. An `else` has no condition of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from freehold.study.template.lexer import Piece, Word, WordKind


@dataclass(frozen=True)
class Branch:
    """What happens if `condition` holds; with no words, where those before it do not."""

    condition: tuple[Word, ...]
    body: tuple[Piece, ...]
    at: int


def branches(pieces: tuple[Piece, ...]) -> Iterator[Branch]:
    """Every `if`, `elif` and `else` with what it leads to, and every `x if y` within an output."""
    for index, piece in enumerate(pieces):
        if piece.starts("if", "elif"):
            body = tuple(_body(islice(pieces, index + 1, None)))
            yield Branch(piece.words[1:], body, piece.at)
        elif piece.starts("else"):
            yield Branch((), tuple(_body(islice(pieces, index + 1, None))), piece.at)
        elif (inline := _inline_condition(piece.words)) is not None:
            yield Branch(inline, (piece,), piece.at)


def reached_by(pieces: tuple[Piece, ...], *sources: str) -> frozenset[str]:
    """The names that hold what `sources` hold, or something made of it: `set x = content | trim`.

    A source is a name, or a key in quotes, as in `message['content']`.
    """
    reached = set(sources)
    for _ in range(3):  # a name may be set from one that is set further below
        before = len(reached)
        for piece in pieces:
            if piece.starts("set", "for"):
                reached |= _set_from(piece.words, reached)
        if len(reached) == before:
            break
    return frozenset(reached)


def mentions(words: tuple[Word, ...], names: frozenset[str]) -> bool:
    """Whether one of these names, or a key spelled like it, is among the words."""
    kinds = {WordKind.NAME, WordKind.STRING}
    return any(word.kind in kinds and word.text in names for word in words)


def _body(pieces: Iterable[Piece]) -> Iterator[Piece]:
    depth = 0
    for piece in pieces:
        if depth == 0 and piece.starts("elif", "else", "endif"):
            return
        depth += piece.starts("if", "for") - piece.starts("endif", "endfor")
        yield piece


def _inline_condition(words: tuple[Word, ...]) -> tuple[Word, ...] | None:
    for index, word in enumerate(words):
        if index and word.is_name("if"):
            rest = words[index + 1 :]
            end = next((n for n, each in enumerate(rest) if each.is_name("else")), len(rest))
            return rest[:end]
    return None


def _set_from(words: tuple[Word, ...], reached: set[str]) -> set[str]:
    """The names that a `set` or `for` gives a value that comes from what was reached."""
    sign = "=" if words[0].text == "set" else "in"
    split = next((n for n, word in enumerate(words) if word.text == sign), None)
    if split is None or (words[split + 1 : split + 2] and words[split + 1].is_name("namespace")):
        return set()  # one bag for everything: each thing in it is set by its own name
    if not mentions(words[split + 1 :], frozenset(reached)):
        return set()
    targets = words[1:split]
    last = [
        word.text
        for n, word in enumerate(targets)
        if word.kind is WordKind.NAME and not (n + 1 < len(targets) and targets[n + 1].text == ".")
    ]
    return set(last)
