"""Building the index: every data set read, joined and written into one new file."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from freehold.civic.index import ages
from freehold.civic.index.schema import CREATE, INDEX, VERSION, written
from freehold.civic.index.sets import DataSet, Kind
from freehold.civic.people.congress import read_congress
from freehold.civic.people.member import Member
from freehold.civic.people.open_states import read_open_states
from freehold.civic.people.switchboards import count_shared
from freehold.civic.places.boundaries import Boundary, read_boundaries
from freehold.civic.places.joining import (
    SeatsByKey,
    seat_of_code,
    seats_by_key,
    seats_named,
    seats_of,
)
from freehold.civic.places.rings import box_of, pack
from freehold.civic.places.zip_areas import ZipPart, read_zip_parts
from freehold.civic.seat import Chamber, Seat
from freehold.errors import StorageError, UsageError
from freehold.progress import SILENT, Progress

Expiry = tuple[date | None, str | None]


@dataclass
class _Parts:
    """What was read so far."""

    members: list[Member] = field(default_factory=list)
    boundaries: list[Boundary] = field(default_factory=list)
    zips: list[ZipPart] = field(default_factory=list)
    rows: list[tuple[DataSet, Expiry, str]] = field(default_factory=list)


def build_index(
    sets: Sequence[DataSet],
    path: Path,
    *,
    today: date,
    states: Collection[str] | None = None,
    progress: Progress = SILENT,
) -> None:
    """Make the index anew from these files and put it in the place of an older one.

    `states` limits state legislators to some. Raises FormatError, StorageError, UsageError.
    """
    if not sets:
        raise UsageError("There is no data to build an index from.", "See freehold act update.")
    parts = _Parts()
    _people(sets, parts, today, states, progress)
    for data in _of(sets, Kind.ZIP_AREAS):
        found, congress = read_zip_parts(data.path)
        parts.zips += found
        expiry = ages.boundaries_expire(Chamber.US_HOUSE, congress, ages.REDRAWN)
        parts.rows.append((data, expiry, ""))
    _boundaries(sets, parts, progress)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(temporary)) as database:
            _write(database, parts, progress)
        temporary.replace(path)
    except (sqlite3.Error, OSError) as error:
        temporary.unlink(missing_ok=True)
        raise StorageError(
            f"The index cannot be written: {error}.", "Is the disk full, or the folder not yours?"
        ) from error


def _of(sets: Iterable[DataSet], kind: Kind) -> list[DataSet]:
    return [data for data in sets if data.kind is kind]


def _people(
    sets: Sequence[DataSet],
    parts: _Parts,
    today: date,
    states: Collection[str] | None,
    progress: Progress,
) -> None:
    extras = {kind: found[-1].path for kind in Kind if (found := _of(sets, kind))}
    for data in _of(sets, Kind.CONGRESS)[-1:]:
        members = read_congress(
            data.path,
            extras.get(Kind.CONGRESS_OFFICES),
            extras.get(Kind.COMMITTEES),
            extras.get(Kind.COMMITTEE_MEMBERS),
            today=min(today, data.as_of),
        )
        parts.members += members
        parts.rows.append((data, ages.congress_expires(members, data.as_of), ""))
    for kind in (Kind.CONGRESS_OFFICES, Kind.COMMITTEES, Kind.COMMITTEE_MEMBERS):
        parts.rows += [(data, (None, None), "") for data in _of(sets, kind)[-1:]]
    for data in _of(sets, Kind.STATE_LEGISLATORS)[-1:]:
        members = read_open_states(data.path, today=data.as_of, states=states, progress=progress)
        parts.members += members
        there = sorted({member.seat.state for member in members})
        parts.rows.append((data, ages.legislatures_expire(there, data.as_of), " ".join(there)))
    parts.members = count_shared(parts.members)


def _boundaries(sets: Sequence[DataSet], parts: _Parts, progress: Progress) -> None:
    """The finest boundaries of each state and chamber."""
    finest: dict[tuple[Chamber, str], list[Boundary]] = {}
    archives = _of(sets, Kind.BOUNDARIES)
    with progress.task("Reading boundaries", len(archives), "files") as task:
        for data in archives:
            found, congress = read_boundaries(data.path)
            grouped: dict[tuple[Chamber, str], list[Boundary]] = {}
            for boundary in found:
                grouped.setdefault((boundary.chamber, boundary.state), []).append(boundary)
            for where, listed in grouped.items():
                if where not in finest or listed[0].error <= finest[where][0].error:
                    finest[where] = listed
            states = sorted({boundary.state for boundary in found})
            chamber = found[0].chamber if found else Chamber.UPPER
            expiry = ages.boundaries_expire(chamber, congress, states)
            parts.rows.append((data, expiry, " ".join(states)))
            task.advance(1)
    parts.boundaries = [boundary for listed in finest.values() for boundary in listed]


def _write(database: sqlite3.Connection, parts: _Parts, progress: Progress) -> None:
    database.executescript(CREATE)
    database.execute("INSERT INTO about VALUES ('version', ?)", (str(VERSION),))
    database.executemany(
        "INSERT INTO dataset VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_dataset_row, parts.rows)
    )
    database.executemany(
        "INSERT INTO member VALUES (?, ?, ?, ?, ?)",
        (
            (m.seat.chamber, m.seat.state, m.seat.district, m.name, written(m))
            for m in parts.members
        ),
    )
    seats = {member.seat for member in parts.members}
    joined = seats_of(parts.boundaries, seats)
    with progress.task("Writing the index", len(joined), "districts") as task:
        for number, (boundary, found) in enumerate(joined.items(), 1):
            _write_boundary(database, number, boundary, found or [_own_seat(boundary)])
            task.advance(1)
    _write_zips(database, parts.zips, joined, seats_by_key(seats))
    database.executescript(INDEX)
    database.commit()
    database.execute("VACUUM")


def _dataset_row(row: tuple[DataSet, Expiry, str]) -> tuple[object, ...]:
    data, (expires, why), states = row
    until = expires.isoformat() if expires else None
    return (
        data.kind,
        data.title,
        data.as_of.isoformat(),
        until,
        why,
        data.address,
        data.licence,
        data.sha256,
        data.size,
        states,
    )


def _own_seat(boundary: Boundary) -> Seat:
    """A district for which the data has nobody."""
    seat = seat_of_code(boundary.chamber, boundary.state, boundary.name, boundary.code)
    return seat or Seat(boundary.chamber, boundary.state, boundary.code)


def _write_boundary(
    database: sqlite3.Connection, number: int, boundary: Boundary, seats: Iterable[Seat]
) -> None:
    box = box_of(boundary.rings)
    database.execute(
        "INSERT INTO boundary VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number,
            boundary.chamber,
            boundary.state,
            boundary.name,
            boundary.error,
            box.west,
            box.south,
            box.east,
            box.north,
        ),
    )
    database.execute("INSERT INTO rings VALUES (?, ?)", (number, pack(boundary.rings)))
    database.executemany(
        "INSERT INTO seat_of VALUES (?, ?, ?, ?)",
        ((number, seat.chamber, seat.state, seat.district) for seat in seats),
    )


def _write_zips(
    database: sqlite3.Connection,
    zips: Iterable[ZipPart],
    joined: dict[Boundary, list[Seat]],
    seats: SeatsByKey,
) -> None:
    """ZIP parts by seat: through the boundary of the same code, else by the district's name.

    A table with shares of land goes before one without. A part of a legislature's district that
    has neither a name nor anybody who sits for its number is left out: it could be any.
    """
    by_code = {(b.chamber, b.state, b.code): found for b, found in joined.items()}
    shared = {(part.zip, part.chamber) for part in zips if part.share is not None}
    for part in zips:
        if part.share is None and (part.zip, part.chamber) in shared:
            continue
        where = (part.chamber, part.state)
        found = by_code.get((*where, part.code)) or seats_named(seats, *where, part.name, part.code)
        if not found and (own := seat_of_code(*where, part.name, part.code)):
            found = [own]
        database.executemany(
            "INSERT OR REPLACE INTO zip VALUES (?, ?, ?, ?, ?)",
            ((part.zip, seat.chamber, seat.state, seat.district, part.share) for seat in found),
        )
