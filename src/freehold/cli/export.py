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
"""


def configure(parser: argparse.ArgumentParser) -> None:
    models = parser.add_argument("models", nargs="+", metavar="MODEL", help="what to export")
    models.completer = owned_names  # type: ignore[attr-defined]  # argcomplete's convention
    parser.add_argument("file", metavar="FILE", type=Path, help="the file to write; must be new")
    parser.add_argument(
        "--split",
        metavar="SIZE",
        help="write FILE.part01, FILE.part02 … each smaller than SIZE, for example 4GB",
    )
    parser.add_argument(
        "--no-notes", action="store_true", help="leave your own notes and tags out of it"
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.export import export_from
    from freehold.units import human_bytes

    split = parse_size(args.split) if args.split else None
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
