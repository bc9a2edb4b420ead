"""An outline cut into sections and clauses: what is cited, what is classed, what governs it."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from freehold.civic.bills.bill import Change, Clause, Section, Stretch
from freehold.civic.bills.pieces import Outline, Piece
from freehold.civic.bills.sentences import sentences

_OPENS = re.compile(r"(?:[—–:-]|\bfollowing\b[^.]{0,40}[.]?|[^.;!?”\"'\s])\s*$", re.IGNORECASE)
_OPENS_ANY = re.compile(r"(?:[—–:]|--)\s*$")
"""What opens a list whose parts have no numbers."""
_TARGET = re.compile(
    r"(?:Section|section|§)\s*(\d[\w.:–-]*\w|\d)((?:\([A-Za-z0-9]+\))*)[^;]{0,200}?\bamended\b"
)

_CONNECTS = re.compile(r"[\W_]*(?:and|or)?[\W_]*")


@dataclass(slots=True)
class _Open:
    """A piece that is not yet closed."""

    piece: Piece
    path: str
    opens: tuple[int, int] | None
    section: int = -1
    target: str | None = None
    """The section of other law that its words amend; None until it was looked for."""


@dataclass(slots=True)
class Cut:
    """What the cutting gives."""

    sections: list[Section] = field(default_factory=list)
    clauses: list[Clause] = field(default_factory=list)


def cut(outline: Outline, stretches: list[Stretch]) -> Cut:
    """Sections with their extent, and clauses with the words that govern each."""
    result = Cut()
    changes = _Changes(stretches)
    stack: list[_Open] = []
    ends: dict[int, int] = {}
    pieces = outline.pieces
    for place, piece in enumerate(pieces):
        while stack and _closes(piece, stack[-1].piece):
            _close(stack.pop(), piece.start, ends)
        following = pieces[place + 1] if place + 1 < len(pieces) else None
        opened = _Open(piece, _path(stack, piece, outline.text), None)
        headings = _headings(stack, piece, outline.text)
        parts = sentences(outline.text, *piece.body)
        if parts and _governs(outline.text, piece, following, parts[-1]):
            opened.opens = parts.pop()
        governed = tuple(
            above.opens for above in stack if above.opens and above.piece.depth == piece.depth
        )
        for start, end in parts:
            result.clauses.append(
                Clause(
                    opened.path,
                    start,
                    end,
                    governed,
                    headings,
                    changes.of(outline.text, start, end),
                )
            )
        if piece.label:
            opened.section = len(result.sections)
            heading = outline.text[slice(*piece.heading)].strip().rstrip(".—–-: ")
            result.sections.append(
                Section(opened.path, heading, piece.start, piece.start, max(0, piece.level))
            )
        stack.append(opened)
    while stack:
        _close(stack.pop(), len(outline.text.rstrip()), ends)
    result.sections = [
        Section(section.path, section.heading, section.start, ends[place], section.level)
        for place, section in enumerate(result.sections)
    ]
    return result


def _close(opened: _Open, at: int, ends: dict[int, int]) -> None:
    if opened.section >= 0:
        ends[opened.section] = max(at, opened.piece.start)


def _closes(piece: Piece, above: Piece) -> bool:
    """Whether a piece stands beside or above an open one, and not under it."""
    if piece.depth != above.depth:
        return piece.depth < above.depth
    if above.level < 0:
        return piece.level < 0 and piece.level <= above.level
    return piece.level <= above.level


def _governs(text: str, piece: Piece, following: Piece | None, last: tuple[int, int]) -> bool:
    """Whether a piece's last sentence opens the list under it."""
    if following is None or following.depth != piece.depth or following.level <= piece.level:
        return False
    opens = _OPENS if following.label else _OPENS_ANY
    return opens.search(text, *last) is not None


def _path(stack: list[_Open], piece: Piece, text: str) -> str:
    if piece.level < 0:
        return stack[-1].path if stack else ""
    above = [opened for opened in stack if opened.piece.level >= 0]
    outer = above[-1] if above else None
    if not piece.label:
        return outer.path if outer else ""
    if piece.depth and (outer is None or outer.piece.depth < piece.depth):
        before = f"{outer.path} → " if outer and outer.path else ""
        if piece.level == 0:
            return f"{before}§ {piece.label}"
        return f"{before}{_target(stack, piece.label, text)}"
    if piece.level == 0:
        prefix = outer.path.rpartition(" → ")[0] if outer and piece.depth else ""
        return f"{prefix} → § {piece.label}" if prefix else f"§ {piece.label}"
    return _joined(outer.path if outer else "", piece.label)


def _joined(path: str, label: str) -> str:
    """`§ 3` and `(b)`: `§ 3(b)`; `§ 1420` and `2.`: `§ 1420(2)`, as New York's law is cited."""
    core = label.rstrip(".") if not label.startswith("(") else label
    if core.startswith("Sub"):
        return f"{path}, subd. {core.split()[-1] if ' ' in core else core.rsplit('.')[-1]}"
    return f"{path}({core})" if not core.startswith("(") else f"{path}{core}"


def _target(stack: list[_Open], label: str, text: str) -> str:
    """The section that the bill amends here, if its words name one, with the label."""
    core = label if label.startswith("(") else f"({label.rstrip('.')})"
    for opened in reversed(stack):
        if opened.piece.depth:
            continue
        if opened.target is None:
            found = _TARGET.search(text, *opened.piece.body)
            opened.target = f"§ {found[1]}{found[2]}" if found else ""
        if opened.target:
            return f"{opened.target}{core}"
    return core


def _headings(stack: list[_Open], piece: Piece, text: str) -> str:
    chain = [opened.piece for opened in stack] + [piece]
    found = [
        " ".join(text[slice(*each.heading)].split()).rstrip(".—–-: ")
        for each in chain
        if each.heading[0] < each.heading[1]
    ]
    return " · ".join(words for words in found if words)


class _Changes:
    """Which change a stretch of text is part of."""

    def __init__(self, stretches: list[Stretch]) -> None:
        self._stretches = [each for each in stretches if each.start < each.end]
        self._starts = [each.start for each in self._stretches]
        self._is_plain = all(each.change is Change.NONE for each in self._stretches)

    def of(self, text: str, start: int, end: int) -> Change:
        """The change of all its words, or none where only some are changed."""
        if self._is_plain:
            return Change.NONE
        place = max(0, bisect_right(self._starts, start) - 1)
        found: set[Change] = set()
        while place < len(self._stretches) and self._stretches[place].start < end:
            each = self._stretches[place]
            words = text[max(start, each.start) : min(end, each.end)]
            if words and not _CONNECTS.fullmatch(words):
                found.add(each.change)
            place += 1
        return found.pop() if len(found) == 1 else Change.NONE
