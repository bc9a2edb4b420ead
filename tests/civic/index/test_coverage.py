"""How complete the data is, counted from the index."""

from __future__ import annotations

from freehold.civic.index.coverage import coverage_of
from freehold.civic.index.index import CivicIndex
from freehold.civic.seat import Chamber, Seat


def test_what_is_there_and_what_is_left_by_name(small: CivicIndex) -> None:
    found = {one.of: one for one in coverage_of(small)}
    assert list(found) == ["Congress", "DC", "ME", "NH", "WY"]
    wyoming = found["WY"]
    assert (wyoming.members, wyoming.with_phone, wyoming.with_writing) == (4, 3, 4)
    assert wyoming.without_phone == ("Jim Jones",), "a number at home does not count"
    assert (wyoming.seats, wyoming.joined, wyoming.left) == (3, 3, ())
    assert wyoming.empty == (Seat(Chamber.LOWER, "WY", "2"),)
    hampshire = found["NH"]
    assert (hampshire.seats, hampshire.joined) == (3, 1)
    assert [left.seat.district for left in hampshire.left] == ["Belknap 8", "Coos 7"]
    assert all("floterial" in (left.why or "") for left in hampshire.left)
    assert found["DC"].seats == 0, "no boundaries here"
    assert found["Congress"].members == 7


def test_some_states_alone(small: CivicIndex) -> None:
    found = coverage_of(small, ["WY"])
    assert [(one.of, one.members) for one in found] == [("Congress", 3), ("WY", 4)]


def test_the_real_data_has_phones_for_96_of_100(real: CivicIndex) -> None:
    states = [one for one in coverage_of(real) if one.of != "Congress"]
    members = sum(one.members for one in states)
    assert members > 7_300
    assert sum(one.with_phone for one in states) / members >= 0.96
    assert sum(one.with_writing for one in states) / members >= 0.99


def test_every_real_seat_with_a_map_is_joined_but_new_hampshires_floterial_ones(
    real: CivicIndex,
) -> None:
    found = {one.of: one for one in coverage_of(real)}
    assert sum(one.seats for one in found.values()) == 679
    assert {name for name, one in found.items() if one.left} == {"NH"}
    assert len(found["NH"].left) == 39
    assert all("floterial" in (left.why or "") for left in found["NH"].left)
    empty = {name: [seat.district for seat in one.empty] for name, one in found.items()}
    assert {name: seats for name, seats in empty.items() if seats} == {
        "NH": ["Cheshire 1", "Coos 6"]
    }
