"""What has been built into a model: what it is told, says, refuses, expects and knows by heart.

Its template's own sentences; its answers to who it is; lawful questions that a filter by words
would stop at, and how many it refuses; pairs of sentences that differ by one word; and, with
--text, how much of a text it continues word for word, beside a text that it cannot know. It reports
what is there and judges nobody. Each figure comes with its interval and n.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from freehold.cli.numbers import positive
from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.study.text_argument import read_prompts
from freehold.cli.terminal import print_json
from freehold.errors import StorageError, UsageError

EXAMPLES = """\
examples:
  freehold study probe smollm2
  freehold study probe smollm2 --only built-in --only refusals
  freehold study probe smollm2 --only memory --text poem.txt
  freehold study probe smollm2 --questions mine.txt --json
"""
_PARTS = ("built-in", "identity", "refusals", "bias", "memory")
_LONGEST = 1_000_000


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    parser.add_argument(
        "--only",
        action="append",
        choices=_PARTS,
        metavar="PART",
        help=f"one part alone; may be given again: {', '.join(_PARTS)}",
    )
    parser.add_argument(
        "--text", type=Path, metavar="FILE", help="a text that it may know by heart"
    )
    parser.add_argument(
        "--questions", type=Path, metavar="FILE", help="lawful questions of your own, one a line"
    )
    parser.add_argument(
        "--tokens", type=positive, default=64, metavar="N", help="most of each answer; default 64"
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.probe import ProbeChoices, probe
    from freehold.cli.study.plain import plain
    from freehold.cli.study.probe_view import print_probing

    if "memory" in (args.only or ()) and args.text is None:
        raise UsageError("What text may it know by heart?", "Name it: --text FILE")
    choices = ProbeChoices(
        parts=tuple(args.only or _PARTS),
        text=None if args.text is None else (args.text.name, _read(args.text)),
        questions=None if args.questions is None else read_prompts(args.questions),
        tokens=args.tokens,
    )
    with open_libraries() as libraries:
        found = probe(libraries, args.model, choices, progress=progress())
    if args.json:
        print_json(plain(found))
    else:
        print_probing(found)
    return 0


def _read(path: Path) -> str:
    """A text file, its beginning where it is long. Raises StorageError."""
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(_LONGEST)
    except (OSError, UnicodeDecodeError) as error:
        raise StorageError(f"{path} cannot be read as text: {error}.") from error
