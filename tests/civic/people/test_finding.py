"""A member is found by a name as people type it."""

from __future__ import annotations

import pytest

from freehold.civic.people.finding import find_member
from freehold.civic.people.member import Member
from freehold.civic.seat import Chamber, Seat
from freehold.errors import AmbiguousName, NotFound


def one(name: str, state: str, id_: str = "") -> Member:
    seat = Seat(Chamber.LOWER, state, "7")
    return Member(id_ or name, name, name.split()[-1], seat, "Representative", "Independent")


MEMBERS = (one("Adam Smith", "KS"), one("Adrian Smith", "NE", "S1"), one("Nydia Velázquez", "NY"))


@pytest.mark.parametrize("text", ["velazquez", "Rep. Nydia Velázquez", "VELÁZQUEZ nydia"])
def test_accents_titles_and_order_do_not_matter(text: str) -> None:
    assert find_member(MEMBERS, text).name == "Nydia Velázquez"


def test_an_id_is_a_name_too() -> None:
    assert find_member(MEMBERS, "S1").name == "Adrian Smith"


def test_several_of_a_name_are_told_apart() -> None:
    with pytest.raises(AmbiguousName, match="'smith'") as caught:
        find_member(MEMBERS, "smith")
    assert "Adam Smith (State house, KS 7); Adrian Smith (State house, NE 7)" in str(caught.value)


def test_a_near_name_is_offered() -> None:
    with pytest.raises(NotFound) as caught:
        find_member(MEMBERS, "Adrien Smith")
    assert "Did you mean Adrian Smith" in str(caught.value)
    with pytest.raises(NotFound, match="No member"):
        find_member(MEMBERS, "Senator")
