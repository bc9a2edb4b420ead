"""Fetch the public data that `freehold act` works from, or take any copy of it.

Members of Congress, state legislators, ZIP areas and district boundaries, from those who publish
them; only what has changed, and nothing is told to them but which file is wanted. From then on
everything works offline.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option
from freehold.cli.reporting import progress
from freehold.cli.terminal import note, print_json, printable
from freehold.errors import UsageError
from freehold.settings import Settings
from freehold.units import counted, human_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from freehold.actions.act_update import Planned
    from freehold.actions.civic_outcomes import Outcome, Updated

EXAMPLES = """\
examples:
  freehold act update                               the whole country; near lines, both sides
  freehold act update --state CO --state WY         and the full boundaries of these states
  freehold act update --dry-run                     what that is, where from, and how big
  freehold act update --from /media/usb/civic       from a copy: no network
  freehold act update --from peer:laptop.lan        from a Freehold that runs share --civic
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--state",
        action="append",
        default=[],
        metavar="XX",
        help="its full boundaries too: there, coordinates are exact to a metre",
    )
    parser.add_argument(
        "--all", action="store_true", help="the full boundaries of every state and territory"
    )
    parser.add_argument(
        "--from",
        action="append",
        default=[],
        dest="copies",
        metavar="PLACE",
        help="a file, a folder, peer:host[:port] or the address of such a folder",
    )
    parser.add_argument(
        "--dated", type=_day, metavar="DAY", help="when copies are from, such as 2026-08-05"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be fetched")
    parser.add_argument("--limit", metavar="RATE", help="at most so fast, for example 5MB/s")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.act_update import fetch_data, plan, take_data
    from freehold.civic.places.states import NAMES, state

    settings = Settings.load()
    states = tuple(NAMES) if args.all else tuple(map(state, args.state))
    if args.copies and (states or args.dry_run):
        raise UsageError(
            "--from takes what is there: it goes with no --state, --all or --dry-run.",
            "What is in a copy is used for the states it has.",
        )
    if args.dated and not args.copies:
        raise UsageError("--dated is for copies (--from).", "Publishers tell their own dates.")
    planned = plan(settings.home, states)
    if args.dry_run:
        return _show_plan(planned, as_json=args.json)
    if args.limit:
        settings = replace(settings, limit=args.limit)
    if args.copies:
        done = take_data(settings, args.copies, progress(), dated=args.dated)
    else:
        done = fetch_data(settings, [each.file for each in planned], progress())
    if args.json:
        print_json(_json(done))
    else:
        _say(done)
    return done.failed[0].error.exit_code if done.failed and done.failed[0].error else 0


def _show_plan(planned: tuple[Planned, ...], *, as_json: bool) -> int:
    if as_json:
        print_json(
            [
                {
                    "name": each.file.name,
                    "title": each.file.title,
                    "address": each.file.address,
                    "licence": each.file.licence,
                    "about_bytes": each.file.about,
                    "here_as_of": each.here.as_of.isoformat() if each.here else None,
                }
                for each in planned
            ]
        )
        return 0
    for each in planned:
        here = f", here as of {each.here.as_of}" if each.here else ""
        print(f"{each.file.title}: about {human_bytes(each.file.about)}{here}")
        print(f"  {each.file.address} ({each.file.licence})")
    new = [each.file.about for each in planned if each.here is None]
    again = len(planned) - len(new)
    print(f"{counted(len(new), 'file')} to fetch, about {human_bytes(sum(new))} in all.")
    if again:
        print(f"{counted(again, 'file')} to ask after: fetched again only if changed.")
    print("Nothing was fetched and nobody was asked.")
    return 0


def _say(done: Updated) -> None:
    for each in done.outcomes:
        if each.error is None:
            print(printable(f"{each.change:<8} {each.title}{_details(each)}"))
    for line in _failures(done.failed):
        note(line)
    if done.index is None:
        note("There is no data to look anything up in yet. Try again with a network, or --from.")
        return
    if done.is_rebuilt:
        size = human_bytes(done.index.stat().st_size)
        note(f"The index is built: {size}. From here on nothing needs a network.")
    if done.failed:
        note("What is here goes on working: freehold act reps ZIP")
    else:
        note("Try it: freehold act reps ZIP, or freehold act reps LAT,LON")


def _failures(failed: tuple[Outcome, ...]) -> Iterator[str]:
    """One sentence for each thing that went wrong, and what is missing for it."""
    reasons: dict[str, list[Outcome]] = {}
    for each in failed:
        reasons.setdefault(each.error.message if each.error else "", []).append(each)
    for reason, those in reasons.items():
        yield f"Not got: {reason}"
        for old, said in ((True, "older copies stay in use"), (False, "there is none yet")):
            titles = [each.title for each in those if (each.entry is not None) is old]
            if titles:
                yield f"  {said}: {', '.join(titles)}"


def _details(each: Outcome) -> str:
    if each.entry is None:
        return ""
    entry = each.entry
    said = f", as of {entry.as_of}, {human_bytes(entry.size)}, sha256 {entry.sha256[:12]}"
    if each.before is not None:
        said += f" (before: {each.before.as_of}, {each.before.sha256[:12]}"
        older = entry.as_of < each.before.as_of
        said += "; this one is OLDER)" if older else ")"
    return said


def _json(done: Updated) -> dict[str, object]:
    return {
        "files": [
            {
                "name": each.name,
                "title": each.title,
                "change": each.change.value,
                "as_of": each.entry.as_of.isoformat() if each.entry else None,
                "fetched": each.entry.fetched.isoformat() if each.entry else None,
                "sha256": each.entry.sha256 if each.entry else None,
                "sha256_before": each.before.sha256 if each.before else None,
                "size": each.entry.size if each.entry else None,
                "address": each.entry.address if each.entry else None,
                "licence": each.entry.licence if each.entry else None,
                "error": each.error.message if each.error else None,
            }
            for each in done.outcomes
        ],
        "index": str(done.index) if done.index else None,
        "index_bytes": done.index.stat().st_size if done.index else None,
        "rebuilt": done.is_rebuilt,
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-08-05") from None
