"""A PDF written by hand: pages of text in one font, with lines drawn over or under words."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

SIZE = 12
LEADING = 18
STOP = b"|"
"""Where a line has it, the drawing of words stops and begins anew; it is not drawn."""
WIDTH = 0.6 * SIZE
"""Of every character: the font is Courier."""


@dataclass(frozen=True)
class Drawn:
    """A line drawn on a page: `struck` or `underlined` characters of one line of text."""

    line: int
    start: float
    end: float
    kind: str


def pdf_of(pages: list[list[str]], drawn: list[Drawn] | None = None) -> bytes:
    """A PDF with these lines on its pages; what is drawn goes on the first page."""
    contents = [
        _page(lines, drawn or [] if place == 0 else []) for place, lines in enumerate(pages)
    ]
    return pdf_with(contents)


def pdf_with(contents: list[bytes]) -> bytes:
    """A PDF whose pages have these drawing instructions."""
    kids = " ".join(f"{4 + 2 * place} 0 R" for place in range(len(contents)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(contents)} /Kids [{kids}] >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    for place, content in enumerate(contents):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 700 800] /Resources"
            b" << /Font << /F1 3 0 R >> >> /Contents %d 0 R >>" % (5 + 2 * place)
        )
        packed = zlib.compress(content)
        objects.append(
            b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(packed), packed)
        )
    return _file(objects)


def _file(objects: list[bytes]) -> bytes:
    written = bytearray(b"%PDF-1.4\n")
    offsets: list[int] = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        written += b"%010d 00000 n \n" % offset
    written += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(written)


def _page(lines: list[str], drawn: list[Drawn]) -> bytes:
    said = [b"BT /F1 %d Tf 40 760 Td %d TL" % (SIZE, LEADING)]
    for line in lines:
        escaped = line.encode("cp1252").replace(b"\\", b"\\\\")
        escaped = escaped.replace(b"(", b"\\(").replace(b")", b"\\)")
        said += [b"(%s) Tj" % part for part in escaped.split(STOP)]
        said.append(b"T*")
    said.append(b"ET")
    for each in drawn:
        y = 760 - each.line * LEADING + (0.28 * SIZE if each.kind == "struck" else -0.12 * SIZE)
        x, width = 40 + each.start * WIDTH, (each.end - each.start) * WIDTH
        said.append(b"%.2f %.2f %.2f 0.6 re f" % (x, y, width))
    return b"\n".join(said)
