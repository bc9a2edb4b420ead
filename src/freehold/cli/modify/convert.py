"""A checkpoint in Hugging Face's format into a GGUF model that you own, and a model back into one.

GIVEN is a folder with config.json, safetensors and a tokenizer: it becomes a new model in the
store. Or it is a model you own, or the path of a .gguf file: it becomes a new folder (--output)
that transformers and what builds on it load.
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
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.store.libraries import Libraries

EXAMPLES = """\
examples:
  freehold modify convert ./SmolLM2-360M --name smollm2-360m
  freehold modify convert ./SmolLM2-360M --to Q8_0
  freehold modify convert smollm2 --output ./smollm2-hf
  freehold modify convert smollm2 --to BF16 --output ./smollm2-hf
"""
_WORDS = {"gguf", "safetensors"}


def configure(parser: argparse.ArgumentParser) -> None:
    given = parser.add_argument("given", metavar="GIVEN", help="a folder, or a model")
    given.completer = owned_names  # type: ignore[attr-defined]  # argcomplete's convention
    parser.add_argument(
        "--to", metavar="TYPE",
        help="of its matrices: Q8_0, BF16…; of a checkpoint's numbers: F32, F16, BF16",
    )  # fmt: skip
    parser.add_argument("--name", metavar="NAME", help="what to call the new model")
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="of a model: the new folder to write"
    )
    parser.add_argument(
        "--pre", metavar="WAY", help="llama.cpp's name for how text is cut, if it is not known here"
    )
    parser.add_argument(
        "--unchecked", action="store_true", help="keep it without loading it into the engine"
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    folder = Path(args.given).expanduser()
    with open_libraries() as libraries:
        if folder.is_dir():
            return _to_gguf(libraries, folder, args)
        return _to_folder(libraries, args)


def _to_gguf(libraries: Libraries, folder: Path, args: argparse.Namespace) -> int:
    from freehold.actions.convert import convert_folder

    if args.output is not None:
        raise UsageError(
            "--output is for a model that becomes a folder.",
            "A checkpoint becomes a model of yours.",
        )
    made = convert_folder(
        libraries.store(),
        folder,
        args.name or folder.resolve().name,
        _type(args.to, "gguf", f"{folder} is a checkpoint: it becomes a GGUF model."),
        pre=args.pre,
        load=not args.unchecked,
        progress=progress(),
    )
    return tell_made(made, f"Try it: freehold run {made.name}", args.json)


def _to_folder(libraries: Libraries, args: argparse.Namespace) -> int:
    from freehold.actions.convert import convert_file
    from freehold.actions.modify_sources import source

    report = progress()
    given = source(libraries, args.given, report)
    if args.name or args.pre or args.unchecked:
        raise UsageError("--name, --pre and --unchecked are for a folder that becomes a model.")
    if args.output is None:
        raise UsageError(
            f"{args.given} is no folder; a model is written as one.",
            "Name a new one: --output FOLDER",
        )
    dtype = _type(args.to, "safetensors", f"{args.given} is a model: it becomes safetensors.")
    files = convert_file(given, args.output, dtype, report)
    if args.json:
        print_json({"files": [str(path) for path in files]})
        return 0
    for path in files:
        print(f"{path}  {human_bytes(path.stat().st_size)}")
    return 0


def _type(said: str | None, becomes: str, why: str) -> str | None:
    """The type of numbers that is asked for; a format's own name asks for none."""
    if said is None or said.lower() == becomes:
        return None
    if said.lower() in _WORDS:
        raise UsageError(why, "Leave --to out, or name a type of numbers.")
    return said.upper()
