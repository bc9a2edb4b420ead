"""Who represents a place, the whole country loaded: by point and by ZIP code after start.

People are the real ones of a folder of snapshots, and so are its boundaries; every other state's
are made (synthetic_country.py) to the real number of districts. Against a plain scan by pyshp of
the same shapefiles with the same test of a point, in turn. Bar: medians of 50 ms by point and 20
ms by ZIP, and the same districts as the plain scan finds.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import random
import shutil
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import shapefile

from freehold.civic.answer import Candidate
from freehold.civic.index.build import build_index
from freehold.civic.index.index import CivicIndex
from freehold.civic.index.sets import DataSet, Kind, recognise
from freehold.civic.people.congress import read_congress
from freehold.civic.people.open_states import read_open_states
from freehold.civic.places.boundaries import read_boundaries
from freehold.civic.places.states import LETTERS
from freehold.civic.places.zip_areas import read_zip_parts
from freehold.civic.seat import Chamber, Seat
from freehold.errors import NotFound
from measure import in_turn, parser_of, report
from synthetic_country import kind_of, write_country, write_tables

AS_OF = date(2026, 8, 5)
BAR_POINT, BAR_ZIP = 0.050, 0.020
MANY = 1000


def main() -> int:
    parser = parser_of(__doc__, pairs=3)
    parser.add_argument("data", type=Path, help="a folder of real snapshots")
    parser.add_argument("--folder", type=Path, required=True, help="where to make the rest, kept")
    args = parser.parse_args()
    sets = country(args.data, args.folder)
    path = args.folder / "index.sqlite"
    began = time.perf_counter()
    build_index(sets, path, today=AS_OF)
    build = time.perf_counter() - began
    maps = [data.path for data in sets if data.kind is Kind.BOUNDARIES]
    began = time.perf_counter()
    with CivicIndex(path) as index:
        start = time.perf_counter() - began
        figures, met = lookups(index, path, maps, args.pairs)
    figures = {
        "index_bytes": path.stat().st_size,
        "build_s": round(build, 1),
        "sources_bytes": sum(data.size for data in sets),
        "open_ms": round(start * 1000, 2),
        **figures,
    }
    bar = "medians of 50 ms by point and 20 ms by ZIP code, the districts a plain scan finds"
    return report("act_lookup", bar, figures, args.json, met=met)


def country(data: Path, folder: Path) -> list[DataSet]:
    """Every file of the whole country; what is not in `data` is made in `folder`, once."""
    real = [path for path in sorted(data.iterdir()) if recognise(path) is not None]
    made = folder / "made"
    if not (made / "done").exists():
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        people = read_open_states(data / "openstates-people-main.zip", today=AS_OF)
        people += read_congress(data / "legislators-current.json", today=AS_OF)
        seats = {member.seat for member in people}
        at_hand = set()
        for path in real:
            if recognise(path) is Kind.BOUNDARIES:
                found, _ = read_boundaries(path)
                seat = Seat(found[0].chamber, found[0].state)
                at_hand.add((seat.state, str(kind_of(seat))))
        districts = write_country(made, seats, at_hand)
        parts, _ = read_zip_parts(data / "zccd.csv")
        write_tables(made, ((part.zip, part.state) for part in parts), seats)
        (made / "done").write_text(f"{districts} districts\n")
    paths = [*real, *sorted(path for path in made.iterdir() if path.name != "done")]
    sets = []
    for path in paths:
        kind = recognise(path)
        if kind is not None:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            sets.append(DataSet(kind, path, path.name, AS_OF, digest))
    return sets


def lookups(
    index: CivicIndex, path: Path, maps: Sequence[Path], pairs: int
) -> tuple[dict[str, object], bool]:
    """Seconds of many lookups, and of a few beside the plain scan."""
    with sqlite3.connect(path) as database:
        boxes = database.execute("SELECT west, south, east, north FROM boundary").fetchall()
        counts = database.execute("SELECT chamber, count(*) FROM boundary GROUP BY 1").fetchall()
        zips = [row[0] for row in database.execute("SELECT DISTINCT zip FROM zip")]
    draw = random.Random(7)
    points = [middle(box, draw) for box in draw.choices(boxes, k=MANY)]
    by_point = sorted(seconds(partial(index.by_point, *p)) for p in points)
    by_zip = sorted(seconds(partial(index.by_zip, c)) for c in draw.choices(zips, k=MANY))
    same: list[bool] = []
    waiting, point = iter(points), points[0]

    def ours() -> float:
        nonlocal point
        point = next(waiting)
        return seconds(lambda: index.by_point(*point))

    def plain() -> float:
        began = time.perf_counter()
        there = scan(maps, *point)
        took = time.perf_counter() - began
        try:
            candidates = index.by_point(*point).candidates
        except NotFound:
            candidates = ()
        same.append(agree(seats_of(path, there), candidates))
        return took

    compared = in_turn(ours, plain, pairs, warm_up=0)
    figures: dict[str, object] = {
        "districts": {str(chamber): count for chamber, count in counts},
        "districts_of_the_real_country": {"us-house": 441, "upper": 1960, "lower": 4874},
        "zip_codes": len(zips),
        "lookups": MANY,
        "by_point_ms": spread(by_point),
        "by_zip_ms": spread(by_zip),
        "plain_scan_s": round(compared.medians[1], 2),
        "plain_scan_times": round(1 / compared.ratio),
        "same_districts": all(same),
        "pairs": pairs,
    }
    met = statistics.median(by_point) <= BAR_POINT and statistics.median(by_zip) <= BAR_ZIP
    return figures, met and all(same)


def seats_of(path: Path, districts: Sequence[tuple[str, str]]) -> set[Seat]:
    """The seats of districts that a plain scan found, by state and name."""
    found = set()
    with sqlite3.connect(path) as database:
        for state, name in districts:
            rows = database.execute(
                "SELECT s.chamber, s.state, s.district FROM boundary b JOIN seat_of s"
                " ON b.id = s.boundary WHERE b.state = ? AND b.name = ?",
                (state, name),
            )
            found |= {Seat(Chamber(row[0]), *row[1:]) for row in rows}
    return found


def agree(there: set[Seat], candidates: Sequence[Candidate]) -> bool:
    """Whether all that the scan found is in the answer, and nothing else of those chambers is
    said to be certain.
    """
    chambers = {seat.chamber for seat in there}
    sure = {one.seat for one in candidates if one.is_certain and one.seat.chamber in chambers}
    return sure <= there <= {one.seat for one in candidates}


def middle(box: tuple[int, int, int, int], draw: random.Random) -> tuple[float, float]:
    """A point in the middle third of a box, latitude first."""
    west, south, east, north = box
    x = west + (east - west) * draw.uniform(0.35, 0.65)
    y = south + (north - south) * draw.uniform(0.35, 0.65)
    return y / 1e6, x / 1e6


def seconds(what: Callable[[], object]) -> float:
    """How long it took; a place in no district counts as any other."""
    began = time.perf_counter()
    with contextlib.suppress(NotFound):
        what()
    return time.perf_counter() - began


def spread(times: Sequence[float]) -> dict[str, float]:
    """The median, the 99th of a hundred and the worst, in milliseconds."""
    at = (len(times) // 2, math.floor(len(times) * 0.99), len(times) - 1)
    names = ("median", "of_100_the_99th", "worst")
    return {name: round(times[n] * 1000, 2) for name, n in zip(names, at, strict=True)}


def scan(maps: Sequence[Path], latitude: float, longitude: float) -> list[tuple[str, str]]:
    """The districts that hold a point, by reading every shapefile from the start."""
    found = []
    for path in maps:
        with shapefile.Reader(str(path)) as reader:
            for area in reader.iterShapeRecords():
                west, south, east, north = area.shape.bbox
                if not (west <= longitude <= east and south <= latitude <= north):
                    continue
                if holds(area.shape, latitude, longitude):
                    record = area.record.as_dict()
                    found.append((LETTERS[record["STATEFP"]], str(record["NAMELSAD"])))
    return found


def holds(shape: shapefile.Shape, latitude: float, longitude: float) -> bool:
    """Whether a ray to the east crosses its lines an odd number of times."""
    inside = False
    ends = [*shape.parts[1:], len(shape.points)]
    for first, last in zip(shape.parts, ends, strict=True):
        before = shape.points[last - 1]
        for now in shape.points[first:last]:
            if (before[1] > latitude) != (now[1] > latitude):
                share = (latitude - before[1]) / (now[1] - before[1])
                if longitude < before[0] + share * (now[0] - before[0]):
                    inside = not inside
            before = now
    return inside


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(main())
