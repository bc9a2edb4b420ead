"""Packets of multicast DNS: read from strangers within bounds, and written. RFC 1035, RFC 6762.

The few kinds of record that finding a service takes. A DNS library reads a record's data only under
the class it knows; here its top bit means something else, and thousands of forged packets must
cost next to nothing: names only ever point backwards, and a packet has so many records and no more.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from freehold.errors import FormatError

A, PTR, TXT, AAAA, SRV, ANY = 1, 12, 16, 28, 33, 255
MOST_BYTES = 9000
"""RFC 6762, 17: larger ones are not sent."""
_MOST_RECORDS = 64
_MOST_NAME = 255
_MOST_JUMPS = 16
_INTERNET = 1
_TOP = 0x8000
"""In a class: that this is all there is (records), or that one may answer alone (questions)."""
_RESPONSE = 0x8400

Name = tuple[bytes, ...]
"""Its labels, without the root."""


@dataclass(frozen=True)
class Question:
    """What is asked."""

    name: Name
    type: int


@dataclass(frozen=True)
class Record:
    """One thing that is said. `ttl` in seconds; 0 takes it back. `data` without compression."""

    name: Name
    type: int
    ttl: int
    data: bytes
    alone: bool = False
    """Whether it replaces what others have said of this name."""


@dataclass(frozen=True)
class Packet:
    """One packet."""

    questions: tuple[Question, ...] = ()
    answers: tuple[Record, ...] = ()
    authorities: tuple[Record, ...] = ()
    """What somebody who probes means to say."""
    additionals: tuple[Record, ...] = ()
    is_response: bool = False
    id: int = 0


def same(one: Name, other: Name) -> bool:
    """Whether two names are one: capitals make no difference."""
    return [label.lower() for label in one] == [label.lower() for label in other]


def read(data: bytes) -> Packet:
    """What a packet says; kinds of record that are not known here are left out.

    Raises FormatError for whatever is no such packet.
    """
    if not 12 <= len(data) <= MOST_BYTES:
        raise FormatError("The packet has a size that none has.")
    number, flags, *counts = struct.unpack_from("!6H", data)
    if flags & 0x7800 or sum(counts) > _MOST_RECORDS:
        raise FormatError("The packet is of another kind, or absurdly full.")
    at, questions = 12, []
    groups: list[tuple[Record, ...]] = []
    try:
        for _ in range(counts[0]):
            name, at = _read_name(data, at)
            kind, _ = struct.unpack_from("!HH", data, at)
            questions.append(Question(name, kind))
            at += 4
        for count in counts[1:]:
            records: list[Record] = []
            for _ in range(count):
                record, at = _read_record(data, at)
                if record is not None:
                    records.append(record)
            groups.append(tuple(records))
    except (struct.error, IndexError) as error:
        raise FormatError("The packet ends too early.") from error
    answers, authorities, additionals = groups
    is_response = bool(flags & 0x8000)
    return Packet(tuple(questions), answers, authorities, additionals, is_response, number)


def write(packet: Packet) -> bytes:
    """The packet's bytes, names in full."""
    parts = [
        struct.pack(
            "!6H",
            packet.id,
            _RESPONSE if packet.is_response else 0,
            len(packet.questions),
            len(packet.answers),
            len(packet.authorities),
            len(packet.additionals),
        )
    ]
    parts += [write_name(q.name) + struct.pack("!HH", q.type, _INTERNET) for q in packet.questions]
    for record in (*packet.answers, *packet.authorities, *packet.additionals):
        kind = _INTERNET | (_TOP if record.alone else 0)
        head = struct.pack("!HHIH", record.type, kind, record.ttl, len(record.data))
        parts.append(write_name(record.name) + head + record.data)
    return b"".join(parts)


def write_name(name: Name) -> bytes:
    """A name as a packet has it."""
    return b"".join(bytes((len(label),)) + label for label in name) + b"\0"


def name_in(data: bytes) -> Name:
    """The name that a record's data is. Raises FormatError."""
    try:
        return _read_name(data, 0)[0]
    except IndexError as error:
        raise FormatError("The name ends too early.") from error


def _read_record(data: bytes, at: int) -> tuple[Record | None, int]:
    name, at = _read_name(data, at)
    kind, whole, ttl, length = struct.unpack_from("!HHIH", data, at)
    at += 10
    end = at + length
    if end > len(data):
        raise FormatError("A record is longer than its packet.")
    if whole & ~_TOP != _INTERNET or kind not in {A, PTR, TXT, AAAA, SRV}:
        return None, end
    said = data[at:end]
    if kind == PTR:
        said = write_name(_read_name(data, at)[0])
    elif kind == SRV:
        if length < 7:
            raise FormatError("A record is too short.")
        said = data[at : at + 6] + write_name(_read_name(data, at + 6)[0])
    return Record(name, kind, ttl, said, bool(whole & _TOP)), end


def _read_name(data: bytes, at: int) -> tuple[Name, int]:
    """The name there, and where what follows it begins."""
    labels: list[bytes] = []
    end, size, jumps, lowest = -1, 1, 0, at
    while length := data[at]:
        if length >= 0xC0:
            to = (length & 0x3F) << 8 | data[at + 1]
            end = at + 2 if end < 0 else end
            jumps += 1
            if to >= lowest or jumps > _MOST_JUMPS:
                raise FormatError("A name goes in a circle.")
            at = lowest = to
            continue
        size += length + 1
        label = data[at + 1 : at + 1 + length]
        if length > 63 or size > _MOST_NAME or len(label) < length:
            raise FormatError("A name is too long.")
        labels.append(label)
        at += length + 1
    return tuple(labels), at + 1 if end < 0 else end
