"""Every example in the documentation and in `--help` is a command line that Freehold accepts."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib import import_module

import pytest
from tests.conftest import REPOSITORY

from freehold.cli.commands import COMMANDS, Command, find
from freehold.cli.main import parser_for


def examples() -> Iterator[tuple[str, str]]:
    """(where it stands, the command line) for each."""
    for page in [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md")]:
        for block in re.findall(r"```console\n(.*?)```", page.read_text(), flags=re.DOTALL):
            for line in re.findall(r"^\$ (.*freehold .*)$", block, flags=re.MULTILINE):
                yield page.name, line
    for command in COMMANDS.values():
        text = import_module(f"freehold.cli.{command.module}").EXAMPLES
        for line in re.findall(r"^  (freehold .*)$", text, flags=re.MULTILINE):
            # The explanation stands behind at least two spaces.
            yield f"{command.name} --help", re.split(r" {2,}", line)[0]


@pytest.mark.parametrize(("where", "line"), list(examples()))
def test_an_example_is_accepted(where: str, line: str) -> None:
    line = re.split(r"\s[<>|]", line[line.index("freehold ") :])[0]
    command, words = find(tuple(shlex.split(line)[1:]))
    if isinstance(command, Command):
        parser_for(command).parse_intermixed_args(words)
    else:
        assert command is not None
        assert not words


def test_there_are_examples_of_every_command() -> None:
    lines = (shlex.split(line[line.index("freehold ") :])[1:] for _, line in examples())
    shown = {command.name for command, _ in map(find, map(tuple, lines)) if command}
    assert shown >= set(COMMANDS)
