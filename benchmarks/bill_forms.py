"""A long bill in every form in which bills are published, made from real ones.

The texts of federal bills at hand are repeated, with their sections numbered on, until they fill so
many pages; a page is 25 lines of 70 characters. The same words are then given the markup of each
form: as a marked text, printed with line numbers and page heads, as GovInfo's XML, as a state's web
page, and as a PDF.
"""

from __future__ import annotations

import html
import re
import textwrap
import zlib
from collections.abc import Callable
from pathlib import Path

from freehold.civic.bills.lines import clean
from freehold.civic.bills.outline import outline
from freehold.civic.bills.paragraphs import join
from freehold.civic.bills.pieces import Outline, Piece
from freehold.civic.bills.plain_text import text_lines
from freehold.civic.bills.reading import Reading

LINES, WIDTH = 25, 70
TEXTS = Path(__file__).parent / "bills" / "texts"
NAMES = ("US-S2938-2025-is", "US-S3062-2025-is", "US-S146-2025-is", "US-HR1736-2025-ih")
_ELEMENTS = ("section", "subsection", "paragraph", "subparagraph", "clause", "subclause", "item")


def marked(pages: int) -> bytes:
    """As a text with `####` before headings, its sections numbered from 1 on."""
    texts = [(TEXTS / f"{name}.txt").read_text(encoding="utf-8") for name in NAMES]
    head = texts[0].partition("#### 1.")[0]
    parts = [part for text in texts for part in re.split(r"(?m)^#### ", text)[1:]]
    written, number, length = [head], 0, 0
    while length < pages * LINES * WIDTH:
        for part in parts:
            number += 1
            written.append(f"#### {number}.{part.partition('.')[2]}")
            length += len(written[-1])
    return "".join(written).encode()


def _outlined(pages: int) -> Outline:
    """The marked text, taken apart: from its first section on, without headings of titles."""
    reading = Reading()
    paragraphs = join(clean(text_lines(marked(pages))[0])[0], reading)
    found = outline(reading.text(), paragraphs)
    first = next(place for place, piece in enumerate(found.pieces) if piece.is_section)
    found.pieces = [piece for piece in found.pieces[first:] if piece.level >= 0]
    return found


def _printed(pages: int) -> list[list[str]]:
    """The lines of each page, numbered, with a page head, as Congress prints its bills."""
    found = _outlined(pages)
    lines = ["S. 2938", "IN THE SENATE OF THE UNITED STATES", "A BILL", "To evaluate models.", ""]
    for piece in found.pieces:
        heading, body = (found.text[slice(*part)].strip() for part in (piece.heading, piece.body))
        opener = "“" if piece.depth else ""
        if piece.is_section:
            lines += textwrap.wrap(f"{opener}SEC. {piece.label}. {heading.upper()}.", WIDTH)
            words = f"{opener}{body}" if body else ""
        else:
            label = f"{piece.label} " if piece.label else ""
            words = f"{opener}{label}{heading}{'.—' if heading else ''}{body}"
        indent = " " * (4 + 4 * piece.level)
        lines += textwrap.wrap(words, WIDTH, initial_indent=indent)
    sheets = [lines[at : at + LINES] for at in range(0, len(lines), LINES)]
    return [
        [f"        S. 2938                      {number}", ""]
        + [f"{place:2}  {line}" for place, line in enumerate(sheet, 1)]
        for number, sheet in enumerate(sheets, 1)
    ]


def printed(pages: int) -> bytes:
    """As a printed text."""
    return "\n\n".join("\n".join(page) for page in _printed(pages)).encode()


def web_page(pages: int) -> bytes:
    """As a page with preformatted text, new matter underlined."""
    sheets = ["\n".join(f"<u>{html.escape(line)}</u>" for line in page) for page in _printed(pages)]
    body = '</pre><p class="brk"></p><pre>'.join(sheets)
    return (
        f"<html><head><title>S. 2938</title></head><body><pre>{body}</pre></body></html>".encode()
    )


def xml(pages: int) -> bytes:
    """In GovInfo's markup for bills as introduced."""
    found = _outlined(pages)
    written = ['<?xml version="1.0"?>\n<bill bill-stage="Introduced-in-Senate"><form>']
    written.append("<legis-num>S. 2938</legis-num><official-title>To evaluate.</official-title>")
    written.append("</form><legis-body>")
    still_open: list[tuple[int, int]] = []
    for piece in found.pieces:
        while still_open and still_open[-1] >= (piece.depth, piece.level):
            written.append(_closed(still_open.pop()))
        written.append(_element(found, piece))
        still_open.append((piece.depth, piece.level))
    written += [_closed(each) for each in reversed(still_open)]
    return ("".join(written) + "</legis-body></bill>").encode()


def _element(found: Outline, piece: Piece) -> str:
    heading, body = (html.escape(found.text[slice(*part)]) for part in (piece.heading, piece.body))
    name = _ELEMENTS[min(piece.level, 6)]
    header = f"<header>{heading}</header>" if heading else ""
    return f"\n<{name}><enum>{piece.label}</enum>{header}<text>{body}</text>"


def _closed(place: tuple[int, int]) -> str:
    return f"</{_ELEMENTS[min(place[1], 6)]}>"


def pdf(pages: int) -> bytes:
    """As a PDF with one font, its pages packed."""
    sheets = _printed(pages)
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(len(sheets)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(sheets)} /Kids [{kids}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    for place, sheet in enumerate(sheets):
        content = zlib.compress(_drawn(sheet))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources"
            b" << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>" % (5 + 2 * place)
        )
        objects.append(
            b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
            % (len(content), content)
        )
    written = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    written += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return bytes(written) + b"startxref\n%d\n%%%%EOF\n" % start


def _drawn(sheet: list[str]) -> bytes:
    said = [b"BT /F1 10 Tf 40 740 Td 16 TL"]
    for line in sheet:
        escaped = re.sub(r"([\\()])", r"\\\1", line).encode("cp1252", errors="replace")
        said.append(b"(%s) Tj T*" % escaped)
    return b"\n".join([*said, b"ET"])


FORMS: dict[str, Callable[[int], bytes]] = {
    "marked text": marked,
    "printed text": printed,
    "xml": xml,
    "web page": web_page,
    "pdf": pdf,
}
