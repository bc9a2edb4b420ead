"""Contrasting texts, and what is refused by line."""

from __future__ import annotations

import pytest

from freehold.errors import UsageError
from freehold.modify.contrast import from_lines, from_pairs


def test_lines_and_pairs() -> None:
    found = from_lines("I am glad.\n\nWhat joy!\n", "I am sad.\nWhat grief!")
    assert (found.toward, found.away) == (
        ("I am glad.", "What joy!"),
        ("I am sad.", "What grief!"),
    )
    assert found.paired
    pairs = from_pairs(
        '{"toward": "I am glad.", "away": "I am sad."}\n'
        '{"toward": "What joy!", "away": "What grief!"}\n',
        "p.jsonl",
    )
    assert pairs == found
    (said,) = from_pairs('{"toward": "What\u2028joy!", "away": "I am sad."}\r\n', "p").toward
    assert said == "What\u2028joy!"
    assert pairs.digest == found.digest != from_lines("a", "b").digest


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"toward": "a", "away": "b"}\nno', "line 2: it is not JSON"),
        ('{"toward": "a"}', "line 1: it has no `toward` and `away`"),
        ("[1]", "line 1: it has no"),
        ('{"toward": "a", "away": "' + "b" * 20_001 + '"}', "line 1: a text of 20,001 letters"),
        ("", "no text to push toward"),
        ('{"toward": "a", "away": "a"}', "nothing sets them apart"),
    ],
)
def test_bad_pairs_are_named_by_line(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        from_pairs(text, "p.jsonl")


def test_an_empty_side() -> None:
    with pytest.raises(UsageError, match="no text to push away from"):
        from_lines("a", "\n \n")
