"""Members of Congress, from the project's JSON."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.civic.small_country import TODAY, legislator, write_congress

from freehold.civic.people.congress import read_congress
from freehold.civic.people.member import OfficeKind
from freehold.civic.seat import Chamber, Seat
from freehold.errors import FormatError

OFFICES = [
    {
        "id": {"bioguide": "S1"},
        "offices": [
            {
                "address": "205 4th Ave. NE",
                "suite": "Suite 104",
                "city": "Casper",
                "state": "WY",
                "zip": "82601",
                "phone": "(307) 261-6413",
                "hours": "M-F 8-5",
            }
        ],
    }
]
COMMITTEES = [
    {"type": "senate", "name": "Committee on Rules", "thomas_id": "SSRA"},
    {"type": "senate", "name": "Committee on Finance", "thomas_id": "SSFI",
     "subcommittees": [{"name": "Trade", "thomas_id": "13"}]},
]  # fmt: skip
MEMBERSHIP = {
    "SSRA": [{"name": "Ann Abel", "bioguide": "S1", "rank": 1, "title": "Chairman"}],
    "SSFI": [{"name": "Ann Abel", "bioguide": "S1", "rank": 5}, {"name": "B", "bioguide": "S2"}],
    "SSFI13": [{"name": "Ann Abel", "bioguide": "S1", "rank": 5}],
}


def write(folder: Path, name: str, document: Any) -> Path:
    path = folder / name
    path.write_text(json.dumps(document))
    return path


def test_everyone_whose_term_runs(tmp_path: Path) -> None:
    found = {member.id: member for member in read_congress(write_congress(tmp_path), today=TODAY)}
    assert set(found) == {"S1", "S2", "S3", "R1", "R2", "R3", "D1"}
    abel = found["S1"]
    assert abel.seat == Seat(Chamber.US_SENATE, "WY")
    assert (abel.title, abel.party, abel.term_end) == ("Senator", "Democratic", date(2031, 1, 3))
    assert abel.offices[0].phone == "202-224-3441"
    assert abel.contact_form == "https://a.example/write"
    assert found["R1"].seat == Seat(Chamber.US_HOUSE, "WY")
    assert found["R2"].seat == Seat(Chamber.US_HOUSE, "NH", "1")
    assert found["D1"].title == "Delegate"


def test_district_offices_and_committees_where_known(tmp_path: Path) -> None:
    found = read_congress(
        write_congress(tmp_path),
        write(tmp_path, "o.json", OFFICES),
        write(tmp_path, "c.json", COMMITTEES),
        write(tmp_path, "m.json", MEMBERSHIP),
        today=TODAY,
    )
    abel, baker = found[0], found[1]
    assert [office.kind for office in abel.offices] == [OfficeKind.CAPITOL, OfficeKind.DISTRICT]
    local = abel.offices[1]
    assert local.address == "205 4th Ave. NE, Suite 104, Casper, WY 82601"
    assert (local.city, local.phone, local.hours) == ("Casper", "307-261-6413", "M-F 8-5")
    assert abel.committees == ("Committee on Finance", "Committee on Rules (Chairman)")
    assert baker.committees == ("Committee on Finance",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[{",
        "{}",
        "[1]",
        '[{"id": {}}]',
        '[{"id": {"bioguide": "A"}, "name": {"last": "B"}, "terms": []}]',
        '[{"id": {"bioguide": "A"}, "name": null, "terms": [{"type": "rep", "state": "WY"}]}]',
        "[" * 100_000,
    ],
)
def test_what_is_no_list_of_members_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "legislators-current.json"
    path.write_text(text)
    with pytest.raises(FormatError, match=r"legislators-current\.json") as caught:
        read_congress(path, today=TODAY)
    assert caught.value.hint


def test_a_term_with_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    path = write_congress(tmp_path, [legislator("A", "B", "sen", "WY", end="soon")])
    with pytest.raises(FormatError, match=r"legislators-current\.json"):
        read_congress(path, today=TODAY)


@pytest.mark.parametrize("broken", ["[]", "3", '{"SSRA": 5}', '{"SSRA": [{"name": "A"}]}'])
def test_a_broken_list_of_committee_members_is_refused(tmp_path: Path, broken: str) -> None:
    membership = tmp_path / "m.json"
    membership.write_text(broken)
    with pytest.raises(FormatError, match=r"m\.json"):
        read_congress(
            write_congress(tmp_path),
            None,
            write(tmp_path, "c.json", COMMITTEES),
            membership,
            today=TODAY,
        )
