"""ZIP areas and districts, from both kinds of table."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.civic.small_country import write_relation

from freehold.civic.places.zip_areas import read_zip_parts
from freehold.civic.seat import Chamber
from freehold.errors import FormatError

ROWS = [
    ("3301", "Congressional District 1", "03801", 300),
    ("3302", "Congressional District 2", "03801", 100),
    ("5600", "Congressional District (at Large)", "82001", 0),
    ("33ZZ", "Congressional Districts not defined", "03801", 0),
    ("", "", "03801", 100),
    ("3301", "Congressional District 1", "", 100),
]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_shares_of_an_areas_land(tmp_path: Path, mark: str) -> None:
    path = write_relation(tmp_path / "cd.txt", "CD119", ROWS, mark=mark)
    parts, congress = read_zip_parts(path)
    assert congress == 119
    assert [(part.zip, part.state, part.code, part.share) for part in parts] == [
        ("03801", "NH", "01", 0.75),
        ("03801", "NH", "02", 0.25),
        ("82001", "WY", "00", None),
    ]
    assert parts[0].name == "Congressional District 1"


@pytest.mark.parametrize(
    ("label", "geoid", "chamber"),
    [
        ("SLDU2024", "56001", Chamber.UPPER),
        ("SLDL2024", "56001", Chamber.LOWER),
        ("SLDU2024", "31001", Chamber.SINGLE),
        ("SLDU2026", "56001", Chamber.UPPER),
    ],
)
def test_each_chamber_has_a_table(tmp_path: Path, label: str, geoid: str, chamber: Chamber) -> None:
    path = write_relation(tmp_path / "a.txt", label, [(geoid, "District 1", "82001", 9)])
    parts, congress = read_zip_parts(path)
    assert (parts[0].chamber, parts[0].share, congress) == (chamber, 1.0, None)


def test_a_plain_list_has_no_shares(tmp_path: Path) -> None:
    path = tmp_path / "zccd.csv"
    path.write_text("state_fips,state_abbr,zcta,cd\n1,AL,00501,3\n56,WY,82001,0\n99,XX,1,1\n")
    parts, congress = read_zip_parts(path)
    assert congress is None
    assert [(part.zip, part.state, part.code, part.share) for part in parts] == [
        ("00501", "AL", "03", None),
        ("82001", "WY", "00", None),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "first line"),
        ("a,b,c\n1,2,3\n", "first line"),
        ("GEOID_ZCTA5_20|AREALAND_PART|x\n", "no column of districts"),
        ("GEOID_CD119_20|GEOID_ZCTA5_20|AREALAND_PART\n3301|03801|5\n3301|038", "line 3 has 2"),
        ("GEOID_CD119_20|GEOID_ZCTA5_20|AREALAND_PART\n3301|03801|much\n", "line 2 has no number"),
        ("state_fips,state_abbr,zcta,cd\n33,NH,038x1,1\n", "line 2"),
        ("state_fips,state_abbr,zcta,cd\n33,NH\n", "line 2"),
        ("state_fips,state_abbr,zcta,cd\n33,NH,03801,\n", "line 2"),
    ],
)
def test_a_broken_table_is_refused_by_line(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "table.txt"
    path.write_text(text)
    with pytest.raises(FormatError, match=rf"table\.txt .*{why}"):
        read_zip_parts(path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.txt"
    path.write_bytes(b"state_fips,state_abbr,zcta,cd\n33,NH,\xff\xfe,1\n")
    with pytest.raises(FormatError, match=r"table\.txt .*UTF-8"):
        read_zip_parts(path)
