"""Vouch for models you own: sign the hashes of their files, with licence and lineage.

The bytes are proven first. The signature stays beside the model and travels with every bundle;
`show` and `why` say who vouched for what. It informs and never decides: unsigned or falsely signed
models run like any other.
"""

from __future__ import annotations

import argparse

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.terminal import note, print_json
from freehold.errors import UsageError
from freehold.settings import Settings

EXAMPLES = """\
examples:
  freehold sign smollm2
  freehold sign smollm2 --remove                take your signature off again
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser, many=True)
    parser.add_argument("--remove", action="store_true", help="take your own signature off")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    if not args.models:
        raise UsageError("Sign what?", "Name a model that you own.")
    from freehold.actions.sign import sign, unsign
    from freehold.cli.vouched import vouched_json
    from freehold.share.signing.identity import load_identity, own_identity

    home = Settings.load().home
    signed = []
    with open_libraries() as libraries:
        found = [libraries.find(name) for name in args.models]
        is_new = not args.remove and load_identity(home) is None
        for each in found:
            if args.remove:
                model, gone = unsign(each.store, each.model, home)
                note(f"{model.name}: {gone or 'no'} signature{'' if gone == 1 else 's'} removed.")
            else:
                identity = own_identity(home)
                model = sign(each.store, each.model, identity, progress())
                note(f"Signed: {model.name}, as {identity.name}, code {identity.key.code}.")
            signed.append(model)
    if is_new:
        note("The key was made now. Your name in signatures: freehold identity --name NAME.")
    if args.json:
        print_json(
            [
                {"name": m.name, "id": f"sha256:{m.id}", "signatures": vouched_json(m)}
                for m in signed
            ]
        )
    return 0
