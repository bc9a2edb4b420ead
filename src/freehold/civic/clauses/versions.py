"""Two versions of a bill: which red lines came, which went, which say something else now."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import product

from freehold.civic.clauses.finding import Finding, Label
from freehold.civic.clauses.report import Report
from freehold.civic.clauses.wording import normalised

_ALIKE = 0.6
"""From what share of words in common on two clauses are one, changed."""
_KINDS = (Label.RESTRICTS_TOOL, Label.PROTECTS)


@dataclass(frozen=True)
class Changed:
    """One clause in both versions, in other words."""

    before: Finding
    after: Finding


@dataclass(frozen=True)
class Versions:
    """What became of the red lines and protections of `older` in `newer`."""

    older: Report
    newer: Report
    came: tuple[Finding, ...]
    went: tuple[Finding, ...]
    changed: tuple[Changed, ...]
    same: tuple[Changed, ...]


def compare(older: Report, newer: Report) -> Versions:
    """Pair the clauses, the likest first; what stands alone came or went."""
    before = [each for each in older.findings if each.label in _KINDS]
    after = [each for each in newer.findings if each.label in _KINDS]
    left, right = [_words(each) for each in before], [_words(each) for each in after]
    scored = sorted(
        (
            (_alike(before[i], after[j], left[i], right[j]), i, j)
            for i, j in product(range(len(before)), range(len(after)))
            if before[i].label is after[j].label
        ),
        key=lambda each: (-each[0], each[1], each[2]),
    )
    pairs: list[tuple[int, int]] = []
    for score, i, j in scored:
        if score < _ALIKE:
            break
        if all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    both = [Changed(before[i], after[j]) for i, j in sorted(pairs, key=lambda pair: pair[1])]
    kept, found = {i for i, _ in pairs}, {j for _, j in pairs}
    return Versions(
        older,
        newer,
        tuple(each for j, each in enumerate(after) if j not in found),
        tuple(each for i, each in enumerate(before) if i not in kept),
        tuple(each for each in both if _words(each.before) != _words(each.after)),
        tuple(each for each in both if _words(each.before) == _words(each.after)),
    )


def _words(finding: Finding) -> list[str]:
    return normalised(finding.quote).split()


def _alike(before: Finding, after: Finding, left: list[str], right: list[str]) -> float:
    """The share of words in common, a little more for the same place and kind."""
    if not left or not right:
        return 0.0
    if (
        2 * min(len(left), len(right)) < 0.6 * (len(left) + len(right))
        and before.path != after.path
    ):
        return 0.0  # one is far longer: they cannot be alike
    ratio = SequenceMatcher(None, left, right, autojunk=False).ratio()
    same_place = 0.1 if before.path == after.path else 0.0
    same_kind = 0.1 if before.red_line is after.red_line else 0.0
    return ratio + same_place + same_kind
