"""A place as it is typed, what it may have been meant to be, and who sits for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.actions.representatives import at_level, place, representatives, what_to_fetch
from freehold.errors import FreeholdError, NotFound, UsageError


@pytest.fixture
def filled(small_country: Path) -> Path:
    return small_country


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("03801", "03801"),
        ("90210-1234", "90210-1234"),
        ("43.07,-70.76", (43.07, -70.76)),
        (" 43.07 -70.76 ", (43.07, -70.76)),
        ("-14.27,-170.70", (-14.27, -170.70)),
        ("14.27S 170.70W", (-14.27, -170.70)),
    ],
)
def test_places(text: str, found: object) -> None:
    assert place(text) == found


@pytest.mark.parametrize("text", ["1234", "", "12 Main Street", "43.07", "1,2,3", "123456"])
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(UsageError):
        place(text)


def test_four_digits_may_lack_a_zero() -> None:
    with pytest.raises(UsageError) as caught:
        place("3801")
    assert "03801" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("where", "hint"),
    [
        ((-70.76, 43.07), "Latitude comes first: did you mean 43.07,-70.76?"),
        ((-122.33, 47.6), "Latitude comes first: did you mean 47.6,-122.33?"),
        ((43.07, 70.76), "West is negative: did you mean 43.07,-70.76?"),
        ((122.33, 47.6), "Latitude comes first, and west is negative: did you mean 47.6,-122.33?"),
    ],
)
def test_swapped_coordinates_are_told(filled: Path, where: tuple[float, float], hint: str) -> None:
    with pytest.raises(FreeholdError) as caught:
        representatives(filled, where)
    assert hint in (caught.value.hint or "")
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("where", [(48.86, 2.35), (30.0, -70.0), (0.0, -30.0)])
def test_abroad_and_at_sea(filled: Path, where: tuple[float, float]) -> None:
    with pytest.raises(NotFound, match="at sea"):
        representatives(filled, where)


def test_a_level_alone(filled: Path) -> None:
    answer = representatives(filled, (1.0, 0.5))
    federal, state = at_level(answer, federal=True), at_level(answer, federal=False)
    assert {one.seat.is_federal for one in federal.candidates} == {True}
    assert {one.seat.is_federal for one in state.candidates} == {False}
    assert len(federal.candidates) + len(state.candidates) == len(answer.candidates)


def test_with_no_data_it_says_how_much_there_is_to_fetch(home: Path) -> None:
    with pytest.raises(NotFound) as caught:
        representatives(home, "03801")
    assert caught.value.hint == what_to_fetch()
    assert "11 files, about" in what_to_fetch()
    assert "www2.census.gov" in what_to_fetch()
