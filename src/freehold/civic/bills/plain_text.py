"""Bills as plain text: lines with their byte offsets, in whichever encoding they come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from freehold.civic.bills.bill import Change
from freehold.civic.bills.lines import Line
from freehold.civic.bills.reading import Segment
from freehold.errors import UsageError

_LINE = re.compile(r"([^\n\r\f]*)(\r\n|\n|\r|\f|\Z)")
_HEADING = re.compile(r"\s*(#{1,6})[ \t]+(?=\S)")
_BOLD = re.compile(r"\s*\*\*(?=\S)")
_DELETED = re.compile(r"</?(?:DELETED|deleted)>")


def encoding_of(data: bytes) -> str:
    """Which encoding a text is in, told by its bytes alone."""
    if data.startswith(b"\xff\xfe") or _looks_utf16(data, 1):
        return "utf-16-le"
    if data.startswith(b"\xfe\xff") or _looks_utf16(data, 0):
        return "utf-16-be"
    for encoding in ("utf-8", "cp1252"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "latin-1"


def _looks_utf16(data: bytes, zero_at: int) -> bool:
    """Whether every other byte of the beginning is a zero, as in English text of two bytes each."""
    sample = data[:2000]
    pairs = len(sample) // 2
    zeros = sample[zero_at::2].count(0)
    return pairs >= 8 and zeros > 0.8 * pairs and sample[1 - zero_at :: 2].count(0) < 0.1 * pairs


def decode(data: bytes) -> tuple[str, str]:
    """The text, and the encoding that it was in."""
    encoding = encoding_of(data)
    try:
        return data[: len(data) - len(data) % 2 if "16" in encoding else None].decode(
            encoding
        ), encoding
    except UnicodeDecodeError as error:
        raise UsageError(
            "The text looks like UTF-16 and is not well-formed.",
            "Open it in a text editor and save it as UTF-8.",
        ) from error


def text_lines(data: bytes) -> tuple[list[Line], list[str]]:
    """The lines of a plain text, and notes."""
    text, encoding = decode(data)
    notes = [] if encoding == "utf-8" else [f"The text was read as {encoding.upper()}."]
    if "\0" in text:
        notes.append("It has NUL characters in it, which were read as spaces.")
    return list(_lines(text, encoding)), notes


def _lines(text: str, encoding: str) -> Iterator[Line]:
    where, page_starts, struck = 0, False, False
    is_bytewise = "16" not in encoding
    for found in _LINE.finditer(text):
        words, ending = found[1], found[2]
        raw = words.encode(encoding)
        line = Line(
            [Segment(words, where, raw, encoding)] if words else [], page_starts=page_starts
        )
        if words:
            _mark(line)
            if "DELETED>" in words or "deleted>" in words or struck:
                struck = _strike(line, struck)
        yield line
        page_starts = ending == "\f"
        where += len(raw) + (len(ending) if is_bytewise else len(ending.encode(encoding)))


def _mark(line: Line) -> None:
    """Set the marks of a heading aside, and remember which it was."""
    words = line.text
    if found := _HEADING.match(words):
        line.leave_out_start(found.end())
        line.rank, line.begins = len(found[1]), True
    elif found := _BOLD.match(words):
        line.leave_out_start(found.end())
        line.rank, line.begins = 9, True
        tail = line.text.rstrip()
        if tail.endswith("**"):
            _leave_out(line, len(tail) - 2, len(tail))
        elif "**" in tail:
            place = tail.index("**")
            _leave_out(line, place, place + 2)


def _leave_out(line: Line, start: int, end: int) -> None:
    """Set aside characters of the line's last segment."""
    parts = line.segments[-1].parts([start, end])
    place = 1 if start else 0
    if len(parts) > place:
        parts[place] = replace(parts[place], left_out=True)
    line.segments[-1:] = parts


def _strike(line: Line, struck: bool) -> bool:
    """Mark what stands between `<DELETED>` and `</DELETED>`; whether it goes on."""
    marked: list[Segment] = []
    for segment in line.segments:
        cuts = [place for found in _DELETED.finditer(segment.text) for place in found.span()]
        for part in segment.parts(cuts):
            if _DELETED.fullmatch(part.text):
                marked.append(replace(part, left_out=True))
                struck = not part.text.startswith("</")
            else:
                marked.append(replace(part, change=Change.STRUCK) if struck else part)
    line.segments = marked
    return struck
