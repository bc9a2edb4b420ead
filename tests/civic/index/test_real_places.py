"""Real places in the real snapshots, where these are at hand."""

from __future__ import annotations

import pytest

from freehold.civic.answer import Answer
from freehold.civic.index.index import CivicIndex
from freehold.civic.seat import Chamber


def districts(answer: Answer, chamber: Chamber) -> list[str]:
    return [one.seat.district for one in answer.candidates if one.seat.chamber is chamber]


@pytest.mark.parametrize(
    ("where", "state", "chamber", "district"),
    [
        ((41.14, -104.82), "WY", Chamber.US_HOUSE, ""),  # Cheyenne, the capitol
        ((40.7357, -74.1724), "NJ", Chamber.US_HOUSE, "10"),  # Newark
        ((41.8309, -71.4149), "RI", Chamber.UPPER, "1"),  # Providence, the state house
    ],
)
def test_a_known_place(
    real: CivicIndex,
    where: tuple[float, float],
    state: str,
    chamber: Chamber,
    district: str,
) -> None:
    answer = real.by_point(*where)
    assert {one.seat.state for one in answer.candidates} == {state}
    assert districts(answer, chamber) == [district]
    assert len([one for one in answer.candidates if one.seat.chamber is Chamber.US_SENATE]) == 1
    senators = next(one for one in answer.candidates if one.seat.chamber is Chamber.US_SENATE)
    assert len(senators.members) == 2


def test_multi_member_districts_list_everyone(real: CivicIndex) -> None:
    senators = real.by_point(44.26, -72.575)  # Montpelier: Washington district, three senators
    upper = [one for one in senators.candidates if one.seat.chamber is Chamber.UPPER]
    assert [one.seat.district for one in upper] == ["Washington"]
    assert len(upper[0].members) == 3


def test_a_zip_code_split_between_districts_without_shares(real: CivicIndex) -> None:
    answer = real.by_zip("10001")
    assert len(districts(answer, Chamber.US_HOUSE)) >= 2
    assert not answer.is_exact
    assert any("districts of the state senate" in note.lower() for note in answer.notes)


def test_switchboards_are_known_as_such(real: CivicIndex) -> None:
    shared = [
        office.shared_by
        for member in real.members("NH")
        if not member.seat.is_federal
        for office in member.public_offices
        if office.phone
    ]
    assert max(shared) > 300


def test_homes_are_apart(real: CivicIndex) -> None:
    homes = [
        office for m in real.members() for office in m.offices if office not in m.public_offices
    ]
    assert 40 < len(homes) < 100
