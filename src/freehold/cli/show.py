"""Show everything known of one model: what it is, its licence, where it came from, its health."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.terminal import print_json, printable
from freehold.errors import NotFound

if TYPE_CHECKING:
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store

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
    from freehold.cli.describe import model_card, model_json
    from freehold.cli.vouched import vouched_json, vouched_lines

    with open_libraries() as libraries:
        found = libraries.find(args.model)
        store, model = found.store, found.model
        if args.path:
            print(*store.weights_paths(model), sep="\n")
        elif args.template:
            print(printable(_template(store, model)))
        elif args.licence:
            print(printable(_licence_text(store, model)))
        elif args.json:
            print_json({**model_json(model), "signatures": vouched_json(model)})
        else:
            print(printable(model_card(model, store)))
            for number, line in enumerate(vouched_lines(model)):
                print(printable(f"{'' if number else chr(10)}{line}"))
    return 0


def _template(store: Store, model: OwnedModel) -> str:
    from freehold.actions.describe import read_model_facts

    template = read_model_facts(store.blob_path(model.weights.digest)).chat_template
    if template is None:
        raise NotFound(f"{model.name} has no chat template.", "It continues text.")
    return template


def _licence_text(store: Store, model: OwnedModel) -> str:
    texts = [file for file in model.files if file.role == "licence"]
    if not texts:
        raise NotFound(
            f"No licence text came with {model.name}.",
            f"What its source said: freehold show {model.name}",
        )
    return "\n\n".join(
        store.blob_path(file.digest).read_text(encoding="utf-8", errors="replace") for file in texts
    )
