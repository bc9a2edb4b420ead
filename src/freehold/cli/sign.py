"""Vouch for models you own: sign the hashes of their files, with licence and lineage.

The bytes are proven first. The signature stays beside the model and travels with every bundle;
`show` and `why` say who vouched for what. It informs and never decides: unsigned or falsely signed
models run like any other.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.terminal import note, print_json
from freehold.errors import HashMismatch, UsageError
from freehold.settings import Settings
from freehold.units import counted

if TYPE_CHECKING:
    from freehold.actions.openssf import Checked
    from freehold.store.libraries import Found, Libraries

EXAMPLES = """\
examples:
  freehold sign smollm2
  freehold sign smollm2 --remove                take your signature off again
  freehold sign folder --check model.sig --key signer.pub.pem    OpenSSF's, offline
  freehold sign smollm2 --openssf model.sig --key mine.pem       make one
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser, many=True)
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--remove", action="store_true", help="take your own signature off")
    other.add_argument(
        "--check",
        type=Path,
        metavar="FILE",
        help="check an OpenSSF signature (model.sig) of a folder, a file or an owned model",
    )
    other.add_argument(
        "--openssf", type=Path, metavar="FILE", help="write an OpenSSF signature to this new file"
    )
    parser.add_argument(
        "--key", type=Path, metavar="PEM", help="the EC key to check or sign OpenSSF's with"
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    if not args.models:
        raise UsageError("Sign what?", "Name a model that you own.")
    if args.check or args.openssf or args.key:
        return _openssf(args)
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
                said = counted(gone, "signature") if gone else "no signatures"
                note(f"{model.name}: {said} removed.")
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


def _openssf(args: argparse.Namespace) -> int:
    from freehold.actions.openssf import check_signature, make_signature

    if not args.key or not (args.check or args.openssf) or len(args.models) != 1:
        raise UsageError(
            "An OpenSSF signature takes one folder or model, --check or --openssf, and --key.",
            "freehold sign FOLDER --check model.sig --key signer.pub.pem",
        )
    with open_libraries() as libraries:
        target = _target(args.models[0], libraries)
        if args.check:
            return _report(
                check_signature(target, args.check, args.key, progress()), as_json=args.json
            )
        count = make_signature(target, args.openssf, args.key, progress())
    if args.json:
        print_json({"file": str(args.openssf), "files": count})
    else:
        note(f"Signed: {counted(count, 'file')}, in {args.openssf}.")
    return 0


def _target(word: str, libraries: Libraries) -> Path | Found:
    """What is on the disk under that name, else an owned model."""
    path = Path(word)
    return path if path.exists() else libraries.find(word)


def _report(checked: Checked, *, as_json: bool) -> int:
    from freehold.share.signing.in_words import some_of

    compared = checked.compared
    wrong = (
        ("differs", compared.differing),
        ("is missing", compared.missing),
        ("is not signed", compared.unsigned),
    )
    if as_json:
        print_json(
            {
                "holds": compared.holds,
                "name": checked.name,
                "good": list(compared.good),
                "differs": list(compared.differing),
                "missing": list(compared.missing),
                "unsigned": list(compared.unsigned),
                "left_out": list(compared.left_out),
            }
        )
    if not compared.holds:
        said = "; ".join(f"{some_of(names)} {what}" for what, names in wrong if names)
        raise HashMismatch(
            f"The signature is genuine and does not match: {said or 'no file is there'}.",
            "It is over another version, or something was changed.",
        )
    if not as_json:
        count = len(compared.good)
        note(f"The signature holds: {counted(count, 'file')} of {checked.name}.")
        if compared.left_out:
            note(f"Left out by its own rules: {some_of(compared.left_out)}.")
    return 0
