"""A small country in the upstream's own formats: square districts, a few people."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import shapefile
import yaml

from freehold.civic.index.build import build_index
from freehold.civic.index.sets import DataSet, recognise

TODAY = date(2026, 8, 6)
AS_OF = date(2026, 8, 5)

Points = list[tuple[float, float]]


def square(west: float, south: float, size: float = 1.0) -> Points:
    """A square ring, clockwise as shapefiles have them."""
    east, north = west + size, south + size
    return [(west, south), (west, north), (east, north), (east, south), (west, south)]


WYOMING = (
    ("56", "001", "State Senate District 1", [square(-106, 42)]),
    ("56", "002", "State Senate District 2", [square(-105, 42)]),
    ("56", "ZZZ", "State Senate Districts not defined", [square(-104, 42)]),
)
HOUSE = (
    ("56", "001", "State House District 1", [square(-106, 42)]),
    ("56", "002", "State House District 2", [square(-105, 42)]),
)
BELKNAP = (
    ("33", "001", "State House District Belknap 01", [square(-72, 43)]),
    ("33", "002", "State House District Belknap 02", [square(-71, 43)]),
    ("33", "003", "State House District Coos 01", [square(-72, 44)]),
)


def write_districts(
    path: Path,
    column: str,
    rows: Iterable[tuple[str, str, str, Sequence[Points]]],
    extra: Sequence[str] = (),
) -> Path:
    """A zipped shapefile with the Census Bureau's fields."""
    parts = {end: io.BytesIO() for end in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, shapeType=shapefile.POLYGON) as writer:
        for name in ("STATEFP", column, "GEOID", "NAMELSAD", *extra):
            writer.field(name, "C", size=100)
        for fips, code, name, rings in rows:
            writer.poly([list(ring) for ring in rings])
            writer.record(fips, code, fips + code, name, *("x" for _ in extra))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for end, data in parts.items():
            archive.writestr(f"{path.stem}.{end}", data.getvalue())
    return path


def legislator(id_: str, last: str, kind: str, state: str, **term: Any) -> dict[str, Any]:
    """A member of Congress as the project's JSON has them."""
    return {
        "id": {"bioguide": id_},
        "name": {"first": "Ann", "last": last, "official_full": f"Ann {last}"},
        "terms": [
            {"type": "rep", "start": "2019-01-03", "end": "2021-01-03", "state": "XX"},
            {
                "type": kind,
                "start": "2025-01-03",
                "end": "2027-01-03",
                "state": state,
                "party": "Democrat",
                "phone": "202-224-3441",
                "address": "1 Senate Building",
                **term,
            },
        ],
    }


CONGRESS = (
    legislator("S1", "Abel", "sen", "WY", end="2031-01-03", contact_form="https://a.example/write"),
    legislator("S2", "Baker", "sen", "WY", end="2029-01-03"),
    legislator("R1", "Cole", "rep", "WY", district=0, party="Republican"),
    legislator("S3", "Dunn", "sen", "NH"),
    legislator("R2", "Egan", "rep", "NH", district=1),
    legislator("R3", "Ford", "rep", "NH", district=2),
    legislator("D1", "Gale", "rep", "DC", district=0),
    legislator("O1", "Hall", "rep", "NH", district=2, end="2024-01-03"),
)


def write_congress(folder: Path, people: Sequence[Mapping[str, Any]] = CONGRESS) -> Path:
    """The file of members of Congress."""
    path = folder / "legislators-current.json"
    path.write_text(json.dumps(people), encoding="utf-8")
    return path


def person(
    name: str, chamber: str, district: str, *offices: Mapping[str, str], **fields: Any
) -> dict[str, Any]:
    """A state legislator as Open States writes them."""
    role = {"type": chamber, "district": district, "start_date": "2023-01-10"}
    return {
        "id": f"ocd-person/{name}",
        "name": name,
        "email": "one@example.gov",
        "party": [{"name": "Republican"}],
        "roles": [{**role, **fields.pop("role", {})}],
        "offices": list(offices),
        **fields,
    }


def office(kind: str, voice: str, address: str = "1 Main St, Town, WY 82001") -> dict[str, str]:
    """One of their offices."""
    return {"classification": kind, "voice": voice, "address": address}


STATES: dict[str, list[dict[str, Any]]] = {
    "wy": [
        person("Ida Irons", "upper", "1", office("capitol", "307-777-0001")),
        person("Jim Jones", "upper", "2", office("home", "307-555-0002")),
        person("Kit Kane", "lower", "1", office("capitol", "307-777-0009")),
        person("Lea Lowe", "lower", "1", office("capitol", "307-777-0009")),
    ],
    "nh": [
        person("Max Moor", "lower", "Belknap 1", office("capitol", "603-271-3661")),
        person("Ned Nash", "lower", "Belknap 8", office("capitol", "603-271-3661")),
        person("Oda Orr", "lower", "Coos 7", office("capitol", "603-271-3661")),
    ],
    "me": [person("Pia Page", "lower", "Penobscot Nation")],
    "dc": [
        person("Quy Quin", "legislature", "Ward 1"),
        person("Ron Reed", "legislature", "Chairman"),
    ],
}


def write_states(
    folder: Path,
    people: Mapping[str, Sequence[Mapping[str, Any]]] = STATES,
    committees: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> Path:
    """The archive of state legislators."""
    path = folder / "people-main.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("people-main/data/wy/retired/Old-One.yml", yaml.safe_dump({"name": "Old"}))
        for part, by_state in (("legislature", people), ("committees", committees or {})):
            for state, documents in by_state.items():
                for number, document in enumerate(documents):
                    name = f"people-main/data/{state}/{part}/{number}.yml"
                    archive.writestr(name, yaml.safe_dump(dict(document)))
    return path


def write_relation(
    path: Path, label: str, rows: Iterable[tuple[str, str, str, int]], *, mark: str = "\ufeff"
) -> Path:
    """A relationship file: rows of district, its name, ZIP area and square metres of land."""
    columns = [f"{part}_{label}_20" for part in ("OID", "GEOID", "NAMELSAD")]
    header = [*columns, "OID_ZCTA5_20", "GEOID_ZCTA5_20", "AREALAND_PART", "AREAWATER_PART"]
    lines = ["|".join(header)]
    lines += [f"1|{geoid}|{name}|2|{zcta}|{metres}|0" for geoid, name, zcta, metres in rows]
    path.write_text(mark + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def data_set(path: Path) -> DataSet:
    """The file as a data set, of the kind that is told from what is in it."""
    kind = recognise(path)
    assert kind is not None, path
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return DataSet(kind, path, path.name, AS_OF, digest, "https://example.gov/", "CC0-1.0")


def small_sets(folder: Path) -> list[DataSet]:
    """Everything of the small country."""
    zips = [
        ("5600", "Congressional District (at Large)", "82001", 900),
        ("3301", "Congressional District 1", "03801", 300),
        ("3302", "Congressional District 2", "03801", 100),
    ]
    senate = [
        ("56001", "State Senate District 1", "82001", 900),
        ("56002", "State Senate District 2", "82001", 100),
        ("56ZZZ", "not defined", "82001", 0),
        ("", "", "82001", 5),
        ("56001", "State Senate District 1", "", 5),
    ]
    paths = [
        write_congress(folder),
        write_states(folder),
        write_districts(folder / "tl_2025_56_sldu.zip", "SLDUST", WYOMING),
        write_districts(folder / "tl_2025_56_sldl.zip", "SLDLST", HOUSE),
        write_districts(folder / "tl_2025_33_sldl.zip", "SLDLST", BELKNAP),
        write_relation(folder / "cd.txt", "CD119", zips),
        write_relation(folder / "sldu.txt", "SLDU2024", senate),
    ]
    return [data_set(path) for path in paths]


def build_small(folder: Path) -> Path:
    """The index of the small country."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "civic" / "index.sqlite"
    build_index(small_sets(folder), path, today=TODAY)
    return path
