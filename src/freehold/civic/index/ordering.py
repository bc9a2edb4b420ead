"""In which order people are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from freehold.civic.answer import Candidate
from freehold.civic.seat import Chamber

_CHAMBERS = {chamber: at for at, chamber in enumerate(Chamber)}


def by_likelihood(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Congress first, then the state; the sure and the likely first; then by district."""
    return tuple(sorted(candidates, key=_key))


def _key(candidate: Candidate) -> tuple[object, ...]:
    seat = candidate.seat
    share = candidate.share if candidate.share is not None else 0.0
    digits = re.search(r"\d+", seat.district)
    number = int(digits[0]) if digits else 0
    words = re.sub(r"\d+", "", seat.district)
    return (_CHAMBERS[seat.chamber], not candidate.is_certain, -share, words, number, seat.district)
