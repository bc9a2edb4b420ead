"""Looking up who represents a place, in the index on this machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from freehold.civic.answer import Answer, Candidate, DataAge
from freehold.civic.index import places, schema
from freehold.civic.index.ordering import by_likelihood
from freehold.civic.people.member import Member
from freehold.civic.places.joining import FLOTERIAL, county_of, is_everywhere, is_tribal
from freehold.civic.places.rings import METRES, SCALE, Ring, contains, distance, simplified, unpack
from freehold.civic.places.states import NAMES, WITHOUT_SENATORS
from freehold.civic.seat import Chamber, Seat
from freehold.errors import NotFound, StorageError

_FURTHEST = 300.0
"""Metres by which a boundary's box is widened when looking for ones that may hold a point."""
_FEW = 4
"""So many seats of a chamber are listed although nothing decides between them."""


@dataclass(frozen=True)
class Outline:
    """One district as it is drawn on a map."""

    seats: tuple[Seat, ...]
    name: str
    rings: tuple[Ring, ...]
    """In units of 1e-6 degree."""


class CivicIndex:
    """The index, open. Use it as a context manager; it is only ever read."""

    def __init__(self, path: Path) -> None:
        """Raises NotFound when there is none, StorageError when it is damaged or of another age."""
        if not path.exists():
            raise NotFound("There is no public data here yet.", "freehold act update fetches it.")
        try:
            self._database = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
            row = self._database.execute("SELECT value FROM about WHERE name = 'version'")
            version = row.fetchone()
        except sqlite3.Error as error:
            raise _damaged(error) from error
        if version != (str(schema.VERSION),):
            raise _damaged("it was built by another version")

    def __enter__(self) -> CivicIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        self._database.close()

    def by_zip(self, code: str) -> Answer:
        """Everyone who may represent a ZIP code of five digits (four more are left aside).

        Raises UsageError for what is no ZIP code, NotFound for one that the tables don't have.
        """
        five = places.zip_code(code)
        with self._reading():
            rows = self._database.execute(
                "SELECT chamber, state, district, share FROM zip WHERE zip = ?", (five,)
            ).fetchall()
            if not rows:
                raise NotFound(*places.no_such_zip(five, has_tables=self._has("zip")))
            states = sorted({row[1] for row in rows})
            found: list[Candidate] = []
            for chamber in Chamber:
                parts = [row for row in rows if row[0] == chamber]
                for _, state, district, share in parts:
                    seat = Seat(chamber, state, district)
                    certain = len(parts) == 1 or (share is not None and share > 0.9999)
                    found.append(Candidate(seat, self.members_of(seat), share, certain))
            notes = places.split_notes(five, states, found)
            return self._complete(five, states, found, notes)

    def by_point(self, latitude: float, longitude: float) -> Answer:
        """Everyone who represents a point, in degrees north and east.

        A point nearer to a line than the boundary's own error is given both sides, as unsure.
        Raises UsageError for what is no point, NotFound for one in no district that is here.
        """
        places.check_point(latitude, longitude)
        x, y = round(longitude * SCALE), round(latitude * SCALE)
        with self._reading():
            found = [
                Candidate(seat, self.members_of(seat), None, certain)
                for seats, certain in self._around(x, y)
                for seat in seats
            ]
            place = f"{latitude:.5f}, {longitude:.5f}"
            if not found:
                raise NotFound(*places.nowhere(place, self.states_with_boundaries()))
            states = sorted({candidate.seat.state for candidate in found})
            notes = () if all(one.is_certain for one in found) else (places.ON_A_LINE,)
            return self._complete(place, states, found, notes)

    def members_of(self, seat: Seat) -> tuple[Member, ...]:
        """Everyone elected in a district, by name."""
        rows = self._database.execute(
            "SELECT chamber, state, district, record FROM member"
            " WHERE chamber = ? AND state = ? AND district = ? ORDER BY name",
            (seat.chamber, seat.state, seat.district),
        )
        return tuple(schema.read(*row) for row in rows)

    def member(self, id_: str) -> Member | None:
        """The member of that id."""
        row = self._database.execute(
            "SELECT chamber, state, district, record FROM member"
            " WHERE json_extract(record, '$.id') = ?",
            (id_,),
        ).fetchone()
        return schema.read(*row) if row else None

    def members(self, state: str | None = None) -> tuple[Member, ...]:
        """Everyone, or everyone of a state, by name."""
        rows = self._database.execute(
            "SELECT chamber, state, district, record FROM member"
            " WHERE ?1 IS NULL OR state = ?1 ORDER BY name",
            (state,),
        )
        return tuple(schema.read(*row) for row in rows)

    def datasets(self, states: Collection[str] | None = None) -> tuple[DataAge, ...]:
        """What the index was built from, and until when each holds; `states` for what is of them.

        A set of the whole country is of every state.
        """
        rows = self._database.execute("SELECT title, as_of, expires, why, states FROM dataset")
        return tuple(
            DataAge(title, date.fromisoformat(as_of), _day(expires), why)
            for title, as_of, expires, why, of in rows
            if states is None or not of or set(of.split()) & set(states)
        )

    def states_with_boundaries(self) -> dict[str, tuple[Chamber, ...]]:
        """The states that can be drawn, each with its chambers."""
        rows = self._database.execute(
            "SELECT DISTINCT state, chamber FROM boundary ORDER BY state, chamber"
        )
        found: dict[str, tuple[Chamber, ...]] = {}
        for state, chamber in rows:
            found[state] = (*found.get(state, ()), Chamber(chamber))
        return found

    def mapped_seats(self) -> frozenset[Seat]:
        """Every seat that has a boundary here, filled or not."""
        rows = self._database.execute("SELECT DISTINCT chamber, state, district FROM seat_of")
        return frozenset(
            Seat(Chamber(chamber), state, district) for chamber, state, district in rows
        )

    def outlines(self, state: str, chamber: Chamber, steps: int = 1600) -> list[Outline]:
        """A chamber's districts to be drawn, off by one of `steps` in their whole width at most."""
        with self._reading():
            west, east = self._database.execute(
                "SELECT min(west), max(east) FROM boundary WHERE state = ? AND chamber = ?",
                (state, chamber),
            ).fetchone()
            tolerance = ((east or 0) - (west or 0)) / SCALE / steps
            rows = self._database.execute(
                "SELECT id, name, data FROM boundary JOIN rings USING (id)"
                " WHERE state = ? AND chamber = ? ORDER BY name",
                (state, chamber),
            ).fetchall()
            return [
                Outline(self._seats(number), name, _drawn(unpack(data), tolerance))
                for number, name, data in rows
            ]

    def _around(self, x: int, y: int) -> Iterator[tuple[tuple[Seat, ...], bool]]:
        """The seats of each boundary that holds a point, or may, and whether it surely does."""
        up, across = places.reach(y, _FURTHEST)
        rows = self._database.execute(
            "SELECT id, error, data FROM boundary JOIN rings USING (id)"
            " WHERE west <= ? AND east >= ? AND south <= ? AND north >= ?",
            (x + across, x - across, y + up, y - up),
        )
        for number, error, data in rows.fetchall():
            rings = unpack(data)
            near = distance(rings, x, y, error + METRES) <= error + METRES
            if near or contains(rings, x, y):
                yield self._seats(number), not near

    def _seats(self, boundary: int) -> tuple[Seat, ...]:
        rows = self._database.execute(
            "SELECT chamber, state, district FROM seat_of WHERE boundary = ?", (boundary,)
        )
        return tuple(Seat(Chamber(chamber), state, district) for chamber, state, district in rows)

    def _complete(
        self,
        place: str,
        states: list[str],
        found: list[Candidate],
        notes: Iterable[str],
    ) -> Answer:
        """With whoever represents the whole state, the seats that lie over others, and notes."""
        sure = len(states) == 1
        said = list(notes)
        have = {candidate.seat for candidate in found}
        for state in states:
            everywhere, few, more = self._statewide(state, {one.seat for one in found})
            found += [self._candidate(s, certain=sure) for s in everywhere if s not in have]
            found += [self._candidate(seat, certain=False) for seat in few]
            said += more
            over = self._floterial(state, found)
            found += [self._candidate(seat, certain=False) for seat in over]
            if over:
                said.append(places.floterial_note(over))
        return Answer(place, by_likelihood(_merged(found)), tuple(said), self.datasets(states))

    def _candidate(self, seat: Seat, *, certain: bool) -> Candidate:
        return Candidate(seat, self.members_of(seat), None, certain)

    def _statewide(self, state: str, have: set[Seat]) -> tuple[list[Seat], list[Seat], list[str]]:
        """A state's seats for all of it; where nothing decides, those of a chamber with few; and
        what is missing.
        """
        rows = self._database.execute(
            "SELECT DISTINCT chamber, state, district FROM member WHERE state = ?", (state,)
        )
        seats = [Seat(Chamber(chamber), where, district) for chamber, where, district in rows]
        everywhere = [seat for seat in seats if is_everywhere(seat)]
        few: list[Seat] = []
        notes: list[str] = []
        if state in WITHOUT_SENATORS:
            notes.append(places.without_senators(state))
        decided = {seat.chamber for seat in (*have, *everywhere) if seat.state == state}
        for chamber in sorted({seat.chamber for seat in seats} - decided):
            ofit = [seat for seat in seats if seat.chamber == chamber and not is_tribal(seat)]
            if len(ofit) <= _FEW:
                few += ofit
            else:
                has_map = self._draws(state, chamber)
                notes.append(places.undecided(state, chamber, len(ofit), has_map=has_map))
        if not any(not seat.is_federal for seat in seats) and state in NAMES:
            notes.append(places.no_legislators(state))
        return everywhere, few, notes

    def _floterial(self, state: str, found: Iterable[Candidate]) -> list[Seat]:
        """Districts that lie over others, of the counties found, for which there is no map."""
        counties = {
            county_of(one.seat.district)
            for one in found
            if one.seat.state == state and (state, one.seat.chamber) in FLOTERIAL
        }
        if not counties:
            return []
        rows = self._database.execute(
            "SELECT DISTINCT chamber, state, district FROM member WHERE state = ? AND chamber = ?"
            " EXCEPT SELECT chamber, state, district FROM seat_of",
            (state, Chamber.LOWER),
        )
        return [
            Seat(Chamber(chamber), where, district)
            for chamber, where, district in rows
            if county_of(district) in counties
        ]

    def _draws(self, state: str, chamber: Chamber) -> bool:
        rows = self._database.execute(
            "SELECT 1 FROM boundary WHERE state = ? AND chamber = ? LIMIT 1", (state, chamber)
        )
        return rows.fetchone() is not None

    def _has(self, table: str) -> bool:
        count = self._database.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")  # noqa: S608
        return bool(count.fetchone()[0])

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError) as error:
            raise _damaged(error) from error


def _merged(found: Iterable[Candidate]) -> list[Candidate]:
    """Each seat once."""
    unique: dict[Seat, Candidate] = {}
    for candidate in found:
        before = unique.get(candidate.seat)
        if before is None or (candidate.is_certain and not before.is_certain):
            unique[candidate.seat] = candidate
    return list(unique.values())


def _drawn(rings: Iterable[Ring], tolerance: float) -> tuple[Ring, ...]:
    """Without points that nobody would see, nor islands smaller than that."""
    made = (simplified(ring, tolerance) for ring in rings)
    return tuple(ring for ring in made if len(ring[0]) > 3)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _damaged(why: object) -> StorageError:
    return StorageError(
        f"The index of the public data cannot be read: {why}.",
        "`freehold act update` builds it anew.",
    )
