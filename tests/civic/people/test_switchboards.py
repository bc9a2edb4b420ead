"""Numbers that several members share."""

from __future__ import annotations

from freehold.civic.people.member import Member, Office, OfficeKind
from freehold.civic.people.switchboards import count_shared
from freehold.civic.seat import Chamber, Seat


def member(name: str, state: str, *phones: str | None, chamber: Chamber = Chamber.LOWER) -> Member:
    offices = tuple(Office(OfficeKind.CAPITOL, phone=phone) for phone in phones)
    return Member(name, name, name, Seat(chamber, state, "1"), "Senator", "x", offices)


def test_a_number_is_counted_once_a_member_of_one_legislature() -> None:
    found = count_shared(
        [
            member("a", "NH", "603-271-3661", "603-271-3661"),
            member("b", "NH", "603-271-3661", "603-555-0001"),
            member("c", "NH", "603-271-3661", chamber=Chamber.UPPER),
            member("d", "ME", "603-271-3661"),
            member("e", "NH", "603-271-3661", chamber=Chamber.US_HOUSE),
            member("f", "NH", None),
        ]
    )
    assert [[office.shared_by for office in one.offices] for one in found] == [
        [3, 3],
        [3, 1],
        [3],
        [1],
        [1],
        [1],
    ]
