"""Write models into one file that you can carry away, and that others can open.

The file is an OCI image layout in a plain tar, with the weights uncompressed, licence, provenance,
lineage, tags and notes, and the hash of everything. Paths on this machine, the names of peers and
tokens in addresses stay here. The same models always give the same bytes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from freehold.cli.numbers import parse_size
from freehold.cli.opening import add_json_option, open_libraries, owned_names
from freehold.cli.reporting import progress
from freehold.cli.terminal import note, print_json

EXAMPLES = """\
examples:
  freehold export smollm2 smollm2.tar
  freehold export smollm2 gemma /media/stick/models.tar --split 4GB    for FAT32: parts
  freehold export smollm2 smollm2.tar --no-notes                       to give away
  freehold export smollm2 /media/stick --with-runtime                  and Freehold itself
"""


def configure(parser: argparse.ArgumentParser) -> None:
    models = parser.add_argument("models", nargs="+", metavar="MODEL", help="what to export")
    models.completer = owned_names  # type: ignore[attr-defined]  # argcomplete's convention
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="the file to write, or with a runtime the folder"
    )
    parser.add_argument(
        "--split",
        metavar="SIZE",
        help="write FILE.part01, FILE.part02 … each smaller than SIZE, for example 4GB",
    )
    parser.add_argument(
        "--no-notes", action="store_true", help="leave your own notes and tags out of it"
    )
    parser.add_argument(
        "--with-runtime",
        action="store_true",
        help="a folder with all that installs Freehold where there is no network (this fetches)",
    )
    parser.add_argument(
        "--platform",
        action="append",
        default=[],
        metavar="KIND",
        help="with a runtime: for linux-x86_64, linux-arm64, macos-arm64, windows-x86_64 or this;"
        " default, all four",
    )
    parser.add_argument(
        "--python",
        action="append",
        default=[],
        metavar="VERSION",
        help="with a runtime: for this version of Python; default, 3.11 to 3.14",
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.export import export_from
    from freehold.units import human_bytes

    split = parse_size(args.split) if args.split else None
    if args.with_runtime or args.platform or args.python:
        return _with_runtime(args, split)
    with open_libraries() as libraries:
        found = [libraries.find(name) for name in args.models]
        done = export_from(
            [(each.store, each.model) for each in found],
            args.file,
            split=split,
            with_notes=not args.no_notes,
            progress=progress(),
        )
    if args.json:
        print_json(
            {
                "files": [str(path) for path in done.paths],
                "size_bytes": done.size,
                "models": [
                    {"name": model.name, "id": f"sha256:{model.id}"} for model in done.models
                ],
            }
        )
        return 0
    names = ", ".join(model.name for model in done.models)
    where = str(done.paths[0])
    if len(done.paths) > 1:
        where = f"{len(done.paths)} parts, {where} to {done.paths[-1].name}"
    note(f"Exported: {names}, {human_bytes(done.size)}, to {where}.")
    note(f"Anywhere else: freehold import {args.file.name}")
    return 0


def _with_runtime(args: argparse.Namespace, split: int | None) -> int:
    from freehold.actions.export_runtime import expected_size, export_runtime
    from freehold.errors import UsageError
    from freehold.share.runtime.targets import targets_for
    from freehold.units import human_bytes

    if not args.with_runtime:
        raise UsageError("--platform and --python are for a runtime.", "Say --with-runtime too.")
    targets = targets_for(tuple(args.platform), tuple(args.python))
    with open_libraries() as libraries:
        named = [libraries.find(name) for name in args.models]
        found = [(each.store, each.model) for each in named]
        kinds = ", ".join(dict.fromkeys(target.machine.label for target in targets))
        note(f"About {human_bytes(expected_size(found, targets))}, for {kinds}.")
        stick = export_runtime(
            found,
            args.file,
            targets,
            split=split,
            with_notes=not args.no_notes,
            progress=progress(),
        )
    for target, reason in stick.left_out:
        note(f"Left out: {target.label}. {reason}")
    if args.json:
        print_json(
            {
                "folder": str(stick.folder),
                "size_bytes": stick.size,
                "wheels": stick.wheels,
                "models": [{"name": m.name, "id": f"sha256:{m.id}"} for m in stick.models],
                "machines": [
                    {"platform": t.machine.name, "python": t.python} for t in stick.targets
                ],
                "left_out": [
                    {"platform": t.machine.name, "python": t.python, "reason": reason}
                    for t, reason in stick.left_out
                ],
            }
        )
        return 0
    note(f"Written: {human_bytes(stick.size)}, {stick.wheels} wheels, to {stick.folder}.")
    note("Where there is no network: open START.html there, or run python3 start.py.")
    return 0
