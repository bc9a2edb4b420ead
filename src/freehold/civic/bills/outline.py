"""Printed paragraphs as an outline: every token becomes a piece, and gets its level."""

from __future__ import annotations

import re

from freehold.civic.bills.labels import Levels
from freehold.civic.bills.paragraphs import Paragraph
from freehold.civic.bills.pieces import Outline, Piece
from freehold.civic.bills.tokens import Token, Tokens

_LIST_ENDS = re.compile(r"(?:[;,]|[;,]\s*(?:and|or|and/or))\s*$")
_WIDTHS = {
    "division": -7,
    "title": -6,
    "subtitle": -5,
    "chapter": -4,
    "subchapter": -3,
    "article": -3,
    "part": -2,
    "subpart": -1,
}
_GROUPS = re.compile("|".join(sorted(_WIDTHS, key=len, reverse=True)), re.IGNORECASE)
_MOST_FRONT = 0.5
"""The share of a text that a title page takes at most."""
AHEAD = 80
"""How many labels are looked at to tell the letter i from the Roman one."""


def outline(text: str, paragraphs: list[Paragraph]) -> Outline:
    """The pieces of a printed bill."""
    tokens = Tokens(text, paragraphs).read()
    pieces: list[Piece] = []
    ahead = _labels_ahead(tokens)
    levels = [Levels(), Levels()]
    depth = 0
    for place, token in enumerate(tokens):
        if token.depth > depth or token.kind in ("section", "group"):
            for inner in levels[token.depth :]:
                inner.open.clear()
        depth = token.depth
        if token.kind == "words":
            _put_words(text, token, pieces)
            continue
        if token.kind == "section":
            level = 0
        elif token.kind == "group":
            level = _group_level(text[slice(*token.heading)])
        else:
            if token.level:
                del levels[depth].open[token.level - 1 :]
            level = levels[depth].place(token.label, ahead[place])
        pieces.append(Piece(token.label, level, depth, token.start, token.body, token.heading))
    return Outline(text, _without_front(text, pieces))


def _without_front(text: str, pieces: list[Piece]) -> list[Piece]:
    """The pieces from the first section on: what is before it is the title page, save `Whereas`."""
    first = next((place for place, piece in enumerate(pieces) if piece.is_section), 0)
    is_excerpt = first and pieces[first].label != "1" and any(each.label for each in pieces[:first])
    if is_excerpt or (first and pieces[first].start > len(text) * _MOST_FRONT):
        return pieces  # no title page has numbered parts, or is so long
    front = [
        piece
        for piece in pieces[:first]
        if text[slice(*piece.body)].lstrip().lower().startswith("whereas")
        or (piece.level < 0 and piece is pieces[first - 1])
    ]
    return front + pieces[first:]


def _group_level(heading: str) -> int:
    """How wide a title, a chapter or the like is: from -7 up to -1."""
    found = _GROUPS.match(heading)
    return _WIDTHS[found[0].lower()] if found else -6


def _labels_ahead(tokens: list[Token]) -> list[list[str]]:
    """For each token, the labels that follow it in the same section and depth."""
    ahead: list[list[str]] = [[] for _ in tokens]
    for depth in (0, 1):
        following: list[str] = []
        for place in range(len(tokens) - 1, -1, -1):
            token = tokens[place]
            if token.depth != depth:
                continue
            if token.kind == "label":
                ahead[place] = following[: -AHEAD - 1 : -1]
                following.append(token.label)
                if len(following) > 4 * AHEAD:
                    del following[:-AHEAD]
            elif token.kind in ("section", "group"):
                following = []
    return ahead


def _put_words(text: str, token: Token, pieces: list[Piece]) -> None:
    """Words without a label: those of the piece before them, or what follows its list."""
    before = pieces[-1] if pieces else None
    start, end = token.body
    if before is None or before.level < 0 or before.depth != token.depth:
        level = _level_back(pieces, token.depth)
        pieces.append(Piece("", level, token.depth, token.start, token.body, token.heading))
        return
    if before.label and before.body[0] >= before.body[1]:
        before.body = (start, end)
        return
    ends_list = before.level > 0 and _LIST_ENDS.search(text, before.body[0], before.body[1])
    goes_on = text[start : start + 1].islower()
    level = before.level if (ends_list and goes_on) or not before.label else before.level + 1
    pieces.append(Piece("", level, token.depth, token.start, token.body))


def _level_back(pieces: list[Piece], depth: int) -> int:
    """Where words go on that come back from law that was quoted, or after a chapter's heading."""
    for piece in reversed(pieces):
        if piece.depth == depth:
            return max(1, piece.level if not piece.label else piece.level + 1)
    return 1 if depth == 0 else 0
