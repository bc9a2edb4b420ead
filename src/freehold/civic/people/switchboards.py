"""Numbers that many members share: a switchboard, where one asks for a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from freehold.civic.people.member import Member


def count_shared(members: Sequence[Member]) -> list[Member]:
    """The same members, each office with how many of their legislature have its very number."""
    shared: Counter[tuple[bool, str, str]] = Counter()
    for member in members:
        for number in {office.phone for office in member.offices if office.phone}:
            shared[_at(member, number)] += 1
    return [
        replace(
            member,
            offices=tuple(
                replace(office, shared_by=shared[_at(member, office.phone)])
                if office.phone
                else office
                for office in member.offices
            ),
        )
        for member in members
    ]


def _at(member: Member, number: str) -> tuple[bool, str, str]:
    return member.seat.is_federal, "" if member.seat.is_federal else member.seat.state, number
