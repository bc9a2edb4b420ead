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
