"""The engines that can run models here: which there are, which one runs, and building your own.

`list` shows them, `use` chooses one, `build` compiles the engine's source for this processor (it
fetches the source, unless --from names it), and `remove` lets what was built go.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option
from freehold.cli.reporting import progress
from freehold.cli.terminal import confirm, note, print_json, print_table
from freehold.errors import UsageError
from freehold.settings import Settings
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.actions.build_engine import BuildPlan
    from freehold.actions.engines import AvailableEngine
    from freehold.engine.built import BuiltRecord

EXAMPLES = """\
examples:
  freehold engine                                which engines there are
  freehold engine use llama-server               models run on the installed llama-server
  freehold engine use /opt/llama.cpp/llama-server
  freehold engine build --dry-run                what compiling one needs, and how long it takes
  freehold engine build --yes                    compile it for this processor
  freehold engine build --from xllamacpp-2026.10.11549.tar.gz     with no network
  freehold engine remove built
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", nargs="?", default="list", choices=("list", "use", "build", "remove")
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="with use and remove: which one")
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="FILE",
        help="with build: a source package on this machine; nothing is fetched",
    )
    parser.add_argument("--dry-run", action="store_true", help="with build: show what it needs")
    parser.add_argument("-y", "--yes", action="store_true", help="with build: do not ask")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    if (args.name is None) is (args.action in {"use", "remove"}):
        wanted = "the name of an engine" if args.name is None else "no name"
        raise UsageError(f"`engine {args.action}` takes {wanted}.", "See freehold engine --help.")
    settings = Settings.load()
    match args.action:
        case "build":
            return _build(settings, args)
        case "use":
            return _use(settings, args)
        case "remove":
            return _remove(settings, args)
    return _list(settings, as_json=args.json)


def _list(settings: Settings, *, as_json: bool) -> int:
    from freehold.actions.engines import available_engines

    rows = available_engines(settings)
    if as_json:
        print_json([_row_json(row) for row in rows])
        return 0
    print_table(
        ("ENGINE", "CHOSEN", "VERSION", "MADE FOR", "PLACE"),
        [
            (
                row.name,
                "yes" if row.chosen else "",
                row.identity.version if row.identity else "-",
                _made_for(row),
                row.place,
            )
            for row in rows
        ],
        right=set(),
    )
    return 0


def _made_for(row: AvailableEngine) -> str:
    if row.identity is None:
        return row.trouble or ""
    return " ".join(row.identity.instructions) or "(it does not say)"


def _row_json(row: AvailableEngine) -> dict[str, object]:
    return {
        "name": row.name,
        "chosen": row.chosen,
        "place": row.place,
        "version": row.identity.version if row.identity else None,
        "instruction_sets": list(row.identity.instructions) if row.identity else None,
        "trouble": row.trouble,
    }


def _use(settings: Settings, args: argparse.Namespace) -> int:
    from freehold.actions.engines import use_engine

    identity = use_engine(settings, args.name)
    if args.json:
        print_json({"name": identity.name, "version": identity.version})
    note(f"{identity.name} {identity.version} runs models from now on.")
    if settings.engine:
        note(f"But FREEHOLD_ENGINE or config.toml says {settings.engine}, and that comes first.")
    return 0


def _remove(settings: Settings, args: argparse.Namespace) -> int:
    from freehold.actions.engines import chosen_name, remove_engine

    remove_engine(settings, args.name)
    if args.json:
        print_json({"removed": args.name, "chosen": chosen_name(settings)})
    note(f"{args.name} is gone; {chosen_name(settings)} runs models.")
    return 0


def _build(settings: Settings, args: argparse.Namespace) -> int:
    from freehold.actions.build_engine import build_engine, plan_build

    plan = plan_build(settings, args.source)
    if args.dry_run and args.json:
        print_json(_plan_json(plan))
        return 0
    _show(plan)
    if args.dry_run:
        return 0
    if not plan.missing:
        agreed = confirm("Build it?", assume_yes=args.yes)
        if agreed is None:
            raise UsageError("Nothing was built: there is no terminal to ask on.", "Add --yes.")
        if not agreed:
            note("Nothing was built.")
            return 0
    bars = progress()
    record = build_engine(settings, plan, bars, bars.said)
    if args.json:
        print_json(_record_json(record))
    note(
        f"Built in {record.seconds / 60:.1f} minutes and proven: it takes "
        f"{human_bytes(record.size)} and uses {' '.join(record.instructions)}."
    )
    note("`freehold engine use built` makes it run models; `freehold tune` measures which is best.")
    return 0


def _show(plan: BuildPlan) -> None:
    source = plan.source or "fetched from the package index"
    note(f"The engine's source, xllamacpp {plan.version} ({source}), is compiled for this machine.")
    for need in plan.needs:
        if need.found is not None:
            note(f"  {need.name}: {need.found}")
        elif need.from_index:
            note(f"  {need.name}: not here; fetched for the build only")
        else:
            note(f"  {need.name}: MISSING. Get it: {need.how}")
    note(
        f"It takes about {plan.minutes:.0f} minutes ({plan.jobs} at a time), and "
        f"{human_bytes(plan.disk)} of the {human_bytes(plan.free)} free while it lasts."
    )


def _plan_json(plan: BuildPlan) -> dict[str, object]:
    return {
        "version": plan.version,
        "source": str(plan.source) if plan.source else None,
        "needs": [
            {"name": need.name, "found": need.found, "fetched": need.from_index, "how": need.how}
            for need in plan.needs
        ],
        "possible": not plan.missing,
        "jobs": plan.jobs,
        "minutes": plan.minutes,
        "disk_bytes": plan.disk,
        "free_bytes": plan.free,
    }


def _record_json(record: BuiltRecord) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(record)
