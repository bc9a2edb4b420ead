"""Which text is measured, and in which windows: options that several parts of `study` share."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from freehold.cli.numbers import positive
from freehold.cli.study.text_argument import add_file_option, read_file, read_input

if TYPE_CHECKING:
    from freehold.study.perplexity import WindowChoices
    from freehold.study.texts import Text


def add_window_options(parser: argparse.ArgumentParser) -> None:
    """`--file`, `--window`, `--stride`, `--windows`."""
    add_file_option(parser)
    parser.add_argument(
        "--window", type=positive, metavar="N", help="tokens read at once; default 512"
    )
    parser.add_argument(
        "--stride",
        type=positive,
        metavar="N",
        help="begin a window every N tokens and score its last N; default: half of each window",
    )
    parser.add_argument("--windows", type=positive, metavar="N", help="read so many; default all")


def text_of(args: argparse.Namespace) -> Text:
    """The file's text, standard input for `-`, or the one that comes with Freehold."""
    from freehold.study.texts import Text, plain_text

    if args.file is None:
        return plain_text()
    if str(args.file) == "-":
        return Text("standard input", read_input())
    return Text(args.file.name, read_file(args.file))


def window_choices(args: argparse.Namespace) -> WindowChoices:
    """How to read it."""
    from freehold.study.perplexity import WindowChoices

    return WindowChoices(args.window, args.stride, args.windows)
