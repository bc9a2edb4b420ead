"""How patient a transfer is: how often it tries again, and how long it waits before.

Waits double from one failure to the next, with chance mixed in so that many who were cut off
together do not come back together.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True)
class Patience:
    """How a transfer meets an address that fails."""

    attempts: int = 8
    """Failures in a row, without useful bytes between, before an address is given up."""
    opening: int = 3
    """The same for an address that has not given a single byte yet."""
    first: float = 0.5
    """Seconds to wait after the first failure; doubled after each further one."""
    longest: float = 30.0
    """Seconds that no wait of our own exceeds."""
    quiet: float = 5.0
    """Seconds after which a peer that gives next to nothing is left for another."""
    obeyed: float = 120.0
    """The longest Retry-After that is waited for, in seconds; beyond it an address is given up."""

    def wait(self, failures: int, chance: float | None = None) -> float:
        """Seconds to wait after so many failures in a row; `chance` (0 to 1) is for tests."""
        share = random.random() if chance is None else chance  # noqa: S311  # not for secrets
        full = min(self.longest, self.first * 2.0 ** (failures - 1))
        return full * (0.5 + share / 2)


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds from a Retry-After header, which holds a number or a date. None if neither."""
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
