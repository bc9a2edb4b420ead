"""Districts from the Census Bureau's shapefiles, whole (TIGER/Line) or generalised (1:500,000)."""

from __future__ import annotations

import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freehold.civic.places.rings import Ring, ring_of
from freehold.civic.places.states import LETTERS, filed_chamber
from freehold.civic.seat import Chamber
from freehold.errors import FormatError

if TYPE_CHECKING:
    import shapefile

WHOLE_ERROR = 1.0
"""Metres by which a point on a TIGER/Line boundary is taken to be unsure."""
GENERALISED_ERROR = 250.0
"""The same at a scale of 1:500,000: half a millimetre on the map."""
_LARGEST = 1 << 30
_TRIPS = (
    *(OSError, EOFError, RuntimeError, struct.error, zlib.error, MemoryError, OverflowError),
    *(ValueError, LookupError, TypeError, AttributeError, AssertionError),
)
"""Over what a reader of shapefiles trips when their bytes are not what they should be."""
_FIELDS = (("CD", "FP"), ("SLDU", "ST"), ("SLDL", "ST"))
_UNDEFINED = re.compile(r"Z+")


@dataclass(frozen=True, eq=False)
class Boundary:
    """One district's area."""

    chamber: Chamber
    state: str
    code: str
    """As the Census Bureau numbers it: `01`, `001`, `A-1`; `00` and `98` for one at large."""
    name: str
    """As it names it: `State House District Belknap 01`."""
    rings: tuple[Ring, ...]
    error: float
    """Metres from its lines within which it cannot decide."""


def read_boundaries(path: Path) -> tuple[list[Boundary], int | None]:
    """Every district of one archive, and the Congress that it is for, where it is for one.

    Areas that belong to no district (water) are left out. Raises FormatError.
    """
    with _opened(path) as reader:
        names = [field[0] for field in reader.fields]
        kind, column = _kind(names, path)
        error = GENERALISED_ERROR if _is_generalised(names, path) else WHOLE_ERROR
        shapes = reader.shapeRecords()
        if len(shapes) != reader.numRecords:
            raise _odd(path, f"{len(shapes)} areas for {reader.numRecords} rows")
        found = [
            boundary
            for shape in shapes
            if (boundary := _boundary(shape, kind, column, error, path)) is not None
        ]
    congress = re.fullmatch(r"CD(\d+)FP", column)
    return found, int(congress[1]) if congress else None


@contextmanager
def _opened(path: Path) -> Iterator[shapefile.Reader]:
    import shapefile

    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        _check_size(path, size)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # "possibly corrupt" is corrupt
            warnings.simplefilter("ignore", DeprecationWarning)
            with shapefile.Reader(str(path)) as reader:
                yield reader
    except FormatError:
        raise
    except (zipfile.BadZipFile, shapefile.ShapefileException, Warning, *_TRIPS) as error:
        raise _odd(path, f"{type(error).__name__}: {error}") from error


_HINT = "Fetch it again with `freehold act update`, or take another copy."


def _check_size(path: Path, size: int) -> None:
    if size > _LARGEST:
        raise FormatError(f"{path.name} would unpack to {size:,} bytes.", _HINT)


def _odd(path: Path, why: str) -> FormatError:
    return FormatError(f"{path.name} is no whole shapefile of districts: {why}.", _HINT)


def _kind(names: list[str], path: Path) -> tuple[str, str]:
    for prefix, end in _FIELDS:
        for name in names:
            if re.fullmatch(rf"{prefix}\d*{end}", name):
                return prefix, name
    raise _odd(path, "it has no column of districts (CD…FP, SLDUST, SLDLST)")


def _is_generalised(names: list[str], path: Path) -> bool:
    """By what is in it: these alone spell out the state; whole ones have a class of feature."""
    return "MTFCC" not in names and ("STUSPS" in names or path.name.startswith("cb_"))


def _boundary(shape: Any, kind: str, column: str, error: float, path: Path) -> Boundary | None:
    record = shape.record.as_dict()
    state = LETTERS.get(str(record.get("STATEFP")))
    code = str(record[column]).strip()
    if state is None or not code or _UNDEFINED.fullmatch(code):
        return None
    if not shape.shape.points:
        return None
    starts = [*shape.shape.parts, len(shape.shape.points)]
    rings = []
    for first, last in pairwise(starts):
        ring = ring_of(point[:2] for point in shape.shape.points[first:last])
        if len(ring[0]) > 3:
            rings.append(ring)
    if not rings:
        return None
    return Boundary(
        filed_chamber(kind, state), state, code, _name(record, path), tuple(rings), error
    )


def _name(record: dict[str, Any], path: Path) -> str:
    name = record.get("NAMELSAD") or record.get("NAME")
    if not isinstance(name, str):
        raise _odd(path, "a district has no name")
    return name.strip()
