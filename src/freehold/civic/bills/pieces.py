"""The numbered pieces of a bill in the order in which they stand: what every form is read into."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Piece:
    """One numbered piece with its own words, without those of the pieces under it."""

    label: str
    """`3` or `551.001` for a section, `(a)`, `1.`; empty for words without a number."""
    level: int
    """0 for a section, 1 and more for what is under it; below 0 for the heading of a title or the
    like, the widest lowest."""
    depth: int
    """0 for the bill's own pieces, 1 for those of law that it writes."""
    start: int
    body: tuple[int, int]
    heading: tuple[int, int] = (0, 0)

    @property
    def is_section(self) -> bool:
        """Whether it is a section, of the bill or of the law that it writes."""
        return self.level == 0 and bool(self.label)


@dataclass(slots=True)
class Outline:
    """A text and its pieces."""

    text: str
    pieces: list[Piece] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
