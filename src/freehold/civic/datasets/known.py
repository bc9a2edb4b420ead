"""Any copy of a public file, known by what is in it: its kind, its name here, its day."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from freehold.civic.index.sets import Kind, recognise
from freehold.civic.places.states import LETTERS, NAMES
from freehold.civic.public_sets import PublicFile, of_states, whole_country

_ODD = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Known:
    """What a file turned out to be."""

    kind: Kind
    name: str
    """What such a file is called here."""
    title: str
    as_of: date
    address: str = ""
    licence: str = ""


def know(path: Path, today: date) -> Known | None:
    """What a file is; None for any that is no public data. Raises FormatError on broken ones."""
    kind = recognise(path)
    if kind is None:
        return None
    name = _name(path, kind)
    published = next(
        (file for file in (*whole_country(), *_of_state(name)) if file.name == name), None
    )
    day = min(day_of(path), today)
    if published is None:
        return Known(kind, name, _title(kind, name), day)
    address = published.address
    return Known(kind, name, published.title, day, address, published.licence)


def _of_state(name: str) -> tuple[PublicFile, ...]:
    match = re.match(r"tl_\d{4}_(\d\d)_", name)
    state = LETTERS.get(match[1]) if match else None
    return of_states({state}) if state else ()


def _name(path: Path, kind: Kind) -> str:
    if kind is Kind.BOUNDARIES:
        with zipfile.ZipFile(path) as archive:
            inside = next(name for name in archive.namelist() if name.endswith(".shp"))
        return f"{_ODD.sub('-', Path(inside).stem).strip('-.') or 'boundaries'}.zip"
    if kind is Kind.ZIP_AREAS:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            header = file.readline()
        found = re.search(r"GEOID_(CD|SLDU|SLDL)(\d+)_(\d\d)", header)
        if found is None:
            return "zccd.csv"
        return f"tab20_{found[1].lower()}{found[2]}{found[3]}_zcta520_natl.txt"
    return next((file.name for file in whole_country() if file.kind is kind), path.name)


def _title(kind: Kind, name: str) -> str:
    if kind is not Kind.BOUNDARIES:
        return "ZIP areas: US House" if name == "zccd.csv" else f"ZIP areas: {name}"
    match = re.match(r"tl_(\d{4})_(\d\d)_(cd|sldu|sldl)", name)
    if match is None or match[2] not in LETTERS:
        return f"Boundaries: {name.removesuffix('.zip')}"
    what = {"cd": "US House", "sldu": "state senate", "sldl": "state house"}[match[3]]
    return f"Boundaries of {match[1]}, full: {NAMES[LETTERS[match[2]]]}, {what}"


def day_of(path: Path) -> date:
    """When it was made: the newest entry of an archive, else when the file was last written."""
    days = [datetime.fromtimestamp(path.stat().st_mtime, UTC).date()]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            stamps = [entry.date_time for entry in archive.infolist()]
        days += [date(*stamp[:3]) for stamp in [max(stamps)] if stamp[0] > 1980] if stamps else []
    return min(days)
