"""Own the models that other programs on this machine already keep, without copying them.

Looks in the folders of Hugging Face, llama.cpp, Ollama, LM Studio, RamaLama and GPT4All, or where
it is told to. Every file is hashed before it counts as owned, and none of those folders is
changed. The bytes are shared (a reflink or a hard link) where the disk can do that; elsewhere only
the path is kept, and `freehold verify` watches that the file is still there and still the same.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, open_store
from freehold.cli.reporting import progress
from freehold.cli.terminal import confirm, note, print_json, print_table
from freehold.errors import FreeholdError, UsageError
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.actions.adopt import Adopted, Candidate
    from freehold.store.store import Store

EXAMPLES = """\
examples:
  freehold adopt --dry-run                what there is, and what would be done
  freehold adopt --all                    adopt all of it without asking
  freehold adopt ollama                   what Ollama keeps
  freehold adopt /mnt/disk/models         what a folder holds
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "wishes", nargs="*", metavar="PATH", help="a folder or file, or part of a name to look for"
    )
    parser.add_argument("--dry-run", action="store_true", help="list only; write nothing")
    parser.add_argument(
        "-y", "--yes", "--all", dest="yes", action="store_true", help="adopt all without asking"
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.adopt import find_elsewhere

    with open_store() as store:
        candidates = find_elsewhere(store, args.wishes)
        if not args.json:
            _show(candidates)
        wanted = [each for each in candidates if each.wanted]
        adopted: dict[int, Adopted] = {}
        failed: dict[int, FreeholdError] = {}
        if not args.dry_run and wanted and _agreed(wanted, assume_yes=args.yes):
            _adopt_all(store, wanted, adopted, failed)
    if args.json:
        print_json([_as_json(each, adopted, failed) for each in candidates])
    if failed:
        raise next(iter(failed.values()))
    return 0


def _show(candidates: list[Candidate]) -> None:
    if not candidates:
        note("No other program here keeps a model that Freehold knows how to find.")
        return
    headings = ("PROGRAM", "MODEL", "SIZE", "WHAT HAPPENS")
    rows = [
        (each.found.program, each.found.title, human_bytes(each.found.size), _plan(each))
        for each in candidates
    ]
    print_table(headings, rows, right={2})


def _plan(candidate: Candidate) -> str:
    from freehold.store.model import Link

    if candidate.found.obstacle is not None:
        return f"not adoptable: {candidate.found.obstacle}"
    if candidate.owned is not None:
        return f"yours already: {candidate.owned.name}"
    if candidate.way is Link.REFERENCE:
        return "adopt, by reference to the file"
    return "adopt, sharing the bytes"


def _agreed(wanted: list[Candidate], *, assume_yes: bool) -> bool:
    total = human_bytes(sum(each.found.size for each in wanted))
    question = f"Adopt {_models(len(wanted))}, {total}? Nothing is copied."
    agreed = confirm(question, assume_yes=assume_yes)
    if agreed is None:
        raise UsageError("Nothing was adopted: there is no terminal to ask on.", "Add --all.")
    if not agreed:
        note("Nothing was adopted.")
    return agreed


def _models(count: int) -> str:
    return "1 model" if count == 1 else f"{count} models"


def _adopt_all(
    store: Store,
    wanted: list[Candidate],
    adopted: dict[int, Adopted],
    failed: dict[int, FreeholdError],
) -> None:
    """One after another; what fails is said and doesn't keep the others from being adopted."""
    from freehold.actions.adopt import adopt

    for each in wanted:
        try:
            done = adopt(store, each.found, progress())
        except FreeholdError as error:
            failed[id(each)] = error
            if len(wanted) > 1:
                note(f"Not adopted: {error.message}")
            continue
        adopted[id(each)] = done
        ways = " and ".join(way.value for way in done.ways)
        if done.was_owned:
            note(f"{done.model.name} was yours already: the same bytes, by their hash.")
        else:
            note(
                f"Yours: {done.model.name}, {human_bytes(done.model.size)}, by {ways}, "
                f"sha256 {done.model.weights.digest.short}."
            )


def _as_json(
    candidate: Candidate, adopted: dict[int, Adopted], failed: dict[int, FreeholdError]
) -> dict[str, object]:
    from freehold.sources.elsewhere.found import in_text

    found, done = candidate.found, adopted.get(id(candidate))
    error = failed.get(id(candidate))
    owned = done.model if done else candidate.owned
    return {
        "program": found.program,
        "title": found.title,
        "ref": found.ref,
        "revision": found.revision,
        "size_bytes": found.size,
        "obstacle": found.obstacle,
        "likely_way": candidate.way.value if candidate.way else None,
        "owned_as": owned.name if owned else None,
        "adopted": done is not None and not done.was_owned,
        "error": error.message if error else None,
        "files": [
            {
                "name": file.name,
                "role": str(file.role),
                "path": in_text(file.path),
                "size_bytes": file.size,
                "claimed_sha256": file.sha256.hex if file.sha256 else None,
            }
            for file in found.files
        ],
        "held": [
            {
                "name": file.name,
                "sha256": file.record.digest.hex,
                "way": file.record.link.value,
            }
            for file in (done.files if done else ())
        ],
    }
