"""Districts out of shapefiles, whole, generalised and broken."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from tests.civic.small_country import BELKNAP, HOUSE, WYOMING, square, write_districts

from freehold.civic.places.boundaries import GENERALISED_ERROR, WHOLE_ERROR, read_boundaries
from freehold.civic.places.rings import SCALE
from freehold.civic.seat import Chamber
from freehold.errors import FormatError


def test_districts_with_names_codes_and_rings(tmp_path: Path) -> None:
    found, congress = read_boundaries(write_districts(tmp_path / "a.zip", "SLDLST", BELKNAP))
    assert congress is None
    first = found[0]
    assert (first.chamber, first.state, first.code) == (Chamber.LOWER, "NH", "001")
    assert first.name == "State House District Belknap 01"
    assert len(first.rings) == 1
    assert min(first.rings[0][0]) == -72 * SCALE


def test_water_that_belongs_to_no_district_is_left_out(tmp_path: Path) -> None:
    found, _ = read_boundaries(write_districts(tmp_path / "a.zip", "SLDUST", WYOMING))
    assert [boundary.code for boundary in found] == ["001", "002"]


def test_districts_of_congress_say_of_which(tmp_path: Path) -> None:
    rows = [("34", "07", "Congressional District 7", [square(-75, 40)])]
    for column, number in (("CD119FP", 119), ("CD120FP", 120)):
        found, congress = read_boundaries(write_districts(tmp_path / "a.zip", column, rows))
        assert (found[0].chamber, congress) == (Chamber.US_HOUSE, number)


def test_one_chamber_is_filed_with_the_senates(tmp_path: Path) -> None:
    rows = [("31", "001", "State Legislative District 1", [square(-98, 41)])]
    found, _ = read_boundaries(write_districts(tmp_path / "a.zip", "SLDUST", rows))
    assert found[0].chamber is Chamber.SINGLE


def test_holes_and_islands_are_rings_too(tmp_path: Path) -> None:
    rings = [square(-106, 42), list(reversed(square(-105.6, 42.4, 0.2))), square(-103, 42, 0.1)]
    rows = [("56", "001", "State House District 1", rings)]
    found, _ = read_boundaries(write_districts(tmp_path / "a.zip", "SLDLST", rows))
    assert len(found[0].rings) == 3


@pytest.mark.parametrize(
    ("name", "extra", "error"),
    [
        ("tl_2025_56_sldl.zip", ("LSAD", "LSY", "MTFCC", "FUNCSTAT"), WHOLE_ERROR),
        ("renamed.zip", ("LSAD", "LSY", "MTFCC", "FUNCSTAT"), WHOLE_ERROR),
        ("tl_2024_56_sldl.zip", ("LSY",), WHOLE_ERROR),
        ("cb_2024_us_sldl_500k.zip", ("STUSPS", "STATE_NAME", "LSAD"), GENERALISED_ERROR),
        ("renamed.zip", ("STUSPS", "STATE_NAME", "LSAD"), GENERALISED_ERROR),
    ],
)
def test_how_sure_a_line_is_is_told_by_what_is_in_the_file(
    tmp_path: Path, name: str, extra: tuple[str, ...], error: float
) -> None:
    found, _ = read_boundaries(write_districts(tmp_path / name, "SLDLST", HOUSE, extra))
    assert found[0].error == error


def test_other_columns_are_refused_by_name(tmp_path: Path) -> None:
    path = write_districts(tmp_path / "counties.zip", "COUNTYFP", HOUSE)
    with pytest.raises(FormatError, match=r"counties\.zip .*no column of districts") as caught:
        read_boundaries(path)
    assert "freehold act update" in (caught.value.hint or "")


def test_half_a_download_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    whole = write_districts(tmp_path / "a.zip", "SLDLST", BELKNAP).read_bytes()
    part = tmp_path / "part.zip"
    for length in range(0, len(whole), max(1, len(whole) // 40)):
        part.write_bytes(whole[:length])
        with pytest.raises(FormatError, match=r"part\.zip"):
            read_boundaries(part)


def test_damaged_bytes_are_refused_or_read_never_a_traceback(tmp_path: Path) -> None:
    whole = write_districts(tmp_path / "a.zip", "SLDLST", BELKNAP).read_bytes()
    part = tmp_path / "bent.zip"
    said: list[bool] = []
    for at in range(0, len(whole), 7):
        bent = bytearray(whole)
        bent[at] ^= 0x55
        part.write_bytes(bent)
        try:
            read_boundaries(part)
        except FormatError as error:
            said.append("bent.zip" in error.message)
    assert len(said) > 20
    assert all(said)


@pytest.mark.parametrize("cut", ["shp", "dbf", "shx"])
def test_a_part_cut_short_inside_a_whole_archive_is_refused(tmp_path: Path, cut: str) -> None:
    whole = write_districts(tmp_path / "a.zip", "SLDLST", BELKNAP)
    bent = tmp_path / "bent.zip"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(bent, "w") as new:
        for entry in old.namelist():
            data = old.read(entry)
            new.writestr(entry, data[: len(data) // 2] if entry.endswith(cut) else data)
    if cut == "shx":  # an index beside the shapes: they can be read without it
        try:
            found, _ = read_boundaries(bent)
        except FormatError:
            return
        assert len(found) == 3
        return
    with pytest.raises(FormatError, match=r"bent\.zip"):
        read_boundaries(bent)


def test_an_archive_that_unpacks_to_too_much_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.shp", bytes(1 << 20))
    monkeypatch.setattr("freehold.civic.places.boundaries._LARGEST", 1 << 19)
    with pytest.raises(FormatError, match="would unpack to 1,048,576 bytes"):
        read_boundaries(path)
