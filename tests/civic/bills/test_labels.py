"""How deep a label stands, in the orders that legislatures use."""

from __future__ import annotations

import pytest

from freehold.civic.bills.labels import Levels, starts_with_label, styles_of


def levels(labels: str) -> list[int]:
    all_labels = labels.split()
    open_lists = Levels()
    return [
        open_lists.place(label, all_labels[place + 1 :]) for place, label in enumerate(all_labels)
    ]


@pytest.mark.parametrize(
    ("labels", "deep"),
    [
        ("(a) (1) (A) (i) (I) (II) (ii) (B) (2) (b)", [1, 2, 3, 4, 5, 5, 4, 3, 2, 1]),
        ("(A) (1) (a) (i) (ii) (b) (2) (B)", [1, 2, 3, 4, 4, 3, 2, 1]),
        ("(1) (a) (I) (A) (B) (II) (b) (2)", [1, 2, 3, 4, 4, 3, 2, 1]),
        ("1. (a) (i) (ii) (b) 2.", [1, 2, 3, 3, 2, 1]),
        ("(a) (b) (c) (d) (e) (f) (g) (h) (i) (j)", [1] * 10),
        ("(h) (i) (ii) (iii) (i) (j)", [1, 2, 2, 2, 1, 1]),
        ("(h) (1) (2) (i) (1) (2) (j)", [1, 2, 2, 1, 2, 2, 1]),
        ("(z) (aa) (bb) (1)", [1, 2, 2, 3]),
        ("(i) (ii) (iii) (iv) (v) (vi)", [1] * 6),
        ("(5) (6)", [1, 1]),
        ("(a) (c) (f)", [1, 1, 1]),
    ],
)
def test_a_label_goes_on_with_an_open_list_or_opens_one_below(labels: str, deep: list[int]) -> None:
    assert levels(labels) == deep


def test_a_letter_may_be_a_roman_number_too() -> None:
    assert styles_of("(i)") == [("a()", 9), ("roman a()", 1)]
    assert styles_of("(xiv)") == [("roman a()", 14)]
    assert styles_of("(iiii)") == []
    assert styles_of("(BB)") == [("AA()", 2)]
    assert styles_of("Subdivision 3.") == [("subdivision", 3)]


@pytest.mark.parametrize(
    "text",
    [
        "(a) A person",
        "“(1) A person",
        "SEC. 2. IT",
        "§ 1420. Duties",
        "1. As",
        "Subd. 2.Prohibition.It is",
        "SECT 46 Operation",
    ],
)
def test_what_begins_a_part(text: str) -> None:
    assert starts_with_label(text)


@pytest.mark.parametrize("text", ["a person", "(as defined in", "1,000 users", "10 26 operations"])
def test_what_does_not(text: str) -> None:
    assert not starts_with_label(text)
