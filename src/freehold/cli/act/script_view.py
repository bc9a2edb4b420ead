"""How a script is shown: its length, what to know before using it, whom to call when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from freehold.civic.answer import DataAge
    from freehold.civic.calling.script import Draft
    from freehold.civic.calling.wish import Wish
    from freehold.civic.people.member import Member, Office

SWITCHBOARD = "202-224-3121"
"""The Capitol's: it connects to any office of Congress."""


@dataclass(frozen=True)
class Told:
    """A script with what came of it on the way."""

    wish: Wish
    draft: Draft
    notes: tuple[str, ...] = ()
    reworded_by: str | None = None
    before: str | None = None
    """The draft that a model said in other words."""


def lines(told: Told) -> Iterator[str]:
    """Its length and its notes."""
    draft = told.draft
    length = f"{draft.words} words"
    yield f"{length}, about {draft.seconds} s to say." if draft.seconds else f"{length}."
    yield from (*told.notes, *draft.notes)
    if told.reworded_by:
        yield f"Reworded by {told.reworded_by}: read it before you use it. The draft was:"
        yield from (f"  {line}" for line in (told.before or "").splitlines())
    if told.wish.clause:
        yield "Not legal advice: the words are the bill's, the reading is yours."


def reach_lines(told: Told) -> Iterator[str]:
    """Where to say or send it."""
    member = told.wish.member
    if member is None:
        return
    from freehold.civic.calling.sessions import session_words

    yield f"{member.title} {member.name}"
    if session := session_words(member.seat, datetime.now(UTC).astimezone().date()):
        yield f"  {session}"
    if not told.wish.form.is_spoken:
        yield from _written(member)
        return
    phones = [office for office in member.public_offices if office.phone]
    for office in phones:
        where = f"{office.kind.value} office{f' in {office.city}' if office.city else ''}"
        line = f"  {office.phone}  {where}: {_hours(office, member)}"
        asked = f"; ask for {member.title} {member.family_name}" if office.shared_by > 3 else ""
        yield line + asked
    if member.seat.is_federal:
        yield f"  {SWITCHBOARD}  the Capitol's switchboard connects to every office of Congress"
    elif not phones:
        yield "  The data has no telephone number."


def document(told: Told, ages: list[str]) -> dict[str, Any]:
    """All of it for programs."""
    wish, draft = told.wish, told.draft
    clause = wish.clause
    return {
        "text": draft.text,
        "words": draft.words,
        "seconds": draft.seconds,
        "form": wish.form.value,
        "ask": wish.ask.value,
        "member": wish.member.name if wish.member else None,
        "bill": wish.bill or None,
        "clause": {"path": clause.path, "quote": clause.quote} if clause else None,
        "notes": [*told.notes, *draft.notes],
        "reworded_by": told.reworded_by,
        "before": told.before,
        "phones": [
            _phone(office, wish.member)
            for office in (wish.member.public_offices if wish.member else ())
            if office.phone and wish.member
        ],
        "data": ages,
    }


def is_about_people(age: DataAge) -> bool:
    """Whether a data set says whom to call: maps, ZIP codes and committees don't."""
    return not age.title.startswith(("ZIP", "Boundaries", "Committees", "Who sits"))


def age_line(age: DataAge, today: date) -> str:
    """How old a data set is, in a sentence."""
    old = ""
    if age.expires and age.expires <= today:
        old = f" Doubt it since {age.expires}: {age.why}." if age.why else " It is out of date."
    return f"{age.title}, as of {age.as_of}.{old}"


def _written(member: Member) -> Iterator[str]:
    if member.email:
        yield f"  {member.email}"
    if member.contact_form:
        yield f"  {member.contact_form}"
    for office in member.public_offices:
        if office.address:
            yield f"  {office.address}"


def _hours(office: Office, member: Member) -> str:
    from freehold.civic.calling.hours import hours

    own = f"; its own hours: {office.hours}" if office.hours else ""
    return hours(office, member, datetime.now(UTC)).words + own


def _phone(office: Office, member: Member) -> dict[str, Any]:
    from freehold.civic.people.words import tel

    number = office.phone or ""
    return {
        "number": number,
        "tel": tel(number),
        "office": office.kind.value,
        "hours": _hours(office, member),
        "shared_by": office.shared_by,
    }
