"""Perplexity of a text: between how many equally likely tokens the model had to choose.

The text is read in windows, as llama.cpp's tool does: of each window of 512 tokens the second half
is scored. Between models with different tokenizers compare the bits a byte, not the perplexity.
Without --file it is a text that comes with Freehold.
"""

from __future__ import annotations

import argparse

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.study.window_options import add_window_options, text_of, window_choices
from freehold.cli.svg_file import add_svg_option, write_svg
from freehold.cli.terminal import print_json

EXAMPLES = """\
examples:
  freehold study perplexity smollm2
  freehold study perplexity smollm2 --file wiki.test.raw --windows 20
  freehold study perplexity smollm2 --window 256 --stride 64
  freehold study perplexity smollm2 --svg windows.svg
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    add_window_options(parser)
    add_svg_option(parser, "the perplexity of each window")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.open_subject import open_subject
    from freehold.cli.study import perplexity_view as view
    from freehold.study.perplexity import perplexity

    text = text_of(args)
    with (
        open_libraries() as libraries,
        open_subject(libraries, args.model, many_traces=True) as subject,
    ):
        found = perplexity(subject, text.words, window_choices(args), progress())
    if args.json:
        print_json(view.document(found, text))
    else:
        view.print_perplexity(found, text)
    if args.svg is not None:
        write_svg(args.svg, view.picture(found, text))
    return 0
