"""An answer as plain values, for programs and for the page."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from freehold.civic.answer import Answer, Candidate, DataAge
from freehold.civic.calling.hours import hours
from freehold.civic.people.member import Member, Office
from freehold.civic.people.words import body, tel
from freehold.civic.places.states import NAMES
from freehold.civic.seat import Seat


def answer_json(answer: Answer, now: datetime, *, homes: bool = False) -> dict[str, Any]:
    """Everything in it, homes only if asked; `now`, with its zone, tells which offices are open."""
    return {
        "place": answer.place,
        "is_exact": answer.is_exact,
        "notes": list(answer.notes),
        "candidates": [_candidate(one, now, homes=homes) for one in answer.candidates],
        "data": [age_json(age, now.date()) for age in answer.data],
    }


def seat_words(seat: Seat) -> str:
    """Where somebody sits: `State senate, district 8`."""
    name = body(seat)
    if not seat.district:
        return f"{name}, {NAMES.get(seat.state, seat.state)}" if seat.is_federal else name
    named = seat.district[0].isdigit()
    return f"{name}, district {seat.district}" if named else f"{name}, {seat.district}"


def age_json(age: DataAge, today: date) -> dict[str, Any]:
    """How old a data set is, and whether it is to be doubted."""
    return {
        "title": age.title,
        "as_of": age.as_of.isoformat(),
        "expires": age.expires.isoformat() if age.expires else None,
        "why": age.why,
        "is_old": age.expires is not None and age.expires <= today,
    }


def member_json(member: Member, now: datetime, *, homes: bool = False) -> dict[str, Any]:
    """One member; without a home unless asked."""
    offices = member.offices if homes else member.public_offices
    return {
        "id": member.id,
        "name": member.name,
        "family_name": member.family_name,
        "title": member.title,
        "party": member.party,
        "seat": seat_words(member.seat),
        "offices": [_office(office, member, now) for office in offices],
        "email": member.email,
        "contact_form": member.contact_form,
        "website": member.website,
        "committees": list(member.committees),
        "term_end": member.term_end.isoformat() if member.term_end else None,
    }


def _candidate(one: Candidate, now: datetime, *, homes: bool) -> dict[str, Any]:
    return {
        "chamber": one.seat.chamber.value,
        "body": body(one.seat),
        "state": one.seat.state,
        "district": one.seat.district,
        "name": seat_words(one.seat),
        "share": one.share,
        "is_certain": one.is_certain,
        "members": [member_json(member, now, homes=homes) for member in one.members],
    }


def _office(office: Office, member: Member, now: datetime) -> dict[str, Any]:
    return {
        "kind": office.kind.value,
        "kind_words": "other address" if office.kind == "other" else f"{office.kind.value} office",
        "address": office.address,
        "city": office.city,
        "phone": office.phone,
        "tel": tel(office.phone) if office.phone else None,
        "fax": office.fax,
        "shared_by": office.shared_by,
        "ask_for": f"{member.title} {member.family_name}" if office.is_switchboard else None,
        "hours": hours(office, member, now).words if office.phone else None,
    }
