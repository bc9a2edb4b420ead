"""State legislators, from the archive of the Open States project."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.civic.small_country import TODAY, office, person, write_states

from freehold.civic.people.member import Member, OfficeKind
from freehold.civic.people.open_states import read_open_states
from freehold.civic.seat import Chamber, Seat
from freehold.errors import FormatError


def read(folder: Path, *people: dict[str, Any], **more: Any) -> list[Member]:
    return read_open_states(write_states(folder, {"wy": people}, **more), today=TODAY)


def test_everyone_who_sits_today(tmp_path: Path) -> None:
    found = read_open_states(write_states(tmp_path), today=TODAY)
    assert {member.name for member in found} >= {"Ida Irons", "Oda Orr", "Pia Page", "Quy Quin"}
    assert "Old" not in {member.name for member in found}, "someone who has retired"
    ida = next(member for member in found if member.name == "Ida Irons")
    assert ida.seat == Seat(Chamber.UPPER, "WY", "1")
    assert (ida.title, ida.party, ida.email) == ("Senator", "Republican", "one@example.gov")
    assert ida.family_name == "Irons"
    assert ida.offices[0].address == "1 Main St, Town, WY 82001"
    assert {m.seat.chamber for m in found if m.seat.state == "DC"} == {Chamber.SINGLE}


def test_some_states_alone(tmp_path: Path) -> None:
    found = read_open_states(write_states(tmp_path), today=TODAY, states={"NH"})
    assert {member.seat.state for member in found} == {"NH"}


@pytest.mark.parametrize(
    ("role", "sits"),
    [
        ({"end_date": "2026-08-05"}, False),
        ({"end_date": "2026-08-06"}, True),
        ({"end_date": "2026-12"}, True),
        ({"start_date": "2026-12-01"}, False),
        ({"start_date": None}, True),
        ({"type": "mayor"}, False),
        ({"type": "governor"}, False),
    ],
)
def test_only_roles_that_run(tmp_path: Path, role: dict[str, Any], sits: bool) -> None:
    assert bool(read(tmp_path, person("Ann A", "upper", "1", role=role))) is sits


def test_the_role_that_runs_counts_and_not_the_one_before(tmp_path: Path) -> None:
    ann = person("Ann A", "upper", "2")
    ann["roles"].insert(0, {"type": "lower", "district": "9", "end_date": "2023-01-09"})
    assert read(tmp_path, ann)[0].seat == Seat(Chamber.UPPER, "WY", "2")


def test_a_home_comes_last_and_is_kept_apart(tmp_path: Path) -> None:
    ann = person("Ann A", "upper", "1", office("home", "307-555-0001"), office("capitol", "x"))
    found = read(tmp_path, ann)[0]
    assert [one.kind for one in found.offices] == [OfficeKind.CAPITOL, OfficeKind.HOME]
    assert [one.kind for one in found.public_offices] == [OfficeKind.CAPITOL]
    assert found.public_offices[0].phone is None, "x is no number"


@pytest.mark.parametrize("kind", ["district-mail", "capitol-mail", "primary", "new-kind"])
def test_kinds_that_are_not_known_are_public_offices(tmp_path: Path, kind: str) -> None:
    found = read(tmp_path, person("Ann A", "upper", "1", office(kind, "307-555-0001")))
    assert found[0].public_offices[0].kind is OfficeKind.OTHER


def test_committees_where_they_are_there(tmp_path: Path) -> None:
    committees = {
        "wy": [
            {
                "id": "ocd-organization/1",
                "name": "Judiciary",
                "classification": "committee",
                "members": [
                    {"name": "Ann A", "role": "chair", "person_id": "ocd-person/Ann A"},
                    {"name": "Nobody", "role": "member"},
                ],
            },
            {
                "id": "ocd-organization/2",
                "name": "Bail",
                "classification": "subcommittee",
                "members": [{"name": "Ann A", "role": "member", "person_id": "ocd-person/Ann A"}],
            },
        ]
    }
    found = read(tmp_path, person("Ann A", "upper", "1"), committees=committees)
    assert found[0].committees == ("Judiciary (chair)",)


def test_a_number_for_a_name_or_district_is_a_word(tmp_path: Path) -> None:
    found = read(tmp_path, person("Ann A", "upper", 7))  # type: ignore[arg-type]  # YAML's 7
    assert found[0].seat.district == "7"


@pytest.mark.parametrize(
    "text",
    [
        "roles: [",
        "name: A\nroles: 5\n",
        "name: A\nroles: [x]\n",
        "roles: [{type: upper, district: 1}]\n",
        "id: a\nname: A\nroles: [{type: upper, start_date: never}]\n",
        "id: a\nname: A\nroles: [{type: upper}]\noffices: [1]\n",
        "&a [*a]\n---\n2\n",
        "a: !!python/object/apply:os.system [exit]",
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "people.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("people-main/data/wy/legislature/Ann.yml", text)
    with pytest.raises(FormatError, match=r"Ann\.yml"):
        read_open_states(path, today=TODAY)


def test_a_cut_archive_and_one_without_legislators_are_refused(tmp_path: Path) -> None:
    whole = write_states(tmp_path)
    data = whole.read_bytes()
    for length in range(0, len(data), len(data) // 20):
        whole.write_bytes(data[:length])
        with pytest.raises(FormatError, match=r"people-main\.zip"):
            read_open_states(whole, today=TODAY)
    with pytest.raises(FormatError, match="no legislators in it"):
        read_open_states(write_states(tmp_path, {}), today=TODAY)


def test_bent_bytes_are_refused_by_name_never_a_traceback(tmp_path: Path) -> None:
    whole = write_states(tmp_path).read_bytes()
    bent = tmp_path / "bent.zip"
    said: list[bool] = []
    for at in range(0, len(whole), 11):
        data = bytearray(whole)
        data[at] ^= 0x41
        bent.write_bytes(data)
        try:
            read_open_states(bent, today=TODAY)
        except FormatError as error:
            said.append("bent.zip" in error.message or ".yml" in error.message)
    assert len(said) > 20
    assert all(said)


def test_a_bomb_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "people.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("people-main/data/wy/legislature/Bomb.yml", bytes(2 << 20))
    with pytest.raises(FormatError, match=r"Bomb\.yml unpacks to 2,097,152 bytes"):
        read_open_states(path, today=TODAY)


def test_aliases_that_multiply_are_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    lines.append("id: a\nname: *a11\nroles: [{type: upper, district: '1'}]")
    path = tmp_path / "people.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("people-main/data/wy/legislature/Laughs.yml", "\n".join(lines))
    with pytest.raises(FormatError, match=r"Laughs\.yml"):
        read_open_states(path, today=TODAY)
