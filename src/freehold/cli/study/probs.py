"""How a model expects a text: each token's probability, rank, surprise, and the alternatives.

Surprise is counted in bits: 1 bit is a coin that fell, 10 bits are one chance in about a thousand.
Where the terminal has colour, the redder a token, the more it surprised.
"""

from __future__ import annotations

import argparse

from freehold.cli.numbers import positive
from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.study.text_argument import add_text_argument, read_text
from freehold.cli.svg_file import add_svg_option, write_svg
from freehold.cli.terminal import print_json

EXAMPLES = """\
examples:
  freehold study probs smollm2 "The capital of France is Berlin."
  freehold study probs smollm2 "Name a colour." --chat      and how its answer would begin
  freehold study probs smollm2 --file letter.txt --svg letter.svg
  echo "To be or not to be" | freehold study probs smollm2 - --top 3
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    add_text_argument(parser)
    parser.add_argument(
        "--top", type=positive, default=5, metavar="N", help="alternatives to show; default 5"
    )
    add_svg_option(parser, "the text, coloured by surprise")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.open_subject import open_subject
    from freehold.cli.study import probs_view as view
    from freehold.study.probs import expectation

    text = read_text(args)
    with open_libraries() as libraries, open_subject(libraries, args.model) as subject:
        if args.chat:
            text = subject.question(text)
        ids = subject.tokenize(text, special=args.special or args.chat)
        subject.rest()
        found = expectation(subject, ids, top=args.top, progress=progress())
    if args.json:
        print_json(view.document(found))
    else:
        view.print_expectation(found)
    if args.svg is not None:
        write_svg(args.svg, view.picture(found))
    return 0
