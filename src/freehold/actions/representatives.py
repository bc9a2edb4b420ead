"""Who represents a place: looked up here, told to nobody, kept nowhere."""

from __future__ import annotations

import re
from pathlib import Path

from freehold.actions.civic_files import INDEX
from freehold.civic.answer import Answer
from freehold.civic.index.index import CivicIndex
from freehold.errors import UsageError

_NUMBER = r"([-+]?)(\d{1,3}(?:\.\d+)?)°?"
_POINT = re.compile(rf"\s*{_NUMBER}\s*([NS]?)\s*[,;\s]\s*{_NUMBER}\s*([EW]?)\s*", re.IGNORECASE)

Place = str | tuple[float, float]
"""A ZIP code, or degrees north and east."""


def place(text: str) -> Place:
    """What somebody typed: `03801`, `43.07,-70.76`, `14.27S 170.70W`. Raises UsageError."""
    if match := _POINT.fullmatch(text):
        return _degrees(*match.group(1, 2, 3)), _degrees(*match.group(4, 5, 6))
    if re.fullmatch(r"\s*\d{5}(?:[-\s]?\d{4})?\s*", text):
        return text.strip()
    raise UsageError(
        "That is no ZIP code and no point.",
        "A ZIP code has five digits: 03801. A point is latitude and longitude: 43.07,-70.76. A "
        "street address is not looked up: that would have to ask somebody else.",
    )


def _degrees(sign: str, number: str, side: str) -> float:
    negative = (sign == "-") != (side.upper() in {"S", "W"} and bool(side))
    return -float(number) if negative else float(number)


def representatives(home: Path, where: Place) -> Answer:
    """Everyone who represents a place, from the index of this home.

    Raises NotFound when there is no data or no such place in it, UsageError, StorageError.
    """
    with CivicIndex(home / INDEX) as index:
        return index.by_zip(where) if isinstance(where, str) else index.by_point(*where)
