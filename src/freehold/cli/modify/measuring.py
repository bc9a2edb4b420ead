"""How a model that was made is measured: options that several parts of `modify` share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.cli.numbers import positive
from freehold.errors import UsageError

if TYPE_CHECKING:
    from freehold.actions.merge import Measuring


def add_measuring_options(parser: argparse.ArgumentParser, windows: int) -> None:
    """`--file`, `--windows`, `--unmeasured`."""
    parser.add_argument("--file", type=Path, metavar="TEXT", help="the text to measure it with")
    parser.add_argument(
        "--windows", type=positive, default=windows, metavar="N",
        help=f"measure over so many windows of 256 tokens; default {windows}",
    )  # fmt: skip
    parser.add_argument("--unmeasured", action="store_true", help="do not measure it at all")


def check_measuring(args: argparse.Namespace) -> None:
    """Raise UsageError for a limit on what is not measured."""
    if args.unmeasured and args.max_kl is not None:
        raise UsageError("--max-kl needs the measuring that --unmeasured leaves out.")


def read_measuring(args: argparse.Namespace) -> Measuring | None:
    """What they ask for; None: nothing is measured."""
    from freehold.actions.merge import Measuring
    from freehold.cli.study.window_options import text_of

    return None if args.unmeasured else Measuring(text_of(args), args.windows, most=args.max_kl)
