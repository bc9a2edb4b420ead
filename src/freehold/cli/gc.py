"""Collect what is left over: unfinished downloads, bytes no model uses. The plan comes first.

Pinned models are never collected, and models at all only with --unused-for.
"""

from __future__ import annotations

import argparse
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, open_store
from freehold.cli.terminal import confirm, note, print_json, print_table
from freehold.errors import UsageError
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.store.collect import CollectionPlan

EXAMPLES = """\
examples:
  freehold gc                             show what would go, then ask
  freehold gc --dry-run                   only show it
  freehold gc --older-than 1d --yes
  freehold gc --unused-for 90d            models not used for three months, too
"""

_DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--older-than", type=_age, default="7d", metavar="AGE", help="default 7d")
    parser.add_argument(
        "--unused-for", type=_age, metavar="AGE", help="models not used for so long"
    )
    parser.add_argument("--dry-run", action="store_true", help="show the plan and change nothing")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    with open_store() as store:
        plan = store.plan_collection(args.older_than, args.unused_for)
        _show(plan, as_json=args.json and args.dry_run)
        if args.dry_run or not plan.items:
            return 0
        agreed = confirm(f"Delete these {human_bytes(plan.size)}?", assume_yes=args.yes)
        if agreed is None:
            raise UsageError("Nothing was deleted: there is no terminal to ask on.", "Add --yes.")
        if not agreed:
            note("Everything stays.")
            return 0
        report = store.collect(plan)
    note(f"{len(report.collected)} things are gone; {human_bytes(report.freed_bytes)} freed.")
    for item in report.stayed:
        note(f"{item.name} has come into use and stayed.")
    if args.json:
        print_json({"collected": len(report.collected), "freed_bytes": report.freed_bytes})
    return 0


def _show(plan: CollectionPlan, *, as_json: bool) -> None:
    for remark in plan.remarks:
        note(remark)
    if as_json:
        print_json(
            [
                {
                    "what": item.kind.value,
                    "name": item.name,
                    "size_bytes": item.size,
                    "since": item.since.isoformat(timespec="seconds"),
                }
                for item in plan.items
            ]
        )
    elif not plan.items:
        note("Nothing is left over.")
    else:
        rows = [
            (item.kind.value, item.name, human_bytes(item.size), f"{item.since:%Y-%m-%d}")
            for item in plan.items
        ]
        print_table(("WHAT", "NAME", "SIZE", "SINCE"), rows, right={2})


def _age(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,5})([hdw])", text.strip().lower())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no age: 12h, 7d and 4w are")
    return timedelta(days=int(match[1]) * _DAYS[match[2]])
