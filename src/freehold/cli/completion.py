"""Print the lines that give your shell tab completion for freehold."""

from __future__ import annotations

import argparse

EXAMPLES = """\
examples:
  eval "$(freehold completion bash)"                      in ~/.bashrc
  eval "$(freehold completion zsh)"                       in ~/.zshrc
  freehold completion fish > ~/.config/fish/completions/freehold.fish
  freehold completion powershell >> $PROFILE
"""

SHELLS = ("bash", "zsh", "fish", "powershell")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="your shell")


def run(args: argparse.Namespace) -> int:
    from argcomplete.shell_integration import shellcode

    print(shellcode(["freehold"], shell=args.shell))
    return 0


def complete() -> None:
    """Answer the shell that asks, in the way argcomplete and it have agreed on."""
    import argcomplete

    from freehold.cli.main import COMMANDS, parser_for

    parser = argparse.ArgumentParser(prog="freehold")
    choose = parser.add_subparsers()
    for command in COMMANDS.values():
        made = parser_for(command)
        choose.add_parser(command.name, parents=[made], add_help=False, help=command.help)
    argcomplete.autocomplete(parser, always_complete_options=False)


def owned_names(**_: object) -> list[str]:
    """The names of owned models, for the completion of an argument."""
    from freehold.cli.opening import open_store

    with open_store() as store:
        return [model.name for model in store.models()]
