"""Who represents a place, asked of an index."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.civic.small_country import (
    AS_OF,
    HOUSE,
    TODAY,
    build_small,
    data_set,
    person,
    small_sets,
    write_districts,
    write_relation,
    write_states,
)

from freehold.civic.answer import Answer
from freehold.civic.index.build import build_index
from freehold.civic.index.index import CivicIndex
from freehold.civic.seat import Chamber, Seat
from freehold.errors import FormatError, NotFound, StorageError, UsageError


def names(answer: Answer, chamber: Chamber) -> list[str]:
    return [
        member.name
        for candidate in answer.candidates
        if candidate.seat.chamber is chamber
        for member in candidate.members
    ]


def test_a_point_inside_is_certain(small: CivicIndex) -> None:
    answer = small.by_point(42.5, -105.5)
    assert answer.is_exact
    assert names(answer, Chamber.US_SENATE) == ["Ann Abel", "Ann Baker"]
    assert names(answer, Chamber.US_HOUSE) == ["Ann Cole"]
    assert names(answer, Chamber.UPPER) == ["Ida Irons"]
    assert names(answer, Chamber.LOWER) == ["Kit Kane", "Lea Lowe"]


def test_a_district_with_nobody_is_a_candidate_with_nobody(small: CivicIndex) -> None:
    answer = small.by_point(42.5, -104.5)
    vacant = [one for one in answer.candidates if one.seat.chamber is Chamber.LOWER]
    assert [(one.seat.district, one.members) for one in vacant] == [("2", ())]


def test_a_point_on_a_line_is_given_both_sides_as_unsure(small: CivicIndex) -> None:
    answer = small.by_point(42.5, -105.0)
    assert names(answer, Chamber.UPPER) == ["Ida Irons", "Jim Jones"]
    assert not answer.is_exact
    assert any("near to a line" in note for note in answer.notes)
    assert small.by_point(42.5, -105.0001).is_exact, "eight metres off: whole boundaries decide"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(42.001, 42.999), st.floats(-105.999, -104.001))
def test_every_point_inside_is_found(small: CivicIndex, lat: float, lon: float) -> None:
    answer = small.by_point(lat, lon)
    found = {one.seat.district for one in answer.candidates if one.seat.chamber is Chamber.UPPER}
    assert ("1" if lon < -105 else "2") in found
    if abs(lon + 105) > 0.0001:
        assert len(found) == 1
        assert answer.is_exact


@pytest.mark.parametrize("place", [(0.0, 0.0), (51.5, -0.1), (42.5, -103.5), (-42.5, 105.5)])
def test_a_point_at_sea_abroad_or_on_water_is_said_to_be_nowhere(
    small: CivicIndex, place: tuple[float, float]
) -> None:
    with pytest.raises(NotFound, match="at sea, abroad") as caught:
        small.by_point(*place)
    assert "NH, WY" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "place",
    [(91.0, 0.0), (-105.5, 42.5), (42.5, 181.0), (float("nan"), 0.0), (0.0, float("inf"))],
)
def test_numbers_that_are_no_point_are_refused(
    small: CivicIndex, place: tuple[float, float]
) -> None:
    with pytest.raises(UsageError) as caught:
        small.by_point(*place)
    assert "Latitude comes first" in (caught.value.hint or "")


def test_a_zip_area_in_one_district_of_congress_and_two_of_the_state(small: CivicIndex) -> None:
    answer = small.by_zip("82001")
    assert names(answer, Chamber.US_HOUSE) == ["Ann Cole"]
    shares = {
        one.seat.district: (one.share, one.is_certain)
        for one in answer.candidates
        if one.seat.chamber is Chamber.UPPER
    }
    assert shares == {"1": (0.9, False), "2": (0.1, False)}
    assert any("82001 lies in several districts" in note for note in answer.notes)
    assert not answer.is_exact


def test_the_likeliest_of_a_split_comes_first(small: CivicIndex) -> None:
    assert names(small.by_zip("03801"), Chamber.US_HOUSE) == ["Ann Egan", "Ann Ford"]


def test_floterial_districts_of_the_county_are_unsure_and_said(small: CivicIndex) -> None:
    answer = small.by_point(43.5, -71.5)
    found = {
        one.seat.district: one.is_certain
        for one in answer.candidates
        if one.seat.chamber is Chamber.LOWER
    }
    assert found == {"Belknap 1": True, "Belknap 8": False}, "Coos 7 lies over another county"
    assert any("floterial" in note for note in answer.notes)


@pytest.mark.parametrize("code", ["82001-1234", " 82001 ", "820011234", "82001 1234"])
def test_four_more_digits_are_left_aside(small: CivicIndex, code: str) -> None:
    assert small.by_zip(code).place == "82001"


@pytest.mark.parametrize("code", ["1234", "8200", "820011", "abcde", "", "82001-12", "٨٢٠٠١"])
def test_what_is_no_zip_code_is_refused(small: CivicIndex, code: str) -> None:
    with pytest.raises(UsageError, match="no ZIP code"):
        small.by_zip(code)


def test_a_zip_code_of_boxes_is_explained(small: CivicIndex) -> None:
    with pytest.raises(NotFound, match="no area for 82003") as caught:
        small.by_zip("82003")
    assert "post-office boxes" in (caught.value.hint or "")


def test_the_council_of_the_district_of_columbia(tmp_path: Path) -> None:
    table = tmp_path / "zccd.csv"
    table.write_text("state_fips,state_abbr,zcta,cd\n11,DC,20001,98\n")
    sets = [*small_sets(tmp_path), data_set(table)]
    build_index(sets, tmp_path / "i.sqlite", today=TODAY)
    with CivicIndex(tmp_path / "i.sqlite") as index:
        answer = index.by_zip("20001")
    assert names(answer, Chamber.US_HOUSE) == ["Ann Gale"]
    assert names(answer, Chamber.US_SENATE) == []
    assert "Ron Reed" in names(answer, Chamber.SINGLE), "the chairman is everybody's"
    assert any("no senators" in note for note in answer.notes)


def test_zip_areas_lead_to_named_districts_without_a_map(tmp_path: Path) -> None:
    people = {
        "ma": [
            person(f"Ann {number}", "lower", f"{number} Middlesex")
            for number in ("1st", "2nd", "3rd", "4th", "21st")
        ]
    }
    rows = [
        ("25M21", "Twenty-First Middlesex District", "01801", 30),
        ("25M05", "Fifth Middlesex District", "01801", 70),
        ("25M99", "", "01801", 5),
    ]
    sets = [
        data_set(write_states(tmp_path, people)),
        data_set(write_relation(tmp_path / "sldl.txt", "SLDL2024", rows)),
    ]
    build_index(sets, tmp_path / "i.sqlite", today=TODAY)
    with CivicIndex(tmp_path / "i.sqlite") as index:
        answer = index.by_zip("01801")
    assert [(one.seat.district, [m.name for m in one.members]) for one in answer.candidates] == [
        ("Fifth Middlesex", []),
        ("21st Middlesex", ["Ann 21st"]),
    ], "a number that nobody's district has, and no name, could be any"


def test_data_sets_with_their_dates(small: CivicIndex) -> None:
    ages = {age.title: age for age in small.datasets()}
    assert ages["legislators-current.json"].as_of == AS_OF
    assert ages["legislators-current.json"].why == "5 terms end"
    assert ages["people-main.zip"].expires is not None


def test_outlines_to_draw(small: CivicIndex) -> None:
    outlines = small.outlines("WY", Chamber.UPPER)
    assert [one.name for one in outlines] == ["State Senate District 1", "State Senate District 2"]
    assert outlines[0].seats == (Seat(Chamber.UPPER, "WY", "1"),)
    assert len(outlines[0].rings[0][0]) == 5
    assert small.outlines("TX", Chamber.UPPER) == []


def test_generalised_boundaries_are_unsure_further_from_a_line_and_give_way(
    tmp_path: Path,
) -> None:
    rough = write_districts(tmp_path / "cb_56.zip", "SLDLST", HOUSE, ("STUSPS", "LSAD"))
    whole = write_districts(tmp_path / "tl_56.zip", "SLDLST", HOUSE, ("MTFCC", "LSAD"))
    people = data_set(write_states(tmp_path))
    sets = {"rough": [rough], "both": [whole, rough], "turned": [rough, whole]}
    exact = {}
    for name, paths in sets.items():
        path = tmp_path / f"{name}.sqlite"
        build_index([people, *map(data_set, paths)], path, today=TODAY)
        with CivicIndex(path) as index:
            near, far = (
                [
                    one.is_certain
                    for one in index.by_point(42.5, longitude).candidates
                    if one.seat.chamber is Chamber.LOWER
                ]
                for longitude in (-105.001, -105.1)
            )
            assert far == [True]
            assert near in ([True], [False, False])
            exact[name] = near == [True]
    assert exact == {"rough": False, "both": True, "turned": True}


def test_no_index_yet(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no public data here yet") as caught:
        CivicIndex(tmp_path / "index.sqlite")
    assert "freehold act update" in (caught.value.hint or "")


def test_a_damaged_index_is_an_error_that_says_how_to_mend_it(tmp_path: Path) -> None:
    path = build_small(tmp_path)
    whole = path.read_bytes()
    for data in (b"", b"not a database at all, whatever its name", whole[:100], whole[:9000]):
        path.write_bytes(data)
        with pytest.raises(StorageError) as caught, CivicIndex(path) as index:
            index.by_point(42.5, -105.5)
        assert "freehold act update" in (caught.value.hint or "")


def test_an_index_of_another_version_is_built_anew(tmp_path: Path) -> None:
    path = build_small(tmp_path)
    database = sqlite3.connect(path)
    database.execute("UPDATE about SET value = '99' WHERE name = 'version'")
    database.commit()
    database.close()
    with pytest.raises(StorageError, match="another version"):
        CivicIndex(path)


def test_a_failed_build_leaves_the_old_index_and_nothing_else(tmp_path: Path) -> None:
    path = build_small(tmp_path)
    before = path.read_bytes()
    bent = tmp_path / "tl_2025_56_sldl.zip"
    sets = small_sets(tmp_path)
    bent.write_bytes(bent.read_bytes()[:-30])
    with pytest.raises(FormatError):
        build_index(sets, path, today=TODAY)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_nothing_to_build_from_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no data"):
        build_index([], tmp_path / "i.sqlite", today=TODAY)


def test_a_home_with_odd_letters_in_its_path(tmp_path: Path) -> None:
    with CivicIndex(build_small(tmp_path / "größe ?#% 1")) as index:
        assert index.by_zip("82001").candidates
