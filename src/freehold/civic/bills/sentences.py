"""Where a sentence of a statute ends: not at `U.S.C.`, `et seq.` or `No. 5`."""

from __future__ import annotations

import re

_END = re.compile(r"[.?!][”’\"')\]]{0,3}(?=\s+[“\"‘'(\[]{0,2}[A-Z0-9§])")
_SHORT = re.compile(
    r"(?:\b(?:[A-Za-z]|Mr|Mrs|Ms|Dr|Jr|Sr|St|Inc|Corp|Co|Ltd|No|Nos|Sec|Secs|Sect|Stat|Fed|Reg|Pub"
    r"|Art|Ch|Chap|Par|Subd|Subsec|cl|cf|v|vs|Rev|Gen|Ann|Civ|Gov|seq|al|etc|Tit|Cal|Tex|Laws|ch"
    r"|Jan|Feb|Mar|Apr|Aug|Sept|Oct|Nov|Dec)|[A-Z]\.[A-Z](?:\.[A-Z])*|e\.g|i\.e)\.$"
)


def sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Offsets of the sentences between `start` and `end`, without the blanks around them."""
    found: list[tuple[int, int]] = []
    begin = start
    for stop in _END.finditer(text, start, end):
        if _SHORT.search(text, max(begin, stop.start() - 12), stop.start() + 1):
            continue
        _keep(text, begin, stop.end(), found)
        begin = stop.end()
    _keep(text, begin, end, found)
    return found


def _keep(text: str, start: int, end: int, found: list[tuple[int, int]]) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(letter.isalnum() for letter in text[start:end]):
        found.append((start, end))
