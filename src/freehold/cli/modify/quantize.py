"""Quantize a model: fewer bits a weight, by llama.cpp's mixtures, and what that cost.

--to names what to make. --target-size takes the best that fits into so many bytes, --max-kl the
smallest that lies so close to the original: both make several, measure them and keep one. The
result is held against MODEL over a text before it counts as owned.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.cli.modify.measuring import (
    add_measuring_options,
    check_measuring,
    read_measuring,
)
from freehold.cli.modify.told import tell_made
from freehold.cli.numbers import parse_size, positive, zero_or_more
from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.study.text_argument import read_file
from freehold.errors import UsageError

if TYPE_CHECKING:
    from freehold.actions.importance import Weighing
    from freehold.actions.merge import Measuring
    from freehold.actions.quantize import Quantized, Wish

EXAMPLES = """\
examples:
  freehold modify quantize smollm2-f16 --to Q4_K_M
  freehold modify quantize smollm2-f16 --to IQ4_XS --importance letters.txt
  freehold modify quantize big-f16 --target-size 4GB --name big-small
  freehold modify quantize big-f16 --max-kl 0.05          the smallest so close to it
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    parser.add_argument("--to", metavar="TYPE", help="Q8_0, Q6_K, Q5_K_M, Q4_K_M, IQ4_XS, F16…")
    parser.add_argument(
        "--target-size", metavar="SIZE", help="the best whose file has no more bytes: 4GB, 650MB"
    )
    parser.add_argument(
        "--max-kl", type=zero_or_more, metavar="KL", help="the smallest this close; in nats a token"
    )
    parser.add_argument(
        "--importance", type=Path, metavar="FILE",
        help="a text of the kind it is used for, or llama.cpp's imatrix.gguf",
    )  # fmt: skip
    parser.add_argument(
        "--importance-windows", type=positive, default=16, metavar="N",
        help="read so many windows of 512 tokens of that text; default 16",
    )  # fmt: skip
    parser.add_argument("--name", metavar="NAME", help="what to call the new model")
    add_measuring_options(parser, windows=4)
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.modify_sources import source
    from freehold.actions.quantize import quantize_model

    wish, measuring, weighing = _wish(args), read_measuring(args), _weighing(args)
    report = progress()
    with open_libraries() as libraries:
        base = source(libraries, args.model, report)
        made = quantize_model(libraries.store(), base, args.name, wish, weighing, measuring, report)
    return _tell(made, measuring, args.json)


def _wish(args: argparse.Namespace) -> Wish:
    from freehold.actions.quantize import Wish
    from freehold.modify.mixes import read_mix

    check_measuring(args)
    if args.to is not None and args.target_size is not None:
        raise UsageError("--to says what to make, --target-size chooses it.", "Give one of them.")
    return Wish(
        mix=None if args.to is None else read_mix(args.to),
        size=None if args.target_size is None else parse_size(args.target_size),
        most=args.max_kl,
    )


def _weighing(args: argparse.Namespace) -> Weighing | None:
    from freehold.actions.importance import Weighing, is_imatrix_file
    from freehold.study.texts import Text

    path = args.importance
    if path is None:
        return None
    if is_imatrix_file(path):
        return Weighing(path)
    return Weighing(Text(path.name, read_file(path)), args.importance_windows)


def _tell(made: Quantized, measuring: Measuring | None, as_json: bool) -> int:
    from freehold.cli.modify.quantize_view import figures, print_quantized

    if not as_json:
        print_quantized(made, measuring)
    next_step = f"Try it: freehold run {made.model.name}"
    return tell_made(made.model, next_step, as_json, figures(made, measuring))
