"""Which districts a ZIP code's area lies in, and how much of its land.

Two kinds of table: the Census Bureau's relationship files, with land in square metres, and a plain
list of ZIP area and congressional district, without. A ZIP area (ZCTA) is the bureau's drawing of a
ZIP code that delivers to places: post-office boxes have none.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from freehold.civic.places.states import LETTERS, filed_chamber
from freehold.civic.seat import Chamber
from freehold.errors import FormatError


@dataclass(frozen=True)
class ZipPart:
    """A part of a ZIP area: in which district it lies."""

    zip: str
    chamber: Chamber
    state: str
    code: str
    """As the Census Bureau numbers the district; empty or `00` for one at large."""
    share: float | None
    """Of the area's land, 0 to 1; None where the table does not tell."""
    name: str = ""
    """As the bureau names the district, where the table does: `First Essex District`."""


_RELATIONS = (
    (re.compile(r"GEOID_CD(\d+)_\d+"), "CD"),
    (re.compile(r"GEOID_SLDU(\d+)_\d+"), "SLDU"),
    (re.compile(r"GEOID_SLDL(\d+)_\d+"), "SLDL"),
)


def is_relation(header: str) -> bool:
    """Whether this is the first line of a relationship file."""
    return "GEOID_ZCTA5" in header and "AREALAND_PART" in header


def is_plain_list(header: str) -> bool:
    """Whether this is the first line of a list of ZIP areas and congressional districts."""
    return {"state_fips", "zcta", "cd"} <= set(header.strip().lower().split(","))


def read_zip_parts(path: Path) -> tuple[list[ZipPart], int | None]:
    """Every part in a table of either kind, and the Congress whose districts it has.

    Raises FormatError.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline()
            if is_relation(header):
                return _relation(path, header, file)
            if is_plain_list(header):
                return list(_plain(path, header, file)), None
    except UnicodeDecodeError as error:
        raise _odd(path, "it is not UTF-8") from error
    raise _odd(path, "its first line names other columns")


def _relation(path: Path, header: str, lines: Iterator[str]) -> tuple[list[ZipPart], int | None]:
    columns = header.strip().split("|")
    district, kind, congress = _district_column(columns, path)
    zip_column = next(at for at, name in enumerate(columns) if name.startswith("GEOID_ZCTA5"))
    part = columns.index("AREALAND_PART")
    named = columns[district].replace("GEOID", "NAMELSAD")
    name = columns.index(named) if named in columns else None
    land: dict[str, int] = {}
    rows: list[tuple[str, str, int, str]] = []
    for number, line in enumerate(lines, 2):
        cells = line.rstrip("\r\n").split("|")
        if len(cells) != len(columns):
            raise _odd(path, f"line {number:,} has {len(cells)} columns, not {len(columns)}")
        code, area = cells[zip_column], cells[district]
        if not code or not area:
            continue  # land in no ZIP area, or in no district
        try:
            metres = int(cells[part])
        except ValueError as error:
            raise _odd(path, f"line {number:,} has no number of square metres") from error
        land[code] = land.get(code, 0) + metres
        rows.append((code, area, metres, cells[name] if name is not None else ""))
    found = []
    for code, area, metres, called in rows:
        state = LETTERS.get(area[:2])
        if state is None or not area[2:].strip("Zz"):
            continue
        share = metres / land[code] if land[code] else None
        found.append(ZipPart(code, filed_chamber(kind, state), state, area[2:], share, called))
    return found, congress


def _district_column(columns: list[str], path: Path) -> tuple[int, str, int | None]:
    for at, name in enumerate(columns):
        for pattern, kind in _RELATIONS:
            if match := pattern.fullmatch(name):
                return at, kind, int(match[1]) if kind == "CD" else None
    raise _odd(path, "it has no column of districts")


def _plain(path: Path, header: str, lines: Iterator[str]) -> Iterator[ZipPart]:
    names = [name.strip().lower() for name in header.strip().split(",")]
    fips, zcta, cd = names.index("state_fips"), names.index("zcta"), names.index("cd")
    for number, row in enumerate(csv.reader(lines), 2):
        if not row:
            continue
        if len(row) < len(names) or not re.fullmatch(
            r"[0-9]{5} [0-9]{1,2}", _area(row[zcta], row[cd])
        ):
            raise _odd(path, f"line {number:,} is no ZIP area and district")
        state = LETTERS.get(row[fips].zfill(2))
        if state is not None:
            code = row[cd].strip().zfill(2)
            yield ZipPart(row[zcta].zfill(5), Chamber.US_HOUSE, state, code, None)


def _area(zcta: str, district: str) -> str:
    return f"{zcta.zfill(5)} {district.strip()}"


def _odd(path: Path, why: str) -> FormatError:
    return FormatError(
        f"{path.name} is no whole table of ZIP areas: {why}.",
        "Fetch it again with `freehold act update`, or take another copy.",
    )
