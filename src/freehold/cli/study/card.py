"""What a model is: its parts and where its bytes are, its tokenizer, template, context, licence.

Made from the file's header alone; MODEL is an owned name, or the path of a .gguf or .safetensors
file that nobody has to own.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.svg_file import add_svg_option, write_svg
from freehold.cli.terminal import print_json, printable
from freehold.errors import NotFound

if TYPE_CHECKING:
    from freehold.actions.study_files import StudyFiles
    from freehold.study.card import Card

EXAMPLES = """\
examples:
  freehold study card smollm2
  freehold study card ./model.gguf            a file that is not owned
  freehold study card smollm2 --template      its chat template, as it is
  freehold study card smollm2 --specials      every special token
  freehold study card smollm2 --svg card.svg  where its bytes are, layer by layer
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    parser.add_argument("--template", action="store_true", help="print the chat template alone")
    parser.add_argument("--specials", action="store_true", help="list every special token")
    add_svg_option(parser, "where the bytes are")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.study_files import study_files
    from freehold.study.card import card_of

    with open_libraries() as libraries:
        files = study_files(libraries, args.model)
        card = card_of(files.read())
        if args.template:
            print(printable(_template(card)))
        elif args.specials and not args.json:
            from freehold.cli.study.card_view import special_lines

            print("\n".join(special_lines(card)))
        else:
            _print(card, files, as_json=args.json)
    if args.svg is not None:
        from freehold.cli.study.card_view import picture

        write_svg(args.svg, picture(card))
    return 0


def _print(card: Card, files: StudyFiles, *, as_json: bool) -> None:
    from freehold.cli.study.card_view import card_json, print_card

    if as_json:
        print_json(card_json(card, files))
    else:
        print_card(card, files)


def _template(card: Card) -> str:
    if card.facts is None or card.facts.chat_template is None:
        raise NotFound(f"{card.name} has no chat template in its file.", "It continues text.")
    return card.facts.chat_template
