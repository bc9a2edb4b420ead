"""From what size on a clause applies: operations, dollars, users, parameters, in every spelling."""

from __future__ import annotations

import re
from collections.abc import Iterator

from freehold.civic.bills.bill import Bill
from freehold.civic.clauses.blocks import Block, Span
from freehold.civic.clauses.finding import Threshold
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.wording import normalised

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_WORDS = {
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "quadrillion": 1e15,
    "quintillion": 1e18,
    "sextillion": 1e21,
    "septillion": 1e24,
    "octillion": 1e27,
}
_SMALL = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "fifteen": 15,
    "twenty": 20,
    "twenty-five": 25,
    "thirty": 30,
    "fifty": 50,
    "one hundred": 100,
    "two hundred": 200,
    "two hundred fifty": 250,
    "five hundred": 500,
}
_POWER = re.compile(
    r"(?:(?P<lead>\d+(?:\.\d+)?) ?(?:x|×|\*|·|times) ?)?(?<![\d.,$])10 ?(?:\^|\*\*|to the "
    r"(?:power of )?)? ?[{(]?(?P<power>[12][0-9]|[12][0-9]|[⁰¹²³⁴⁵⁶⁷⁸⁹]{2})[)}]?"
    r"(?:st|nd|rd|th)?(?: power)?(?![\d,.]\d)"
    r"|(?<![\w.])(?P<mantissa>\d+(?:\.\d+)?)e\+?(?P<exponent>[12]\d)(?!\w)"
)
_SCALE = "|".join(_WORDS)
_COUNT = re.compile(
    rf"(?P<dollar>\$ ?)?(?<![\w.,])(?P<digits>\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?)(?: "
    rf"(?P<scale>{_SCALE}))?"
    rf"|(?<!\w)(?P<small>{'|'.join(sorted(_SMALL, key=len, reverse=True))}) "
    rf"(?P<big>{_SCALE})(?: \((?P<again>\$?[\d,]+)\))?"
)
_FROM = re.compile(
    r"(?:greater than|more than|in excess of|exceed\w*|at least|not less than|no less "
    r"than|over|above|equal to or greater than|minimum of|≥|>)"
    r"(?: or equal to)?[^.;]{0,40}$"
)
_FINE = re.compile(
    r"\b(?:fine|fined|penalt\w+|damages|punish\w*|imprison\w*|appropriat\w+|award)\b"
)
_OPERATIONS = re.compile(r"\b(?:operations?|flops?|computing power|compute|floating[- ]point)\b")
_MOST_TERMS = 40
"""Definitions that are followed for one clause."""
_UNITS = (
    ("parameters", re.compile(r"^[^.;]{0,24}?\bparameters?\b")),
    (
        "users",
        re.compile(
            r"^[^.;]{0,60}?\b(?:users?|visitors?|subscribers?|consumers?|customers?|accounts?)\b"
        ),
    ),
    ("employees", re.compile(r"^[^.;]{0,30}?\bemployees\b")),
)


class Sizes:
    """Finds the sizes of one bill; each stretch of it is searched once."""

    def __init__(self, bill: Bill, subject: Subject) -> None:
        self._bill, self._subject = bill, subject
        self._known: dict[Span, tuple[Threshold, ...]] = {}

    def within(self, span: Span) -> tuple[Threshold, ...]:
        """Those that stand between two offsets."""
        if span not in self._known:
            start = span[0]
            said = self._bill.quote(*span)
            self._known[span] = tuple(
                Threshold(what, amount, said[a:b], start + a, start + b)
                for what, amount, a, b in _found(normalised(said))
            )
        return self._known[span]

    def of(self, block: Block, terms: tuple[str, ...]) -> tuple[Threshold, ...]:
        """Those in its words, in the words above, and in the definitions of the terms it uses."""
        spans: list[Span] = [(block.start, block.end), *block.governed_by]
        waiting, seen = list(terms), set[str]()
        while waiting and len(seen) < _MOST_TERMS:
            term = waiting.pop(0)
            if term in seen:
                continue
            seen.add(term)
            meaning = self._subject.meaning(term, block.path)
            if meaning is not None:
                spans.append((meaning.start, meaning.end))
                waiting += self._subject.used(self._subject.glosses.get(term, "")[:240])
        found: dict[tuple[str, float], Threshold] = {}
        for each in (size for span in spans for size in self.within(span)):
            found.setdefault((each.quantity, each.amount), each)
        return tuple(found.values())


def _found(said: str) -> Iterator[tuple[str, float, int, int]]:
    taken: list[tuple[int, int]] = []
    for found in _POWER.finditer(said):
        around = said[max(0, found.start() - 160) : found.end() + 120]
        if not _OPERATIONS.search(around):
            continue
        taken.append(found.span())
        yield "operations", _power(found), found.start(), found.end()
    for found in _COUNT.finditer(said):
        if any(start < found.end() and found.start() < end for start, end in taken):
            continue
        before = said[max(0, found.start() - 70) : found.start()]
        amount = _amount(found)
        what = _unit(said, found, amount)
        if what and _FROM.search(before) and not _FINE.search(before):
            yield what, amount, found.start(), found.end()


def _power(found: re.Match[str]) -> float:
    if found["mantissa"]:
        return float(f"{found['mantissa']}e{found['exponent']}")
    return float(found["lead"] or 1) * 10.0 ** int(found["power"].translate(_RAISED))


def _amount(found: re.Match[str]) -> float:
    if found["small"]:
        return _SMALL[found["small"]] * _WORDS[found["big"]]
    return float(found["digits"].replace(",", "")) * _WORDS.get(found["scale"] or "", 1.0)


def _unit(said: str, found: re.Match[str], amount: float) -> str | None:
    after = said[found.end() : found.end() + 90]
    if (
        found["dollar"]
        or (found["again"] or "").startswith("$")
        or re.match(r"^ (?:u\.s\. |united states )?dollars?\b", after)
    ):
        return "dollars" if amount >= 1000 else None
    after = re.sub(r"^ ?\([\d,]+\)", "", after)
    if amount >= 1e18 and _OPERATIONS.search(said[max(0, found.start() - 120) : found.end() + 90]):
        return "operations"
    return next((what for what, unit in _UNITS if unit.match(after)), None)
