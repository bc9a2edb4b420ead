"""An adapter from another format, for a model you own: from PEFT's folder, and back into one.

IN is a folder with adapter_config.json and adapter_model.safetensors, an adapter you own, or the
path of a .gguf adapter. The result is a new adapter in the store, or a new folder.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.cli.modify.told import tell_made
from freehold.cli.opening import add_json_option, open_libraries, owned_names
from freehold.cli.reporting import progress
from freehold.cli.terminal import print_json
from freehold.errors import UsageError

if TYPE_CHECKING:
    from freehold.store.libraries import Libraries

EXAMPLES = """\
examples:
  freehold modify adapter ./my-lora --for smollm2 --name letters
  freehold run smollm2 --adapter letters:0.8 "Dear Sir,"
  freehold modify adapter letters --to peft --for smollm2 --output ./letters-peft
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("given", metavar="IN", help="a folder of PEFT's, or an adapter")
    base = parser.add_argument(
        "--for", dest="base", required=True, metavar="MODEL", help="the model that it is for"
    )
    base.completer = owned_names  # type: ignore[attr-defined]  # argcomplete's convention
    parser.add_argument(
        "--to", choices=("gguf", "peft"), default="gguf", help="which format; default gguf"
    )
    parser.add_argument("--name", metavar="NAME", help="what to call the adapter in the store")
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="with --to peft: a new folder to write"
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    with open_libraries() as libraries:
        return _to_peft(libraries, args) if args.to == "peft" else _to_gguf(libraries, args)


def _to_gguf(libraries: Libraries, args: argparse.Namespace) -> int:
    from freehold.actions.convert_adapter import convert_adapter
    from freehold.actions.modify_sources import source

    if args.output is not None:
        raise UsageError("--output is for --to peft.", "An adapter is kept in the store.")
    report = progress()
    folder = Path(args.given).expanduser()
    given = folder if folder.is_dir() else source(libraries, args.given, report)
    base = source(libraries, args.base, report)
    name = args.name or Path(args.given).stem
    made = convert_adapter(libraries.store(), given, base, name, report)
    return tell_made(made, f"Use it: freehold run {base.name} --adapter {made.name}", args.json)


def _to_peft(libraries: Libraries, args: argparse.Namespace) -> int:
    from freehold.actions.convert_adapter import write_peft
    from freehold.actions.modify_sources import source

    if args.output is None:
        raise UsageError("--to peft writes a folder.", "Name a new one: --output FOLDER")
    report = progress()
    given, base = source(libraries, args.given, report), source(libraries, args.base, report)
    files = write_peft(given, base, args.output)
    if args.json:
        print_json({"files": [str(path) for path in files]})
        return 0
    for path in files:
        print(path)
    return 0
