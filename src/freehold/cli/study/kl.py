"""How far one file's expectations lie from another's, token by token: the KL divergence.

MODEL is what is asked about, --against the reference: mostly the same model with more bits. Both
must have one vocabulary. The text is read in windows, as for the perplexity.
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
  freehold study kl smollm2-q4 --against smollm2-f16
  freehold study kl smollm2-q4 --against smollm2-f16 --file letters.txt --worst 20
  freehold study kl ./mine.gguf --against smollm2 --svg apart.svg
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    parser.add_argument(
        "--against", required=True, metavar="OTHER", help="the reference: a name or a path"
    )
    add_window_options(parser)
    parser.add_argument(
        "--worst", type=int, default=8, metavar="N", help="places to show; default 8"
    )
    add_svg_option(parser, "how many tokens differ by how much")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.open_subject import open_subject
    from freehold.cli.study import kl_view as view
    from freehold.study.kl import kl

    text, choices = text_of(args), window_choices(args)
    with (
        open_libraries() as libraries,
        open_subject(libraries, args.model, many_traces=True) as subject,
        open_subject(libraries, args.against, many_traces=True) as reference,
    ):
        worst = max(0, args.worst)
        found = kl(subject, reference, text.words, choices, worst=worst, progress=progress())
    if args.json:
        print_json(view.document(found, text))
    else:
        view.print_kl(found, text)
    if args.svg is not None:
        write_svg(args.svg, view.picture(found, text))
    return 0
