"""A script on paper: a page for each office, the words large, boxes for what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from freehold.civic.calling.script import Draft
from freehold.civic.people.member import Member, Office
from freehold.civic.people.words import tel

_STYLE = """
:root { color-scheme: light; }
body { font: 12pt/1.45 Georgia, "Noto Serif", serif; color: #000; background: #fff;
  max-width: 42rem; margin: 2rem auto; padding: 0 1rem; }
article { break-inside: avoid; break-after: page; margin-bottom: 3rem; }
article:last-of-type { break-after: auto; }
h1 { font-size: 18pt; margin: 0 0 4pt; }
.script { font-size: 14pt; line-height: 1.55; }
.script p { white-space: pre-line; margin: 0 0 10pt; }
.boxes { border-top: 1px solid #000; padding-top: 8pt; list-style: none; padding-left: 0; }
.boxes li { display: inline-block; margin-right: 18pt; }
.line { border-bottom: 1px solid #000; height: 18pt; }
a { color: inherit; }
@media print { body { margin: 0; max-width: none; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_BOXES = ("spoke with somebody", "voicemail", "no answer", "with us", "against", "undecided")


def sheet(member: Member | None, draft: Draft, ages: Sequence[str] = ()) -> str:
    """A page of HTML to print. Homes are left out. `ages` say how old the data is."""
    return sheets([(member, draft)], ages)


def sheets(pages: Sequence[tuple[Member | None, Draft]], ages: Sequence[str] = ()) -> str:
    """The same for several members, an office to a page."""
    blocks = "".join(
        _block(member, office, draft, ages)
        for member, draft in pages
        for office in (member.public_offices if member else ()) or (None,)
    )
    member = pages[0][0] if len(pages) == 1 else None
    title = escape(f"{member.title} {member.name}" if member else "What to say")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body>\n<main>\n{blocks}</main>"
        "</body></html>\n"
    )


def _block(member: Member | None, office: Office | None, draft: Draft, ages: Sequence[str]) -> str:
    name = escape(f"{member.title} {member.name}" if member else "[the member]")
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in draft.text.split("\n\n"))
    boxes = "".join(f"<li>☐ {escape(box)}</li>" for box in _BOXES)
    told = f"<p><small>{escape(' '.join(ages))}</small></p>" if ages else ""
    return (
        f"<article><h1>{name}</h1>\n{_reach(member, office)}"
        f'<div class="script">{paragraphs}</div>\n<ul class="boxes">{boxes}</ul>'
        f'<p class="line">Notes:</p><p class="line"></p>{told}</article>\n'
    )


def _reach(member: Member | None, office: Office | None) -> str:
    if office is None:
        return ""
    parts = []
    if office.phone:
        parts.append(f'<a href="{escape(tel(office.phone))}"><b>{escape(office.phone)}</b></a>')
    parts.append(escape(f"{office.kind.value.capitalize()} office"))
    if office.address:
        parts.append(escape(office.address))
    if member and office.shared_by > 3:
        parts.append(escape(f"a switchboard: ask for {member.title} {member.family_name}"))
    return f"<p>{' · '.join(parts)}</p>\n"
