"""Which seats belong to which district, state by state."""

from __future__ import annotations

from collections import defaultdict

import pytest
from tests.civic.small_country import square

from freehold.civic.index.index import CivicIndex
from freehold.civic.places.boundaries import Boundary
from freehold.civic.places.joining import (
    SEATS_WITHIN,
    is_everywhere,
    is_tribal,
    key,
    plain_name,
    seats_of,
)
from freehold.civic.places.rings import ring_of
from freehold.civic.seat import Chamber, Seat

RULES = [
    # state, chamber, as the bureau names it, its code, the seats
    ("CO", Chamber.LOWER, "State House District 7", "007", ["7"]),
    ("NH", Chamber.LOWER, "State House District Belknap 01", "001", ["Belknap 1"]),
    ("MA", Chamber.LOWER, "Twenty-First Middlesex District", "M21", ["21st Middlesex"]),
    ("MA", Chamber.LOWER, "21st Middlesex District", "M21", ["21st Middlesex"]),
    (
        "MA",
        Chamber.UPPER,
        "First Essex and Middlesex District",
        "D1",
        ["First Essex and Middlesex"],
    ),
    ("MA", Chamber.UPPER, "Norfolk & Middlesex District", "D2", ["Norfolk and Middlesex"]),
    ("VT", Chamber.LOWER, "Addison-4 State House District", "AD4", ["Addison-4"]),
    ("VT", Chamber.UPPER, "Grand Isle State Senate District", "GI", ["Grand Isle"]),
    ("ID", Chamber.LOWER, "State Legislative District 10", "010", ["10A", "10B"]),
    ("WA", Chamber.LOWER, "State House District 3", "003", ["3"]),
    ("MD", Chamber.LOWER, "State Legislative Subdistrict 1A", "01A", ["1A"]),
    ("MN", Chamber.LOWER, "State House District 1A", "01A", ["1A"]),
    ("SD", Chamber.LOWER, "State House District 26A", "26A", ["26A"]),
    ("ND", Chamber.LOWER, "State House District 4A", "04A", ["4A"]),
    ("AK", Chamber.UPPER, "State Senate District A", "00A", ["A"]),
    ("DC", Chamber.SINGLE, "Ward 1", "001", ["Ward 1"]),
    ("NE", Chamber.SINGLE, "State Legislative District 1", "001", ["1"]),
    ("NY", Chamber.LOWER, "Assembly District 12", "012", ["12"]),
    ("PR", Chamber.UPPER, "Distrito Senatorial San Juan", "001", ["1"]),
    ("NJ", Chamber.US_HOUSE, "Congressional District 7", "07", ["7"]),
    ("WY", Chamber.US_HOUSE, "Congressional District (at Large)", "00", [""]),
    ("DC", Chamber.US_HOUSE, "Delegate District (at Large)", "98", [""]),
]


@pytest.mark.parametrize(("state", "chamber", "name", "code", "districts"), RULES)
def test_a_district_leads_to_its_seats(
    state: str, chamber: Chamber, name: str, code: str, districts: list[str]
) -> None:
    boundary = Boundary(chamber, state, code, name, (ring_of(square(0, 0)),), 1.0)
    seats = [Seat(chamber, state, district) for district in districts]
    others = [Seat(chamber, state, "99"), Seat(chamber, "ZZ", districts[0])]
    other_chamber = Chamber.UPPER if chamber is Chamber.LOWER else Chamber.LOWER
    others.append(Seat(other_chamber, state, districts[0]))
    assert seats_of([boundary], [*seats, *others]) == {boundary: seats}


def test_a_district_that_nobody_sits_for_has_no_seats() -> None:
    boundary = Boundary(Chamber.LOWER, "NH", "001", "State House District Coos 06", (), 1.0)
    assert seats_of([boundary], [Seat(Chamber.LOWER, "NH", "Coos 7")]) == {boundary: []}


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("State House District Cheshire 01", "Cheshire 1"),
        ("First Essex and Middlesex District", "First Essex and Middlesex"),
        ("State Legislative Subdistrict 01A", "1A"),
        ("Ward 3", "Ward 3"),
    ],
)
def test_a_name_as_a_legislature_writes_it(name: str, plain: str) -> None:
    assert plain_name(name) == plain
    assert key(plain) == key(name)


def test_seats_of_a_whole_state_and_of_a_tribe() -> None:
    assert is_everywhere(Seat(Chamber.SINGLE, "DC", "At-Large"))
    assert is_everywhere(Seat(Chamber.US_SENATE, "WY"))
    assert not is_everywhere(Seat(Chamber.SINGLE, "DC", "Ward 1"))
    assert is_tribal(Seat(Chamber.LOWER, "ME", "Penobscot Nation"))
    assert not is_tribal(Seat(Chamber.LOWER, "ME", "12"))


def test_no_two_real_districts_are_taken_for_one(real: CivicIndex) -> None:
    by_key: dict[tuple[Chamber, str, str], set[str]] = defaultdict(set)
    for seat in {member.seat for member in real.members()}:
        if (seat.state, seat.chamber) not in SEATS_WITHIN:
            by_key[seat.chamber, seat.state, key(seat.district)].add(seat.district)
    assert len(by_key) > 6_000
    assert {where: names for where, names in by_key.items() if len(names) > 1} == {}
