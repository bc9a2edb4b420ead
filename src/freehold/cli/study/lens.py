"""The logit lens: what each layer would say next, were it the last one.

For every position of the prompt, the layers from the embedding up: the most likely next token at
each, and from which layer on it is the model's answer. Then one position in full.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.study.prompt import add_prompt_arguments, cut, numbers
from freehold.cli.svg_file import add_svg_option, write_svg
from freehold.cli.terminal import print_json
from freehold.errors import UsageError

if TYPE_CHECKING:
    from freehold.study.lens import Lens

EXAMPLES = """\
examples:
  freehold study lens smollm2 "The capital of France is"
  freehold study lens smollm2 "The capital of France is" --position 3 --top 8
  freehold study lens smollm2 "Name a colour." --chat --layers 20-30
  freehold study lens smollm2 "The capital of France is" --svg lens.svg
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_prompt_arguments(parser)
    parser.add_argument(
        "--position", type=int, metavar="P", help="one position in full; -1 is the last one"
    )
    parser.add_argument("--layers", metavar="LIST", help="these alone, such as embed,0,10-20")
    parser.add_argument(
        "--top", type=int, default=5, metavar="N", help="tokens for each layer; default 5"
    )
    add_svg_option(parser, "layers by positions")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.open_subject import open_subject
    from freehold.cli.study import lens_view
    from freehold.study.lens import logit_lens

    if args.top < 1:
        raise UsageError("--top must be at least 1.")
    layers = numbers(args.layers, "--layers", {"embed": -1})
    rows = None if layers is None else tuple(layer + 1 for layer in layers)
    positions = None if args.position is None else (args.position,)
    with open_libraries() as libraries, open_subject(libraries, args.model) as subject:
        prompt = cut(subject, args.prompt, chat=args.chat)
        lens: Lens = logit_lens(
            subject.transformer,
            prompt.ids,
            top=args.top,
            layers=rows,
            positions=positions,
            progress=progress(),
        )
        if args.json:
            print_json(lens_view.document(subject.name, lens, subject.show))
        else:
            lens_view.show(subject.name, lens, subject.show)
        if args.svg is not None:
            write_svg(args.svg, lens_view.picture(subject.name, lens, subject.show))
    return 0
