"""Members of Congress, from the files of the congress-legislators project (its JSON)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from freehold.civic.people.member import Member, Office, OfficeKind
from freehold.civic.people.reading import day, json_list, reading, words
from freehold.civic.people.words import party, phone, title
from freehold.civic.seat import Chamber, Seat

_AT_CAPITOL = "Washington"


def read_congress(
    legislators: Path,
    offices: Path | None = None,
    committees: Path | None = None,
    membership: Path | None = None,
    *,
    today: date,
) -> list[Member]:
    """Everyone whose term runs today. Raises FormatError."""
    places = _offices(offices) if offices else {}
    sits_on = _committees(committees, membership) if committees and membership else {}
    found = []
    for person in json_list(legislators):
        with reading(legislators.name):
            member = _member(person, places, sits_on)
            if member.term_end is None or member.term_end >= today:
                found.append(member)
    return found


def _member(
    person: dict[str, Any], places: dict[str, list[Office]], sits_on: dict[str, list[str]]
) -> Member:
    term, name, id_ = person["terms"][-1], person["name"], person["id"]["bioguide"]
    chamber = Chamber.US_SENATE if term["type"] == "sen" else Chamber.US_HOUSE
    district = term.get("district")
    seat = Seat(chamber, term["state"], str(district) if district else "")
    capitol = Office(
        OfficeKind.CAPITOL,
        words(term.get("address") or term.get("office")),
        _AT_CAPITOL,
        phone(term.get("phone")),
        phone(term.get("fax")),
    )
    return Member(
        id=id_,
        name=words(name.get("official_full")) or f"{name['first']} {name['last']}",
        family_name=name["last"],
        seat=seat,
        title=title(seat),
        party=party(term.get("party") or "Independent"),
        offices=(capitol, *places.get(id_, ())),
        contact_form=words(term.get("contact_form")),
        website=words(term.get("url")),
        committees=tuple(sits_on.get(id_, ())),
        term_end=day(term.get("end")),
    )


def _offices(path: Path) -> dict[str, list[Office]]:
    found = {}
    for person in json_list(path):
        with reading(path.name):
            found[person["id"]["bioguide"]] = [_office(place) for place in person["offices"]]
    return found


def _office(place: dict[str, Any]) -> Office:
    street = [place.get(part) for part in ("address", "suite", "building")]
    town = " ".join(filter(None, [words(place.get("state")), words(place.get("zip"))]))
    parts = [*filter(None, map(words, street)), words(place.get("city")), town]
    return Office(
        OfficeKind.DISTRICT,
        ", ".join(filter(None, parts)) or None,
        words(place.get("city")),
        phone(place.get("phone")),
        phone(place.get("fax")),
        words(place.get("hours")),
    )


def _committees(committees: Path, membership: Path) -> dict[str, list[str]]:
    """By bioguide id: the full committees someone sits on, with what they are there."""
    names: dict[str, str] = {}
    for committee in json_list(committees):
        with reading(committees.name):
            names[committee["thomas_id"]] = committee["name"]
    found: dict[str, list[str]] = {}
    with reading(membership.name):
        import json

        for code, members in json.loads(membership.read_bytes()).items():
            if code not in names:
                continue  # a subcommittee
            for member in members:
                role = member.get("title")
                name = f"{names[code]} ({role})" if role else names[code]
                found.setdefault(member["bioguide"], []).append(name)
    return {id_: sorted(listed) for id_, listed in found.items()}
