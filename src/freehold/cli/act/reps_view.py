"""Who represents a place, for the eyes and for paper: a block for each person, phones first."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator
from datetime import date
from itertools import groupby

from freehold.civic.answer import Answer, Candidate, DataAge
from freehold.civic.people.member import Member, Office
from freehold.civic.people.words import body
from freehold.civic.places.states import NAMES
from freehold.cli.terminal import is_colourful, printable
from freehold.units import counted

_INDENT = 2
_LABEL = 8


def show(answer: Answer, today: date, *, homes: bool) -> None:
    """Print it: the people, then what to know, then how old the data is."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for line in lines(answer, today, homes=homes):
        print(_wrapped(line, width) if width else line)


def lines(answer: Answer, today: date, *, homes: bool) -> Iterator[str]:
    """Each line, unwrapped."""
    for (name, state), group in groupby(answer.candidates, _chamber):
        seats = list(group)
        yield _bold(f"{name.upper()}, {state}")
        for one in seats:
            yield from _seat(one, homes=homes)
            yield ""
    for note in answer.notes:
        yield printable(f"! {note}")
    if answer.notes:
        yield ""
    yield from ages(answer.data, today)


def ages(data: tuple[DataAge, ...], today: date) -> Iterator[str]:
    """How old the data is, sets that are alike on one line; what has expired is marked."""
    alike: dict[tuple[str, str], list[str]] = {}
    for age in data:
        old = age.expires is not None and age.expires <= today
        until = f"; doubt it from {age.expires} on: {age.why}" if age.expires else ""
        days = (today - age.as_of).days
        when = f"of {age.as_of}, {counted(days, 'day')} old{until}"
        alike.setdefault(("OLD: " if old else "", when), []).append(_short(age.title))
    for (mark, when), titles in alike.items():
        yield printable(f"{mark}{', '.join(dict.fromkeys(titles))}: {when}")


def _short(title: str) -> str:
    return title.partition(":")[0].partition(" (")[0]


def _chamber(one: Candidate) -> tuple[str, str]:
    return body(one.seat), NAMES.get(one.seat.state, one.seat.state)


def _seat(one: Candidate, *, homes: bool) -> Iterator[str]:
    where = f"district {one.seat.district}" if one.seat.district else ""
    doubt = "" if one.is_certain else f"perhaps{_share(one.share)}"
    if said := ", ".join(filter(None, (where, doubt))):
        yield printable(said[0].upper() + said[1:])
    if not one.members:
        yield "  nobody in the data: the seat may be vacant"
    for at, member in enumerate(one.members):
        if at:
            yield ""
        yield _bold(printable(f"{member.title} {member.name}")) + printable(f", {member.party}")
        yield from map(printable, _reach(member, homes=homes))


def _share(share: float | None) -> str:
    if share is None:
        return ""
    return f", {share:.0%} of the ZIP area" if share >= 0.01 else ", under 1% of the ZIP area"


def _reach(member: Member, *, homes: bool) -> Iterator[str]:
    offices = member.offices if homes else member.public_offices
    for office in sorted(offices, key=lambda each: each.phone is None):
        yield f"  {office.phone or 'no phone'}  {_office(office, member)}"
    for label, value in (
        ("e-mail", member.email),
        ("form", member.contact_form),
        ("web", member.website),
        ("sits on", ", ".join(member.committees)),
        ("until", member.term_end.isoformat() if member.term_end else None),
    ):
        if value:
            yield f"  {label:<{_LABEL}}{value}"


def _office(office: Office, member: Member) -> str:
    kind = "office" if office.kind == "other" else office.kind.value
    parts = [kind, office.address or office.city or ""]
    if office.is_switchboard:
        asked = f"{member.title} {member.family_name}"
        parts.append(f"a switchboard of {office.shared_by} members: ask for {asked}")
    return ", ".join(part for part in parts if part)


def _wrapped(line: str, width: int) -> str:
    """At the width of the terminal, further lines further in; addresses to click stay whole."""
    indent = len(line) - len(line.lstrip())
    return textwrap.fill(
        line,
        max(24, width),
        subsequent_indent=" " * (indent + _INDENT),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m" if is_colourful(sys.stdout) else text
