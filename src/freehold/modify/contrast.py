"""Texts in two kinds, to find what sets them apart inside a model: files of lines, or pairs.

A file has one text on each line; JSONL has one pair on each, `{"toward": "…", "away": "…"}`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from freehold.errors import UsageError

_MOST = 10_000
_LONGEST = 20_000
"""Letters of one text."""


@dataclass(frozen=True)
class Contrast:
    """What to push toward, and what away from."""

    toward: tuple[str, ...]
    away: tuple[str, ...]
    paired: bool
    """Whether the n-th of each belong together."""

    def __post_init__(self) -> None:
        if not self.toward or not self.away:
            side = "toward" if not self.toward else "away from"
            raise UsageError(f"There is no text to push {side}.", "One text on each line.")
        if max(len(self.toward), len(self.away)) > _MOST:
            raise UsageError(f"More than {_MOST:,} texts on one side.", "Give fewer.")
        if set(self.toward) == set(self.away):
            raise UsageError("Both sides are the same texts: nothing sets them apart.")

    @property
    def digest(self) -> str:
        """The SHA-256 of all texts, in hexadecimal."""
        said = json.dumps([self.toward, self.away], ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()


def from_lines(toward: str, away: str) -> Contrast:
    """From the texts of two files. As many lines in both are taken for pairs."""
    first, second = _lines(toward, "--toward"), _lines(away, "--away")
    return Contrast(first, second, paired=len(first) == len(second))


def from_pairs(text: str, label: str) -> Contrast:
    """From JSONL. Raises UsageError naming the line."""
    pairs: list[tuple[str, str]] = []
    for number, line in enumerate(text.split("\n"), 1):  # a JSON text may have U+2028 in it
        if not line.strip():
            continue
        try:
            said = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{label}, line {number}: it is not JSON.") from error
        both = said if isinstance(said, dict) else {}
        words = [str(both[key]) for key in ("toward", "away") if isinstance(both.get(key), str)]
        if len(words) != 2 or not all(each.strip() for each in words):
            raise UsageError(
                f"{label}, line {number}: it has no `toward` and `away` with a text in each.",
                'Such as {"toward": "I am glad.", "away": "I am sad."}',
            )
        for each in words:
            _check(each, label, number)
        pairs.append((words[0], words[1]))
    return Contrast(tuple(a for a, _ in pairs), tuple(b for _, b in pairs), paired=True)


def _lines(text: str, label: str) -> tuple[str, ...]:
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            _check(line, label, number)
            found.append(line)
    return tuple(found)


def _check(text: str, label: str, number: int) -> None:
    if len(text) > _LONGEST:
        raise UsageError(
            f"{label}, line {number}: a text of {len(text):,} letters; {_LONGEST:,} at most."
        )
