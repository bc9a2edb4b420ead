"""A small country in the upstream's own formats: two states, four districts, six members.

Wyoming is the square from 0 to 2 degrees west and north of the equator, New Hampshire the next one;
each has a senate of one district and a house of two, west and east. Nobody in it is real.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import shapefile

_OPEN_STATES = """\
id: ocd-person/{id}
name: {name}
given_name: {given}
family_name: {family}
email: {id}@example.gov
party:
- name: {party}
roles:
- start_date: 2024-12-01
  type: {chamber}
  jurisdiction: ocd-jurisdiction/country:us/state:{state}/government
  district: '{district}'
offices:
- classification: capitol
  address: 1 Capitol Way, Town, {upper} 82001
  voice: 307-555-0100
- classification: home
  address: 7 Quiet Lane, Town, {upper} 82001
  voice: 307-555-0199
links:
- url: https://example.gov/{id}
"""
SQUARES = {"WY": 0.0, "NH": -4.0}
"""The western edge of each state, in degrees."""
_NAMED = {"WY": ("State House District {}", "56"), "NH": ("State House District Belknap 0{}", "33")}


def people() -> list[dict[str, object]]:
    """Two senators and a representative of Wyoming."""
    rows: list[dict[str, object]] = []
    for number, (kind, name) in enumerate((("sen", "Ada"), ("sen", "Bea"), ("rep", "Cy"))):
        term = {
            "type": kind,
            "start": "2025-01-03",
            "end": "2027-01-03",
            "state": "WY",
            "party": "Independent",
            "phone": "202-555-0100",
            "address": "1 Senate Building Washington DC 20510",
            "url": "https://example.gov",
        }
        if kind == "rep":
            term["district"] = 0  # type: ignore[assignment]
        rows.append(
            {
                "id": {"bioguide": f"X{number}"},
                "name": {"first": name, "last": "Example", "official_full": f"{name} Example"},
                "terms": [term],
            }
        )
    return rows


def legislators() -> bytes:
    """An archive of Open States' people."""
    out = io.BytesIO()
    seats = (
        ("wy", "upper", "1", "Dee", "Wide"),
        ("wy", "lower", "1", "Eve", "West"),
        ("wy", "lower", "2", "Fay", "East"),
        ("nh", "upper", "1", "Gil", "Broad"),
        ("nh", "lower", "Belknap 1", "Hal", "Far"),
        ("nh", "lower", "Belknap 8", "Ira", "Over"),
    )
    with zipfile.ZipFile(out, "w") as archive:
        for number, (state, chamber, district, given, family) in enumerate(seats):
            text = _OPEN_STATES.format(
                id=f"m{number}",
                name=f"{given} {family}",
                given=given,
                family=family,
                party="Democratic" if number % 2 else "Republican",
                chamber=chamber,
                state=state,
                upper=state.upper(),
                district=district,
            )
            archive.writestr(f"people-main/data/{state}/legislature/{given}.yml", text)
    return out.getvalue()


def boundaries(state: str, kind: str) -> bytes:
    """A shapefile archive of `sldu` (one district) or `sldl` (two) of a state."""
    west, (name, fips) = SQUARES[state], _NAMED[state]
    column = "SLDUST" if kind == "sldu" else "SLDLST"
    parts = [(0.0, 2.0)] if kind == "sldu" else [(0.0, 1.0), (1.0, 2.0)]
    files = {end: io.BytesIO() for end in ("shp", "shx", "dbf")}
    with shapefile.Writer(**files, shapeType=shapefile.POLYGON) as writer:
        for field in ("STATEFP", column, "GEOID", "NAMELSAD"):
            writer.field(field, "C", 40)
        for number, (left, right) in enumerate(parts, 1):
            x, y = west + left, west + right
            writer.poly([[(x, 0.0), (x, 2.0), (y, 2.0), (y, 0.0), (x, 0.0)]])
            label = f"State Senate District {number}" if kind == "sldu" else name.format(number)
            writer.record(fips, f"00{number}", f"{fips}00{number}", label)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for end, file in files.items():
            archive.writestr(f"tl_2025_{fips}_{kind}.{end}", file.getvalue())
    return out.getvalue()


ZIPS = "state_fips,state_abbr,zcta,cd\n56,WY,82001,0\n33,NH,03801,1\n33,NH,03060,1\n33,NH,03060,2\n"
SHARES = (
    "OID_SLDL_20|GEOID_SLDL2024_20|NAMELSAD_SLDL2024_20|AREALAND_SLDL2024_20|GEOID_ZCTA5_20|"
    "AREALAND_ZCTA5_20|AREALAND_PART|AREAWATER_PART\n"
    "1|56001|State House District 1|10|82001|8|6|0\n"
    "2|56002|State House District 2|10|82001|8|2|0\n"
    "3|56ZZZ|not defined|10|82001|8|0|0\n"
)


def write_all(folder: Path) -> Path:
    """All of it as files, as a USB stick would have them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "legislators-current.json").write_text(json.dumps(people()))
    (folder / "openstates-people.zip").write_bytes(legislators())
    (folder / "zccd.csv").write_text(ZIPS)
    (folder / "tab20_sldl202420_zcta520_natl.txt").write_text(SHARES)
    for state, (_, fips) in _NAMED.items():
        for kind in ("sldu", "sldl"):
            (folder / f"tl_2025_{fips}_{kind}.zip").write_bytes(boundaries(state, kind))
    return folder
