"""State legislators, from an archive of the Open States project's people (its YAML, one a file)."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from freehold.civic.people.member import Member, Office, OfficeKind
from freehold.civic.people.reading import day, reading, words
from freehold.civic.people.words import party, phone, title
from freehold.civic.places.states import NAMES, ONE_CHAMBER
from freehold.civic.seat import Chamber, Seat
from freehold.errors import FormatError
from freehold.progress import SILENT, Progress

_ENTRY = re.compile(r"[^/]+/data/([a-z]{2})/(legislature|committees)/[^/]+\.ya?ml")
_ALIAS = re.compile(r"(?:^|[\s\[{,])\*[^\s\[\]{},]", re.MULTILINE)
_LARGEST = 1 << 20
_CHAMBERS = {"upper": Chamber.UPPER, "lower": Chamber.LOWER, "legislature": Chamber.SINGLE}
_OFFICES = {
    "capitol": OfficeKind.CAPITOL,
    "district": OfficeKind.DISTRICT,
    "home": OfficeKind.HOME,
}
_ORDER = (OfficeKind.CAPITOL, OfficeKind.DISTRICT, OfficeKind.OTHER, OfficeKind.HOME)
_CITY = re.compile(r"([A-Z][A-Za-z .'-]+),?\s+[A-Z]{2}\.?,?\s+\d{5}(?:-\d{4})?\s*$")


def read_open_states(
    path: Path,
    *,
    today: date,
    states: Collection[str] | None = None,
    progress: Progress = SILENT,
) -> list[Member]:
    """Everyone who sits in a legislature today, of these states or of all. Raises FormatError."""
    found: list[Member] = []
    committees: dict[str, list[str]] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if _wanted(entry.filename, states)]
            if not entries:
                raise FormatError(
                    f"{path.name} has no legislators in it.",
                    "It should be an archive of openstates/people: data/XX/legislature/*.yml.",
                )
            with progress.task("Reading state legislators", len(entries), "files") as task:
                for entry in entries:
                    for document in _documents(archive, entry):
                        with reading(f"{entry.filename} in {path.name}"):
                            _take(entry.filename, document, today, found, committees)
                    task.advance(1)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, struct.error) as error:
        raise FormatError(
            f"{path.name} is no whole archive: {error}.",
            "Fetch it again with `freehold act update`, or take another copy.",
        ) from error
    return [_with_committees(member, committees.get(member.id)) for member in found]


def _wanted(name: str, states: Collection[str] | None) -> bool:
    match = _ENTRY.fullmatch(name)
    if match is None or match[1].upper() not in NAMES:
        return False
    return states is None or match[1].upper() in states


def _documents(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[dict[str, Any]]:
    import zlib

    import yaml

    if entry.file_size > _LARGEST:
        raise FormatError(f"{entry.filename} unpacks to {entry.file_size:,} bytes: no legislator.")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        text = archive.read(entry).decode()
        unfolds = _ALIAS.search(text) and any(
            isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)
        )
        document = None if unfolds else yaml.load(text, loader)  # noqa: S506 - a safe one, in C
    except (yaml.YAMLError, zlib.error, RecursionError, ValueError) as error:
        raise FormatError(f"{entry.filename} cannot be read: {str(error)[:120]}.") from error
    if unfolds:  # aliases of aliases can grow past any memory; these files have none
        raise FormatError(f"{entry.filename} has aliases in its YAML: that is no legislator.")
    if isinstance(document, dict):
        yield document


def _take(
    name: str,
    document: dict[str, Any],
    today: date,
    found: list[Member],
    committees: dict[str, list[str]],
) -> None:
    match = _ENTRY.fullmatch(name)
    state = match[1].upper() if match else ""
    if match and match[2] == "committees":
        if document.get("parent") or document.get("classification") == "subcommittee":
            return
        for member in document.get("members") or ():
            if id_ := words(member.get("person_id")):
                role = words(member.get("role"))
                named = words(document["name"]) or ""
                name = f"{named} ({role})" if role and role != "member" else named
                committees.setdefault(id_, []).append(name)
        return
    for role in document.get("roles") or ():
        if (chamber := _CHAMBERS.get(role.get("type"))) is None or not _runs(role, today):
            continue
        if state in ONE_CHAMBER:
            chamber = Chamber.SINGLE
        seat = Seat(chamber, state, words(role.get("district")) or "")
        found.append(_member(document, seat, role))
        return


def _runs(role: dict[str, Any], today: date) -> bool:
    start, end = day(role.get("start_date")), day(role.get("end_date"))
    return (start is None or start <= today) and (end is None or end >= today)


def _member(document: dict[str, Any], seat: Seat, role: dict[str, Any]) -> Member:
    offices = [_office(office) for office in document.get("offices") or ()]
    offices = [office for office in offices if office.address or office.phone or office.fax]
    links = [link.get("url") for link in document.get("links") or ()]
    parties = [party(str(one["name"])) for one in document.get("party") or ()]
    return Member(
        id=str(document["id"]),
        name=words(document["name"]) or "",
        family_name=words(document.get("family_name")) or str(document["name"]).split()[-1],
        seat=seat,
        title=title(seat),
        party=", ".join(parties) or "not said",
        offices=tuple(sorted(offices, key=lambda office: _ORDER.index(office.kind))),
        email=words(document.get("email")),
        website=words(links[0]) if links else None,
        term_end=day(role.get("end_date")),
    )


def _office(office: dict[str, Any]) -> Office:
    address = words(office.get("address"))
    city = _CITY.search(address) if address else None
    return Office(
        _OFFICES.get(str(office.get("classification")), OfficeKind.OTHER),
        address,
        city[1].split(",")[-1].strip() if city else None,
        phone(words(office.get("voice"))),
        phone(words(office.get("fax"))),
    )


def _with_committees(member: Member, listed: list[str] | None) -> Member:
    from dataclasses import replace

    return replace(member, committees=tuple(sorted(listed))) if listed else member
