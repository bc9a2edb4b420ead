"""How the index is laid out in SQLite, and how a member is written in it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date

from freehold.civic.people.member import Member, Office, OfficeKind
from freehold.civic.seat import Chamber, Seat

VERSION = 1
CREATE = """
PRAGMA page_size = 8192;
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE dataset (
  kind TEXT, title TEXT, as_of TEXT, expires TEXT, why TEXT, address TEXT, licence TEXT,
  sha256 TEXT, size INTEGER, states TEXT
);
CREATE TABLE member (chamber TEXT, state TEXT, district TEXT, name TEXT, record TEXT);
CREATE TABLE boundary (
  id INTEGER PRIMARY KEY, chamber TEXT, state TEXT, name TEXT, error REAL,
  west INTEGER, south INTEGER, east INTEGER, north INTEGER
);
CREATE TABLE rings (id INTEGER PRIMARY KEY, data BLOB);
CREATE TABLE seat_of (boundary INTEGER, chamber TEXT, state TEXT, district TEXT);
CREATE TABLE zip (
  zip TEXT, chamber TEXT, state TEXT, district TEXT, share REAL,
  PRIMARY KEY (zip, chamber, state, district)
) WITHOUT ROWID;
"""
INDEX = """
CREATE INDEX member_seat ON member (state, chamber, district);
CREATE INDEX boundary_box ON boundary (west, east, south, north, id);
CREATE INDEX seat_boundary ON seat_of (boundary);
"""


def written(member: Member) -> str:
    """A member as one line of JSON, without its seat, which has columns of its own."""
    record = asdict(member)
    del record["seat"]
    record["term_end"] = member.term_end.isoformat() if member.term_end else None
    record["offices"] = [
        {name: value for name, value in office.items() if value is not None}
        for office in record["offices"]
    ]
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def read(chamber: str, state: str, district: str, record: str) -> Member:
    """The member again."""
    fields = json.loads(record)
    fields["offices"] = tuple(
        Office(**{**office, "kind": OfficeKind(office["kind"])}) for office in fields["offices"]
    )
    fields["committees"] = tuple(fields["committees"])
    end = fields["term_end"]
    fields["term_end"] = date.fromisoformat(end) if end else None
    return Member(seat=Seat(Chamber(chamber), state, district), **fields)
