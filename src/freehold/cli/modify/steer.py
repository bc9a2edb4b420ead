"""A control vector out of contrasting texts: what to push the model toward, and what away from.

The texts are read by the decoder; what sets the two kinds apart in each layer becomes a direction
that is added there while the model answers. One text on each line of two files, or pairs as JSONL.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.cli.modify.told import tell_made
from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.study.text_argument import read_file
from freehold.errors import UsageError

if TYPE_CHECKING:
    from freehold.modify.contrast import Contrast

EXAMPLES = """\
examples:
  freehold modify steer smollm2 --toward glad.txt --away sad.txt --name gladness
  freehold run smollm2 --steer gladness:0.5 "How was your day?"
  freehold modify steer smollm2 --pairs pairs.jsonl --way pca --layers 8-20 --name formal
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    parser.add_argument("--toward", type=Path, metavar="FILE", help="texts of the kind wanted")
    parser.add_argument("--away", type=Path, metavar="FILE", help="texts of the other kind")
    parser.add_argument(
        "--pairs", type=Path, metavar="FILE", help="JSONL with toward and away on each line"
    )
    parser.add_argument(
        "--way", choices=("mean", "pca"), default="mean",
        help="the difference of means, or the pairs' first component; default mean",
    )  # fmt: skip
    parser.add_argument(
        "--layers", type=_layers, metavar="A-B", help="which to push; default the middle half"
    )
    parser.add_argument("--name", metavar="NAME", help="what to call it in the store")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.modify_sources import source
    from freehold.actions.steer import steer

    contrast = _contrast(args)
    report = progress()
    with open_libraries() as libraries:
        base = source(libraries, args.model, report)
        name = args.name or f"{base.name}-push"
        made = steer(libraries.store(), base, contrast, name, args.way, args.layers, report)
    layers = sorted(made.steering.directions)
    told = [
        {"layer": layer, "told_apart": share}
        for layer, share in zip(layers, made.steering.apart, strict=True)
    ]
    mean = sum(made.steering.apart) / len(layers)
    texts = f"{len(contrast.toward)} texts toward and {len(contrast.away)} away"
    said = (
        f"layers {layers[0]} to {layers[-1]}, {args.way} of {texts}",
        f"on average {mean:.0%} of the texts lie on their own side",
    )
    next_step = f"Use it: freehold run {base.name} --steer {made.model.name}:0.5"
    return tell_made(made.model, next_step, args.json, {"layers": told}, said)


def _contrast(args: argparse.Namespace) -> Contrast:
    from freehold.modify.contrast import from_lines, from_pairs

    if args.pairs is not None and args.toward is None and args.away is None:
        return from_pairs(read_file(args.pairs), args.pairs.name)
    if args.pairs is not None or args.toward is None or args.away is None:
        raise UsageError(
            "Two kinds of text are needed.", "Give --toward and --away, or --pairs alone."
        )
    return from_lines(read_file(args.toward), read_file(args.away))


def _layers(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    if not first.isdecimal() or (dash and not last.isdecimal()):
        raise argparse.ArgumentTypeError("layers are said as 8-20, or one as 12")
    return int(first), int(last or first)
