"""How far a share of right answers may be off, for so few questions."""

from __future__ import annotations

from dataclasses import dataclass

from freehold.study.intervals import wilson


@dataclass(frozen=True)
class Share:
    """Right answers, and the Wilson interval of 95% around their share.

    It says how far other questions of the same kind might have come out, not whether these are
    good ones.
    """

    right: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself."""
        return self.right / self.of

    def beats(self, chance: float) -> bool:
        """Whether guessing is unlikely to have done as well."""
        return self.low > chance


def share_of(right: int, of: int) -> Share:
    """The share of `right` in `of`, which is at least 1."""
    return Share(right, of, *wilson(right, of))
