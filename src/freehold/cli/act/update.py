"""Fetch the public data that `freehold act` looks things up in, once, or take a copy of it.

Members of Congress and of state legislatures, ZIP areas, district boundaries: of the whole country,
with full boundaries of the states you name. This is the one command of `act` that needs a network,
besides a bill's address; nothing in its requests tells where you live but the states you name.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freehold.civic.public_sets import PublicFile, of_states, whole_country
from freehold.cli.opening import add_json_option
from freehold.cli.reporting import progress
from freehold.cli.terminal import note, print_json, print_table
from freehold.errors import Unreachable, UsageError
from freehold.settings import Settings
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.actions.act_update import Updated

EXAMPLES = """\
examples:
  freehold act update --dry-run            what would be fetched, and how big it is
  freehold act update --state NH           and New Hampshire's boundaries, exact to a metre
  freehold act update --from /media/usb/civic       copies, with no network at all
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--state",
        action="append",
        default=[],
        metavar="XX",
        help="full boundaries of a state as well; again for more",
    )
    parser.add_argument("--all", action="store_true", help="full boundaries of every state")
    parser.add_argument(
        "--from",
        dest="copies",
        action="append",
        default=[],
        type=Path,
        metavar="FILE|FOLDER",
        help="take copies from there, told by what is in them; no network",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="only say what would be fetched, and its size"
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.act_update import fetch_data, take_data
    from freehold.actions.network import Network
    from freehold.civic.places.states import NAMES, state

    if args.copies and (args.state or args.all or args.dry_run):
        raise UsageError("--from takes what is there.", "Leave --state, --all and --dry-run away.")
    states = set(NAMES) if args.all else {state(word) for word in args.state}
    wanted = (*whole_country(), *of_states(states))
    settings, shown = Settings.load(), progress()
    if args.copies:
        return _tell(take_data(settings, args.copies, shown), as_json=args.json)
    with Network(settings, shown) as network:
        if args.dry_run:
            return _announce(wanted, network, as_json=args.json)
        return _tell(fetch_data(settings, wanted, network, shown), as_json=args.json)


def _announce(wanted: tuple[PublicFile, ...], network: Any, *, as_json: bool) -> int:
    """What each file is; its size as its server says, where it can be asked."""
    from freehold.actions.act_update import announced

    try:
        sizes = {each.file.name: each.size for each in announced(wanted, network)}
    except Unreachable as error:
        note(f"{error.message} So the sizes are not known now.")
        sizes = {}
    if as_json:
        print_json([{**asdict(file), "size_bytes": sizes.get(file.name)} for file in wanted])
        return 0
    rows = [
        (file.title, _size(sizes.get(file.name)), file.licence, file.address) for file in wanted
    ]
    print_table(("WHAT", "SIZE", "TERMS", "FROM"), rows, right={1})
    known = [size for size in sizes.values() if size is not None]
    if known:
        more = "" if len(known) == len(wanted) else ", and those whose size is not said"
        note(f"{len(wanted)} files: {human_bytes(sum(known))}{more}.")
    return 0


def _size(size: int | None) -> str:
    return "not said" if size is None else human_bytes(size)


def _tell(done: Updated, *, as_json: bool) -> int:
    if as_json:
        files = [{**asdict(file), "as_of": file.as_of.isoformat()} for file in done.files]
        print_json({**asdict(done), "files": files})
        return 0
    rows = [
        (file.title, str(file.as_of), human_bytes(file.size), file.sha256[:12])
        for file in done.files
    ]
    print_table(("WHAT", "OF", "SIZE", "SHA-256"), rows, right={2})
    for title in done.changed:
        note(f"New: {title}")
    for failed in done.failed:
        note(f"Not had: {failed}")
    note(f"The index is built: {human_bytes(done.index_size)}. Now: freehold act reps ZIP")
    return 0
