"""Your own signing key, and the keys of others that you know.

A key is made here at first use and its private half never leaves: no bundle carries it. Two people
read each other the code of 24 digits, over the telephone or across a table; if it is the same on
both screens, the key is the right one. Then `trust` it under a name of your own.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, open_store
from freehold.cli.terminal import note, print_json, print_table, printable
from freehold.errors import UsageError
from freehold.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from freehold.share.signing.known_keys import KnownKey

EXAMPLES = """\
examples:
  freehold identity                             your name, key and code
  freehold identity --name "Ana's laptop"       what signatures call you from now on
  freehold identity --json > ana.json           to give to others: only the public half
  freehold identity trust ana.json --name Ana
  freehold identity trust 1234 5678 9012 3456 7890 1234 --name Ana
  freehold identity list
  freehold identity forget Ana
"""


def configure(parser: argparse.ArgumentParser) -> None:
    actions = ("show", "trust", "list", "forget")
    parser.add_argument("action", nargs="?", default="show", choices=actions)
    parser.add_argument(
        "key", nargs="*", help="a file, a code or a key to trust; a name or a code to forget"
    )
    parser.add_argument("--name", help="your own name in signatures; with trust, theirs")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    home = Settings.load().home
    word = " ".join(args.key)
    if bool(word) != (args.action in {"trust", "forget"}):
        raise UsageError(
            f"`identity {args.action}` takes {'no' if word else 'a'} key.",
            "See freehold identity --help.",
        )
    match args.action:
        case "trust":
            _trust(home, word, args.name, as_json=args.json)
        case "forget":
            _forget(home, word, as_json=args.json)
        case "list":
            _list(home, as_json=args.json)
        case _:
            _show(home, args.name, as_json=args.json)
    return 0


def _show(home: Path, name: str | None, *, as_json: bool) -> None:
    from freehold.share.signing.identity import load_identity, own_identity

    is_new = load_identity(home) is None
    identity = own_identity(home, name)
    if is_new:
        note("A signing key was made for this Freehold. Its private half stays in its home folder.")
    if as_json:
        print_json(
            {
                "name": identity.name,
                "key": str(identity.key),
                "code": identity.key.code,
                "made_at": identity.made_at.isoformat(),
            }
        )
        return
    print(f"name  {printable(identity.name)}")
    print(f"key   {identity.key}")
    print(f"code  {identity.key.code}")


def _trust(home: Path, word: str, name: str | None, *, as_json: bool) -> None:
    from freehold.actions.sign import key_meant
    from freehold.share.signing.known_keys import KnownKeys

    with open_store() as store:
        key, calls_itself = key_meant(word, store.models())
    chosen = name or calls_itself
    if chosen is None:
        raise UsageError("Whose key is it?", "Say --name Ana.")
    known = KnownKeys(home).trust(key, chosen)
    if as_json:
        print_json(_as_json(known))
    else:
        note(f"{known.name} is known, by the code {key.code}. Is it the same on their screen?")


def _forget(home: Path, word: str, *, as_json: bool) -> None:
    from freehold.share.signing.known_keys import KnownKeys

    known = KnownKeys(home).forget(word)
    if as_json:
        print_json(_as_json(known))
    else:
        note(f"The key of {known.name} is not known any more.")


def _list(home: Path, *, as_json: bool) -> None:
    from freehold.share.signing.known_keys import KnownKeys

    keys = KnownKeys(home).all()
    if as_json:
        print_json([_as_json(known) for known in keys])
    elif keys:
        rows = [(known.name, known.key.code, f"{known.since:%Y-%m-%d}") for known in keys]
        print_table(("KEY", "CODE", "KNOWN SINCE"), rows, right=set())
    else:
        note("You know no other key yet: freehold identity trust FILE --name Ana.")


def _as_json(known: KnownKey) -> dict[str, str]:
    return {
        "name": known.name,
        "key": str(known.key),
        "code": known.key.code,
        "since": known.since.isoformat(),
    }
