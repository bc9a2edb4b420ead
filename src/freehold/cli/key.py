"""Keys for programs and people that use this machine's API: make one, list them, let one go.

On loopback no key is needed until there is one. Opened to the local network, the server wants one
from everybody. A key's secret is shown once, when it is made; only its hash is kept.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option
from freehold.cli.terminal import note, print_json, print_table
from freehold.errors import UsageError
from freehold.settings import Settings

if TYPE_CHECKING:
    from freehold.actions.api_keys import ApiKey

EXAMPLES = """\
examples:
  freehold key add phone                  make one that may ask models
  freehold key add laptop --scope manage  one that may get and remove models too
  freehold key list
  freehold key remove phone               whoever has it is out at once
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", default="list", choices=("list", "add", "remove"))
    parser.add_argument("name", nargs="?", help="who has it: phone, editor")
    parser.add_argument(
        "--scope",
        choices=("run", "manage"),
        default="run",
        help="what it may do: ask models (run, the default), or change what is owned too",
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.api_keys import ApiKeys, Scope

    if (args.name is None) != (args.action == "list"):
        raise UsageError(
            f"`key {args.action}` takes {'no name' if args.action == 'list' else 'a name'}.",
            "See freehold key --help.",
        )
    keys = ApiKeys(Settings.load().home)
    match args.action:
        case "add":
            manage = args.scope == "manage"
            made = keys.make(args.name, tuple(Scope) if manage else (Scope.RUN,))
            if args.json:
                print_json({"name": made.key.name, "id": made.key.id, "key": made.secret})
            else:
                print(made.secret)
                note("This is the only time it is shown: give it to whoever should have it.")
        case "remove":
            gone = keys.remove(args.name)
            note(f"{gone.name} opens nothing any more.")
        case _:
            _list(keys.all(), as_json=args.json)
    return 0


def _list(keys: tuple[ApiKey, ...], *, as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {"name": k.name, "id": k.id, "scopes": list(k.scopes), "created_at": k.created_at}
                for k in keys
            ]
        )
    elif keys:
        print_table(
            ("KEY", "ID", "MAY", "MADE"),
            [(k.name, k.id, ", ".join(k.scopes), k.created_at[:10]) for k in keys],
            right=set(),
        )
    else:
        note("There is no key. On loopback none is needed; `freehold key add NAME` makes one.")
