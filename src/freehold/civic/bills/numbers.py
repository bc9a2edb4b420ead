"""Powers of ten as bills print them: `10^26`, `10 26`, `1026`, `10²⁶`.

Raised digits are lost in many copies. The quote stays as it is; this says what it means.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_TO_DIGITS = str.maketrans(_RAISED, "0123456789")
_OF_COMPUTING = (
    r"(?=[\s-]*(?:or\s+more\s+|total\s+)?"
    r"(?:integer|floating|operations?|computational|flops?\b))"
)
_POWER = re.compile(
    rf"\b10\s?(?:\^|\*\*)\s?\{{?(?P<marked>\d{{1,2}})\}}?|\b10(?P<raised>[{_RAISED}]{{1,2}})"
    rf"|\b10\s(?P<apart>[12]\d){_OF_COMPUTING}|\b10(?P<joined>[12]\d){_OF_COMPUTING}"
    r"|\b10\s+to\s+the\s+(?P<said>\d{1,2})(?:st|nd|rd|th)\s+power",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Power:
    """A power of ten at `start` to `end` of a text."""

    start: int
    end: int
    exponent: int


def powers_of_ten(text: str, start: int = 0, end: int | None = None) -> list[Power]:
    """Every power of ten between two offsets; a plain `1026` counts before `operations` alone."""
    stop = len(text) if end is None else end
    return [
        Power(found.start(), found.end(), int(_digits(found)))
        for found in _POWER.finditer(text, start, stop)
    ]


def _digits(found: re.Match[str]) -> str:
    said = next(group for group in found.groups() if group)
    return said.translate(_TO_DIGITS)
