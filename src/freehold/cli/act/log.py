"""What came of calls and letters: a log on this machine, for you alone.

It keeps whom you reached, how it went and when to ask again; never where you live.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.civic.log.entry import KIND_WORDS, OUTCOME_WORDS, Kind, Outcome
from freehold.cli.opening import add_json_option
from freehold.cli.terminal import confirm, note, print_json, print_table
from freehold.errors import UsageError
from freehold.settings import Settings
from freehold.units import counted

if TYPE_CHECKING:
    from freehold.actions.call_log import CallLog
    from freehold.civic.log.entry import Entry

EXAMPLES = """\
examples:
  freehold act log                                          what there is, due reminders first
  freehold act log add call "Senator Olsen" --outcome spoke --note "staff will ask"
  freehold act log add voicemail "Representative Hageman" --follow-up 2026-12-03
  freehold act log done 2                                   nothing more to ask there
  freehold act log --ics reminders.ics --csv log.csv
  freehold act log erase
"""
_KINDS = tuple(kind.value for kind in Kind)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", nargs="?", default="list", choices=("list", "add", "done", "erase")
    )
    parser.add_argument("words", nargs="*", metavar="KIND MEMBER | NUMBER")
    parser.add_argument("--outcome", choices=[one.value for one in Outcome], help="how it went")
    parser.add_argument("--note", default="", help="in your words")
    parser.add_argument("--follow-up", type=_day, metavar="DAY", help="when to ask again")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the log as a table")
    parser.add_argument("--ics", type=Path, metavar="FILE", help="write reminders for a calendar")
    parser.add_argument("--yes", action="store_true", help="with erase: without asking")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.call_log import CallLog

    log = CallLog(Settings.load().home)
    match args.action:
        case "add":
            _add(log, args)
        case "done":
            entry = log.done(_number(args.words))
            note(f"Nothing more to ask {entry.member}.")
        case "erase":
            return _erase(log, args)
        case _ if args.words:
            raise UsageError("`act log` takes no words by itself.", "See freehold act log --help.")
    entries = log.entries()
    if args.csv or args.ics:
        _export(entries, args)
    elif args.json:
        print_json([_document(entry) for entry in entries])
    elif args.action == "list":
        _list(entries)
    return 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-12-03") from error


def _number(words: list[str]) -> int:
    if len(words) != 1 or not words[0].isdecimal():
        raise UsageError("Which entry?", "Its number: freehold act log done 2")
    return int(words[0])


def _add(log: CallLog, args: argparse.Namespace) -> None:
    if len(args.words) < 2 or args.words[0] not in _KINDS:
        raise UsageError(
            "What was it, and to whom?",
            f"One of {', '.join(_KINDS)}, and a name: freehold act log add call 'Senator Olsen'",
        )
    outcome = Outcome(args.outcome) if args.outcome else None
    name = " ".join(args.words[1:])
    entry = log.add(name, Kind(args.words[0]), outcome, args.note, args.follow_up)
    again = f" Ask again on {entry.follow_up}." if entry.follow_up else ""
    note(f"Kept as {entry.id}: you {KIND_WORDS[entry.kind]}, {entry.member}.{again}")


def _erase(log: CallLog, args: argparse.Namespace) -> int:
    if not log.path.exists():
        note("There is no log.")
        return 0
    agreed = confirm("Erase the whole log? It cannot be undone.", assume_yes=args.yes)
    if agreed is None:
        raise UsageError("Nothing was erased: there is no terminal to ask on.", "Add --yes.")
    if not agreed:
        note("Nothing was erased.")
        return 1
    note(f"The log is erased: {counted(log.erase(), 'entry', 'entries')}.")
    return 0


def _export(entries: tuple[Entry, ...], args: argparse.Namespace) -> None:
    from freehold.civic.log.exports import as_calendar, as_csv
    from freehold.store.durable import storage_errors, write_durably

    for path, text in ((args.csv, as_csv), (args.ics, as_calendar)):
        if path is not None:
            with storage_errors(f"write {path}"):
                write_durably(path, text(entries).encode())
            note(f"{path} is written.")


def _list(entries: tuple[Entry, ...]) -> None:
    if not entries:
        note("The log is empty: freehold act log add call 'Senator Olsen' --outcome spoke")
        return
    today = date.today()  # noqa: DTZ011 - the owner's own day
    rows = [
        (
            str(entry.id),
            f"{entry.on.astimezone():%Y-%m-%d}",
            entry.member,
            KIND_WORDS[entry.kind],
            OUTCOME_WORDS[entry.outcome] if entry.outcome else "",
            _again(entry, today),
            entry.note,
        )
        for entry in entries
    ]
    print_table(("NO", "ON", "MEMBER", "YOU", "HOW IT WENT", "ASK AGAIN", "NOTE"), rows, right={0})


def _again(entry: Entry, today: date) -> str:
    if entry.follow_up is None:
        return ""
    return f"{entry.follow_up} (due)" if entry.is_due(today) else str(entry.follow_up)


def _document(entry: Entry) -> dict[str, object]:
    from freehold.civic.log.entry import as_json

    today = date.today()  # noqa: DTZ011 - the owner's own day
    return {**as_json(entry), "is_due": entry.is_due(today)}
