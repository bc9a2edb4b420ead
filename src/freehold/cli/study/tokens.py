"""How a text is cut into tokens: their ids, their bytes, and which are marks for the model.

It is cut by the engine, exactly as when the model runs. Spaces show as ␣, line ends as ⏎, and a
byte that is only part of a letter as ‹0xE2›.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.study.text_argument import add_text_argument, read_text
from freehold.cli.svg_file import add_svg_option, write_svg
from freehold.cli.terminal import print_json

if TYPE_CHECKING:
    from freehold.store.libraries import Libraries
    from freehold.study.tokens import Comparison, Cut

EXAMPLES = """\
examples:
  freehold study tokens smollm2 "Naïve parrots 🦜"
  freehold study tokens smollm2 "Hello" --chat              as a question, in its chat template
  freehold study tokens smollm2 --file letter.txt --with gemma
  freehold study tokens smollm2 "one two" --svg cut.svg
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    add_text_argument(parser)
    parser.add_argument("--with", dest="other", metavar="OTHER", help="a second model's cut")
    add_svg_option(parser, "the text with a box for each token")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.cli.study import tokens_view as view

    text = read_text(args)
    with open_libraries() as libraries:
        made, compared = _look(libraries, args, text)
    if args.json:
        print_json(view.document(made, compared))
    elif compared is not None:
        view.print_comparison(compared)
    else:
        view.print_cut(made)
    if args.svg is not None:
        write_svg(args.svg, view.picture(made))
    return 0


def _look(
    libraries: Libraries, args: argparse.Namespace, text: str
) -> tuple[Cut, Comparison | None]:
    from freehold.actions.open_subject import open_subject
    from freehold.study.tokens import compare_cuts, cut

    special = args.special or args.chat
    with open_subject(libraries, args.model) as subject:
        if args.chat:
            text = subject.question(text)
        one = cut(subject, text, special=special)
        if args.other is None:
            return one, None
        with open_subject(libraries, args.other) as against:
            # The same text for both: a conversation as the first one's template writes it.
            other = cut(against, text, special=special)
            return one, compare_cuts(subject, one, against, other)
