"""Boundaries and ZIP tables for the states whose files are not at hand, in the upstream's formats.

Every state gets as many districts as its legislature has in the real list of people, on a grid
somewhere no state is, with bent edges that neighbours share point for point. How many points a
district has is an assumption, but for Congress: those of New Jersey's whole boundaries.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import shapefile

from freehold.civic.places.states import FIPS, ONE_CHAMBER
from freehold.civic.seat import Chamber, Seat

POINTS = {"cd119": 7600, "sldu": 2500, "sldl": 1200}
_COLUMNS = {"cd119": "CD119FP", "sldu": "SLDUST", "sldl": "SLDLST"}
_NAMES = {
    "cd119": "Congressional District",
    "sldu": "State Senate District",
    "sldl": "State House District",
}
_WIDE, _HIGH, _ACROSS = 5.0, 4.0, 8


def kind_of(seat: Seat) -> str | None:
    """In which of the three files a seat's district would be."""
    if seat.chamber is Chamber.US_SENATE:
        return None
    if seat.chamber is Chamber.US_HOUSE:
        return "cd119"
    return "sldl" if seat.chamber is Chamber.LOWER else "sldu"


def write_country(folder: Path, seats: Iterable[Seat], at_hand: set[tuple[str, str]]) -> int:
    """Shapefiles for every state and chamber but those at hand; how many districts they have."""
    codes: dict[tuple[str, str], set[str]] = defaultdict(set)
    for seat in seats:
        kind = kind_of(seat)
        if (
            kind
            and (seat.state, kind) not in at_hand
            and not (seat.state in ONE_CHAMBER and kind == "sldl")
        ):
            codes[seat.state, kind].add(seat.district)
    states = sorted({state for state, _ in codes})
    for (state, kind), districts in codes.items():
        write_state(folder, state, kind, sorted(districts), states.index(state))
    return sum(map(len, codes.values()))


def write_state(folder: Path, state: str, kind: str, districts: Sequence[str], place: int) -> None:
    """One state's districts of one chamber."""
    fips = FIPS[state]
    columns = int(np.ceil(np.sqrt(len(districts))))
    wide, high = _WIDE / columns, _HIGH / int(np.ceil(len(districts) / columns))
    west, south = place % _ACROSS * (_WIDE + 1), 20 + place // _ACROSS * (_HIGH + 1)
    parts = {end: io.BytesIO() for end in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, shapeType=shapefile.POLYGON) as writer:
        for name in ("STATEFP", _COLUMNS[kind], "GEOID", "NAMELSAD", "LSAD", "MTFCC"):
            writer.field(name, "C", size=100)
        for number, district in enumerate(districts):
            column, row = number % columns, number // columns
            corner = (west + column * wide, south + row * high)
            writer.poly([cell(corner, wide, high, POINTS[kind] // 4, (place, column, row))])
            code = f"{number + 1:03}" if kind != "cd119" else f"{int(district or 0):02}"
            name = f"{_NAMES[kind]} {district or '(at Large)'}"
            writer.record(fips, code, fips + code, name, "x", "G5200")
    with zipfile.ZipFile(folder / f"tl_2025_{fips}_{kind}.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for end, data in parts.items():
            file.writestr(f"tl_2025_{fips}_{kind}.{end}", data.getvalue())


def cell(
    corner: tuple[float, float], wide: float, high: float, points: int, at: tuple[int, int, int]
) -> list[list[float]]:
    """A ring, clockwise; an edge is made from its place in the grid, so both sides share it."""
    (x, y), (place, column, row) = corner, at
    left = edge((x, y), (x, y + high), wide, points, (place, column, row, 0))
    top = edge((x, y + high), (x + wide, y + high), high, points, (place, column, row + 1, 1))
    right = edge((x + wide, y), (x + wide, y + high), wide, points, (place, column + 1, row, 0))
    bottom = edge((x, y), (x + wide, y), high, points, (place, column, row, 1))
    ring = np.concatenate([left[:-1], top[:-1], right[::-1][:-1], bottom[::-1]])
    return [[float(lon), float(lat)] for lon, lat in ring]


def edge(
    start: tuple[float, float],
    end: tuple[float, float],
    room: float,
    points: int,
    seed: tuple[int, int, int, int],
) -> np.ndarray:
    """A bent line: waves of many lengths, at rest at its ends."""
    draw = np.random.default_rng(seed)
    along = np.linspace(0, 1, points + 1)
    bend = np.zeros_like(along)
    for waves in (1, 3, 7, 20, 60, 200):
        bend += draw.normal() / waves * np.sin(2 * np.pi * (waves * along + draw.random()))
    bend *= 0.12 * room * np.sin(np.pi * along) / max(1.0, float(np.abs(bend).max()))
    ax, ay = start
    bx, by = end
    across = (1.0, 0.0) if ax == bx else (0.0, 1.0)
    return np.stack(
        [ax + along * (bx - ax) + bend * across[0], ay + along * (by - ay) + bend * across[1]], 1
    )


def write_tables(
    folder: Path, zips: Iterable[tuple[str, str]], seats: Iterable[Seat], spread: int = 3
) -> None:
    """Relationship files of legislatures: each ZIP area in one to `spread` districts."""
    draw = random.Random(1)
    by_kind: dict[tuple[str, str], set[str]] = defaultdict(set)
    for seat in seats:
        if (kind := kind_of(seat)) in {"sldu", "sldl"}:
            by_kind[seat.state, str(kind)].add(seat.district)
    zips = sorted(set(zips))
    for kind in ("sldu", "sldl"):
        label = f"{kind.upper()}2024_20"
        lines = [f"GEOID_{label}|NAMELSAD_{label}|GEOID_ZCTA5_20|AREALAND_PART"]
        for code, state in zips:
            districts = sorted(by_kind.get((state, kind), ()))
            for district in draw.sample(districts, min(len(districts), draw.randint(1, spread))):
                geoid = f"{FIPS[state]}{districts.index(district) + 1:03}"
                land = draw.randint(1, 10**8)
                lines.append(f"{geoid}|{_NAMES[kind]} {district}|{code}|{land}")
        (folder / f"tab20_{kind}202420_zcta520_natl.txt").write_text("\n".join(lines) + "\n")
