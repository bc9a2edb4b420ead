"""A seat in a legislature: which chamber, of which state, for which district."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Chamber(StrEnum):
    """The bodies that people are elected to."""

    US_SENATE = "us-senate"
    US_HOUSE = "us-house"
    UPPER = "upper"
    """A state's senate."""
    LOWER = "lower"
    """A state's house, assembly or house of delegates."""
    SINGLE = "single"
    """The one chamber of Nebraska, the District of Columbia, Guam, the US Virgin Islands."""


@dataclass(frozen=True, order=True)
class Seat:
    """Where someone is elected. Several members may hold seats of the same district."""

    chamber: Chamber
    state: str
    """Two capital letters: `NH`, `DC`, `PR`."""
    district: str = ""
    """As the state names it: `12`, `Rockingham 30`, `First Essex`. Empty: the whole state."""

    @property
    def is_federal(self) -> bool:
        """Whether it is a seat in Congress."""
        return self.chamber in {Chamber.US_SENATE, Chamber.US_HOUSE}
