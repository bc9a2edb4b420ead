"""Mend a damaged model: fetch or restore just the bad chunks, prove each, prove the whole.

First it reads the model and shows a plan: which bytes are bad, and where good ones will come from.
Other copies on this machine come first, then parity (freehold protect), then every place where the
model was seen, from which only the bad chunks are fetched. The damaged file stays as it is until
the new one is proven. An interrupted repair goes on where it stopped.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.terminal import confirm, note, print_json, print_table
from freehold.errors import UsageError
from freehold.settings import Settings
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.actions.repair_plan import FilePlan, RepairPlan, Supply

EXAMPLES = """\
examples:
  freehold repair smollm2
  freehold repair smollm2 --dry-run                      the plan only
  freehold repair smollm2 --from /media/usb/model.gguf
  freehold repair smollm2 --from hf:org/name:file.gguf
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    parser.add_argument(
        "--from",
        dest="places",
        action="append",
        default=[],
        metavar="REF|PATH",
        help="a place to look first; may be given again",
    )
    parser.add_argument("--dry-run", action="store_true", help="show the plan; change nothing")
    parser.add_argument("-y", "--yes", action="store_true", help="do it without asking")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.network import Network
    from freehold.actions.repair import cannot_mend, plan, repair

    settings, bars = Settings.load(), progress()
    with open_libraries(settings) as libraries, Network(settings, bars) as network:
        found = libraries.find(args.model)
        todo = plan(libraries, found, settings, network, args.places, bars)
        if not args.json:
            _show(todo)
        fetched: int | None = None
        if not args.dry_run and _agreed(todo, assume_yes=args.yes):
            done = repair(found.store, settings, todo, network, bars)
            fetched = done.fetched_bytes if todo.files else None
    if args.json:
        print_json(_as_json(todo, fetched))
    if todo.files and not todo.possible:
        raise cannot_mend(todo)
    if fetched is not None and not args.json:
        note(f"{todo.model.name} is whole again, every byte proven. {_cost(fetched)}")
    return 0


def _show(todo: RepairPlan) -> None:
    for remark in todo.remarks:
        note(remark)
    if not todo.files:
        note(f"{todo.model.name}: good, every byte is what was proven. Nothing to repair.")
        return
    rows = [row for file in todo.files for row in _rows(file)]
    print_table(("FILE", "DAMAGE", "FROM", "FETCH"), rows, right={3})


def _rows(file: FilePlan) -> Iterator[tuple[str, str, str, str]]:
    from freehold.store.chunks import name_chunks

    name, state = file.file.name, file.state.value
    count = file.hashes.chunk_count if file.hashes else 0
    for supply in file.supplies:
        all_of_it = len(supply.chunks) == count or not supply.chunks
        what = "all of it" if all_of_it else name_chunks(supply.chunks)
        fetch = human_bytes(supply.fetch_bytes) if supply.fetch_bytes else "-"
        yield name, f"{state}: {what}", _from(supply), fetch
    if not file.possible:
        what = name_chunks(file.lost) if file.lost else "all of it"
        yield name, f"{state}: {what}", "nowhere: nothing has good bytes", "-"
    elif not file.supplies:
        yield name, state, "itself: every chunk is there", "-"


def _from(supply: Supply) -> str:
    from freehold.actions.repair_plan import Origin

    match supply.origin:
        case Origin.PARITY:
            return "its parity"
        case Origin.WHOLE:
            return f"{supply.place} (only as a whole)"
    return supply.place


def _agreed(todo: RepairPlan, *, assume_yes: bool) -> bool:
    if not todo.files:
        return True  # what a killed repair may have left over is cleared away
    if not any(file.possible for file in todo.files):
        return False  # the error that follows says what to try
    agreed = confirm(f"Repair it so? {_cost(todo.fetch_bytes, 'to fetch')}", assume_yes=assume_yes)
    if agreed is None:
        raise UsageError(
            f"{todo.model.name} was not repaired: there is no terminal to ask on.", "Add --yes."
        )
    if not agreed:
        note("Nothing was changed.")
    return agreed


def _cost(fetched: int, word: str = "fetched") -> str:
    return f"{human_bytes(fetched)} {word}." if fetched else f"Nothing {word}."


def _as_json(todo: RepairPlan, fetched: int | None) -> dict[str, object]:
    return {
        "name": todo.model.name,
        "damaged": bool(todo.files),
        "possible": todo.possible,
        "repaired": fetched is not None,
        "to_fetch_bytes": todo.fetch_bytes,
        "fetched_bytes": fetched,
        "remarks": list(todo.remarks),
        "files": [
            {
                "name": file.file.name,
                "sha256": file.file.digest.hex,
                "state": file.state.value,
                "bad_chunks": list(file.bad),
                "bad_bytes": [list(span) for span in file.bad_ranges],
                "nowhere": list(file.lost),
                "from": [
                    {
                        "kind": supply.origin.value,
                        "place": supply.place,
                        "chunks": list(supply.chunks),
                        "fetch_bytes": supply.fetch_bytes,
                    }
                    for supply in file.supplies
                ],
            }
            for file in todo.files
        ],
    }
