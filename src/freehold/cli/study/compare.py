"""What is different between two models: metadata, weights layer by layer, behaviour, lineage.

Both can be owned names or paths of .gguf files. Their headers are compared entry by entry, their
weights by the values that they stand for, whatever they are packed as; then both are asked the same
questions, and it is measured how far the second's expectations lie from the first's. What cannot be
compared is said.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from freehold.cli.numbers import positive
from freehold.cli.opening import add_json_option, open_libraries, owned_names
from freehold.cli.reporting import progress
from freehold.cli.study.text_argument import read_prompts
from freehold.cli.svg_file import add_svg_option, write_svg
from freehold.cli.terminal import print_json
from freehold.errors import UsageError

EXAMPLES = """\
examples:
  freehold study compare smollm2 smollm2-q8
  freehold study compare smollm2 ./tuned.gguf --svg layers.svg
  freehold study compare smollm2 gemma --no-weights --prompts mine.txt
"""


def configure(parser: argparse.ArgumentParser) -> None:
    for name, words in (("first", "the one to compare with"), ("second", "the one compared")):
        argument = parser.add_argument(name, metavar=name.upper(), help=words)
        argument.completer = owned_names  # type: ignore[attr-defined]  # argcomplete's convention
    parser.add_argument("--no-weights", action="store_true", help="leave the weights out")
    parser.add_argument("--no-behaviour", action="store_true", help="ask them nothing")
    parser.add_argument(
        "--prompts", type=Path, metavar="FILE", help="what to ask: a prompt on each line"
    )
    parser.add_argument(
        "--tokens", type=positive, default=48, metavar="N", help="most of each answer; default 48"
    )
    add_svg_option(parser, "how far the weights lie apart, layer by layer,")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.compare import compare_models
    from freehold.cli.study.compare_view import comparison_json, picture, print_comparison
    from freehold.study.compare.behaviour import PROMPTS
    from freehold.study.compare.comparison import CompareChoices

    if args.svg is not None and args.no_weights:
        raise UsageError("--svg draws the weights, and --no-weights leaves them out.")
    choices = CompareChoices(
        weights=not args.no_weights,
        behaviour=not args.no_behaviour,
        prompts=PROMPTS if args.prompts is None else read_prompts(args.prompts),
        tokens=args.tokens,
    )
    with open_libraries() as libraries:
        found = compare_models(libraries, (args.first, args.second), choices, progress=progress())
    if args.json:
        print_json(comparison_json(found))
    else:
        print_comparison(found)
    if args.svg is not None:
        write_svg(args.svg, picture(found))
    return 0
