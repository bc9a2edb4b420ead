"""How complete the public data here is: phones, addresses to write to, seats with a boundary.

Counted from the index on this machine, and what is left is listed by name.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option
from freehold.cli.terminal import print_json, print_table, printable
from freehold.settings import Settings

if TYPE_CHECKING:
    from freehold.civic.answer import DataAge
    from freehold.civic.index.coverage import Coverage

EXAMPLES = """\
examples:
  freehold act coverage
  freehold act coverage --state NH --state WY
  freehold act coverage --json
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--state",
        action="append",
        default=[],
        metavar="XX",
        help="this state alone, by letters or name; more than once for several",
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.act_coverage import act_coverage

    found, data = act_coverage(Settings.load(), args.state)
    if args.json:
        print_json(_document(found, data))
        return 0
    headings = ("OF", "MEMBERS", "WITH A PHONE", "E-MAIL OR FORM", "SEATS JOINED TO A BOUNDARY")
    print_table(headings, [_row(one) for one in found], right={1, 2, 3, 4})
    print(printable("\n".join(["", *_totals(found), *_left(found), *_ages(data)])))
    return 0


def _row(one: Coverage) -> tuple[str, ...]:
    return (
        one.of,
        f"{one.members:,}",
        _share(one.with_phone, one.members),
        _share(one.with_writing, one.members),
        f"{one.joined:,} of {one.seats:,}" if one.seats else "no boundaries here",
    )


def _share(part: int, whole: int) -> str:
    """One decimal, rounded down: 99.96% is not all of them."""
    return f"{part * 1000 // whole / 10:.1f}%" if whole else "none"


def _totals(found: Sequence[Coverage]) -> Iterator[str]:
    own = [one for one in found if one.of != "Congress"]
    members, phones = sum(one.members for one in own), sum(one.with_phone for one in own)
    if members:
        written = sum(one.with_writing for one in own)
        yield (
            f"State legislators: {members:,}; with a phone {_share(phones, members)}, "
            f"with an e-mail address {_share(written, members)}."
        )
    seats, joined = sum(one.seats for one in found), sum(one.joined for one in found)
    if seats:
        yield (
            f"Seats where boundaries are here: {seats:,}; joined to one {_share(joined, seats)}."
        )


def _left(found: Sequence[Coverage]) -> Iterator[str]:
    for one in found:
        if one.without_phone:
            yield f"\nWithout a phone, {one.of}: {', '.join(one.without_phone)}"
    for one in found:
        for why in dict.fromkeys(left.why for left in one.left):
            names = ", ".join(left.seat.district for left in one.left if left.why == why)
            yield f"\nWithout a boundary, {one.of}{f' ({why})' if why else ''}: {names}"
        if one.empty:
            names = ", ".join(seat.district or seat.state for seat in one.empty)
            yield f"\nNobody in the data (vacant, or named otherwise), {one.of}: {names}"


def _ages(data: Sequence[DataAge]) -> Iterator[str]:
    yield ""
    for age in data:
        until = f"; expires {age.expires}: {age.why}" if age.expires else ""
        yield f"{age.title}: as of {age.as_of}{until}"


def _document(found: Sequence[Coverage], data: Sequence[DataAge]) -> dict[str, object]:
    return {
        "coverage": [
            {
                "of": one.of,
                "members": one.members,
                "with_phone": one.with_phone,
                "with_email_or_form": one.with_writing,
                "without_phone": list(one.without_phone),
                "seats": one.seats,
                "joined": one.joined,
                "without_boundary": [
                    {
                        "chamber": left.seat.chamber,
                        "state": left.seat.state,
                        "district": left.seat.district,
                        "why": left.why,
                    }
                    for left in one.left
                ],
                "empty": [
                    {"chamber": seat.chamber, "state": seat.state, "district": seat.district}
                    for seat in one.empty
                ],
            }
            for one in found
        ],
        "data": [
            {
                "title": age.title,
                "as_of": age.as_of.isoformat(),
                "expires": age.expires.isoformat() if age.expires else None,
                "why": age.why,
            }
            for age in data
        ],
    }
