"""Show everything known of one model: what it is, its licence, where it came from, its health."""

from __future__ import annotations

import argparse

from freehold.cli.opening import add_json_option, add_model_argument, open_store
from freehold.cli.terminal import print_json, printable

EXAMPLES = """\
examples:
  freehold show smollm2
  freehold show smollm2 --template        its chat template, as it is
  freehold show smollm2 --path            where its bytes lie, for other programs
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    parser.add_argument("--template", action="store_true", help="print the chat template alone")
    parser.add_argument("--licence", action="store_true", help="print the licence text alone")
    parser.add_argument("--path", action="store_true", help="print the path of the weights alone")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.cli.describe import licence_text, model_card, model_json, template_of

    with open_store() as store:
        model = store.find(args.model)
        if args.path:
            print(store.blob_path(model.weights.digest))
        elif args.template:
            print(printable(template_of(store, model)))
        elif args.licence:
            print(printable(licence_text(store, model)))
        elif args.json:
            print_json(model_json(model, store))
        else:
            print(printable(model_card(model, store)))
    return 0
