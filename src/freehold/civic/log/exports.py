"""The log in forms that other programs read: CSV (RFC 4180) and iCalendar (RFC 5545)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from freehold.civic.log.entry import KIND_WORDS, OUTCOME_WORDS, Entry

_COLUMNS = ("on", "member", "kind", "outcome", "note", "follow_up")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LINE = 75
"""Octets of a line of iCalendar, at most (section 3.1)."""


def as_csv(entries: Iterable[Entry]) -> str:
    """A table with a heading. An apostrophe keeps a spreadsheet from computing a cell."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for entry in entries:
        writer.writerow(
            [
                entry.on.isoformat(timespec="seconds"),
                _inert(entry.member),
                entry.kind.value,
                entry.outcome.value if entry.outcome else "",
                _inert(entry.note),
                entry.follow_up.isoformat() if entry.follow_up else "",
            ]
        )
    return out.getvalue()


def as_calendar(entries: Iterable[Entry], now: datetime | None = None) -> str:
    """The follow-ups as days of a calendar, each with a reminder in the morning."""
    stamp = (now or datetime.now(UTC)).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Freehold//act log//EN"]
    for entry in entries:
        if entry.follow_up is None:
            continue
        said = KIND_WORDS[entry.kind]
        about = [f"On {entry.on:%Y-%m-%d} you {said}."]
        about += [OUTCOME_WORDS[entry.outcome].capitalize() + "."] if entry.outcome else []
        about += [entry.note] if entry.note else []
        lines += [
            "BEGIN:VEVENT",
            f"UID:freehold-{entry.id}-{entry.on:%Y%m%dT%H%M%S}@localhost",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{entry.follow_up:%Y%m%d}",
            f"DTEND;VALUE=DATE:{entry.follow_up + timedelta(1):%Y%m%d}",
            f"SUMMARY:{_escaped(f'Ask {entry.member} again')}",
            f"DESCRIPTION:{_escaped(' '.join(about))}",
            "TRANSP:TRANSPARENT",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            "TRIGGER:PT9H",
            f"DESCRIPTION:{_escaped(f'Ask {entry.member} again')}",
            "END:VALARM",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(_folded(line) + "\r\n" for line in lines)


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _escaped(text: str) -> str:
    """TEXT of section 3.3.11."""
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def _folded(line: str) -> str:
    """A line in pieces of 75 octets, none of them cut within a character."""
    pieces: list[str] = []
    piece, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > _LINE:
            pieces.append(piece)
            piece, octets = " ", 1
        piece += character
        octets += size
    return "\r\n".join([*pieces, piece])
