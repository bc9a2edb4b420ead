"""Who represents a place: Congress and the state's legislature, with every public office.

A ZIP code can lie in several districts; a point decides. The place is looked up on this machine and
kept nowhere. `-` reads it from standard input, which keeps it out of your shell's history.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option
from freehold.cli.terminal import is_colourful, print_json, printable
from freehold.errors import NotFound, UsageError
from freehold.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from freehold.civic.answer import Answer, Candidate, DataAge
    from freehold.civic.people.member import Member, Office

EXAMPLES = """\
examples:
  freehold act reps 03801
  freehold act reps 43.0718,-70.7626
  freehold act reps - < place.txt          not in the shell's history
  freehold act reps 03801 --federal --json
  freehold act reps --map NH               choose on a map in your browser
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("place", nargs="*", metavar="ZIP | LAT,LON | -", help="where you vote")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--federal", action="store_true", help="Congress alone")
    only.add_argument("--state-level", action="store_true", help="the state's legislature alone")
    parser.add_argument(
        "--map",
        nargs="?",
        const="",
        metavar="XX",
        help="choose the place on a map in your browser, drawn from the boundaries here",
    )
    parser.add_argument(
        "--home-addresses", action="store_true", help="show homes too, where the data has them"
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.representatives import place, representatives

    if args.map is not None:
        return _open_map(args.map)
    where = place(_words(args.place))
    try:
        answer = representatives(Settings.load().home, where)
    except NotFound as error:
        if "no public data" not in error.message:
            raise
        raise _nothing_yet() from error
    answer = _only(answer, args)
    if args.json:
        from freehold.civic.answer_json import answer_json

        print_json(answer_json(answer, datetime.now(UTC)))
    else:
        print("\n".join(printable(line) for line in _lines(answer, homes=args.home_addresses)))
    return 0


def _open_map(word: str) -> int:
    from freehold.civic.places.states import state
    from freehold.cli.open import a_server, show

    letters = f"-{state(word)}" if word else ""
    server, _ = a_server(Settings.load())
    show(f"{server.address}/act#map{letters}")
    return 0


def _words(words: list[str]) -> str:
    if words == ["-"]:
        return sys.stdin.readline()
    if not words:
        raise UsageError("Where?", "A ZIP code, or a point: freehold act reps 03801")
    return " ".join(words)


def _nothing_yet() -> NotFound:
    from freehold.civic.public_sets import whole_country

    needed = ", ".join(file.title.lower() for file in whole_country() if file.needed)
    return NotFound(
        f"There is no public data here yet: {needed}.",
        "`freehold act update --dry-run` says how big each is, `freehold act update` fetches it, "
        "`freehold act update --from FOLDER` takes a copy.",
    )


def _only(answer: Answer, args: argparse.Namespace) -> Answer:
    kept = tuple(
        one
        for one in answer.candidates
        if not (args.federal and not one.seat.is_federal)
        and not (args.state_level and one.seat.is_federal)
    )
    return replace(answer, candidates=kept)


def _lines(answer: Answer, *, homes: bool) -> Iterator[str]:
    from freehold.civic.people.words import body

    before = ""
    for one in answer.candidates:
        if (name := body(one.seat)) != before:
            yield from ("", _bold(name.upper())) if before else (_bold(name.upper()),)
        elif before:
            yield ""
        before = name
        yield from _block(one, homes=homes)
    if answer.notes:
        yield ""
    yield from (f"! {note}" for note in answer.notes)
    yield ""
    yield from _ages(answer.data)


def _block(one: Candidate, *, homes: bool) -> Iterator[str]:
    from freehold.civic.answer_json import seat_words

    where = seat_words(one.seat)
    doubt = "" if one.is_certain else f"  perhaps{_share(one.share)}"
    if not one.members:
        yield f"{where}{doubt}: nobody in the data; it may be vacant"
    for member in one.members:
        yield _bold(f"{member.title} {member.name}") + f"  {member.party}  {where}{doubt}"
        yield from _reach(member, homes=homes)


def _share(share: float | None) -> str:
    return "" if share is None else f", {max(share, 0.01):.0%} of the ZIP area"


def _reach(member: Member, *, homes: bool) -> Iterator[str]:
    offices = member.offices if homes else member.public_offices
    for office in offices:
        yield f"  {office.phone or 'no telephone':<20} {_office(office, member)}"
    for label, value in (
        ("e-mail", member.email),
        ("form", member.contact_form),
        ("web", member.website),
    ):
        if value:
            yield f"  {label:<20} {value}"
    if member.committees:
        yield f"  {'committees':<20} {', '.join(member.committees)}"


def _office(office: Office, member: Member) -> str:
    parts = [office.kind.value, office.address or office.city or ""]
    if office.shared_by > 3:
        parts.append(f"a switchboard: ask for {member.title} {member.family_name}")
    return " · ".join(part for part in parts if part)


def _ages(data: tuple[DataAge, ...]) -> Iterator[str]:
    """How old the data is; sets of one kind and day on one line."""
    today = date.today()  # noqa: DTZ011 - the owner's own day
    told: dict[str, None] = {}
    for age in data:
        title = age.title.partition(" (")[0].partition(":")[0]
        until = f", to be doubted from {age.expires} ({age.why})" if age.expires else ""
        old = "OLD: " if age.expires and age.expires <= today else ""
        told[f"{old}{title}, {age.as_of}{until}"] = None
    yield "Data: " + "; ".join(told) + "."


def _bold(text: str) -> str:
    return f"\x1b[1m{text}\x1b[0m" if is_colourful(sys.stdout) else text
