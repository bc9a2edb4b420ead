"""The table of commands: help, mistakes, exit codes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from freehold import __version__
from freehold.cli.commands import COMMANDS, FAMILIES
from freehold.cli.main import run

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_help_names_every_command_and_goes_to_standard_output(freehold: Run) -> None:
    for words in ((), ("--help",), ("-h",), ("help",)):
        done = freehold(*words)
        assert done.returncode == 0
        assert done.stderr == ""
        for name in COMMANDS:
            assert f"\n  {name.split()[0]} " in done.stdout


@pytest.mark.parametrize("name", list(FAMILIES))
def test_a_family_names_its_parts(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([name], [name, "--help"], ["help", name]):
        assert run(words) == 0
        said = capsys.readouterr().out
        assert all(f"\n  {part.name} " in said for part in FAMILIES[name].parts)


def test_the_version_is_said() -> None:
    out = subprocess.run(
        [sys.executable, "-m", "freehold", "--version"], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == f"freehold {__version__}"


def test_a_misspelt_command_is_a_usage_error_that_guesses(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["lsit"]) == 2
    assert "freehold list" in capsys.readouterr().err


def test_a_misspelt_part_of_a_family_is_a_usage_error_that_guesses(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["study", "crad"]) == 2
    assert "Did you mean `freehold study card`?" in capsys.readouterr().err


def test_the_help_of_a_part_is_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        run(["study", "card", "--help"])
    assert stop.value.code == 0
    by_itself = capsys.readouterr().out
    assert "usage: freehold study card" in by_itself
    assert run(["help", "study", "card"]) == 0
    assert capsys.readouterr().out == by_itself


def test_help_imports_none_of_the_heavy_libraries() -> None:
    code = (
        "import sys; from freehold.cli.main import run; run(['--help']); "
        "print([m for m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(re.findall(r"'(\w+)'", done.stderr))
    heavy = {"rich", "urllib3", "sqlite3", "numpy", "prompt_toolkit", "xllamacpp", "argparse"}
    assert not loaded & heavy


def test_a_bug_leaves_a_log_without_the_arguments(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from freehold.cli import list_models

    def broken(args: object) -> int:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(list_models, "run", broken)
    assert run(["list", "--json"]) == 3
    said = capsys.readouterr().err
    log = said.strip().rsplit(": ", 1)[1]
    text = Path(log).read_text(encoding="utf-8")
    assert "ZeroDivisionError" in text
    assert "--json" not in text


def test_ctrl_c_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    from freehold.cli import list_models

    def interrupted(args: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(list_models, "run", interrupted)
    assert run(["list"]) == 130


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m freehold help run | true", shell=True, capture_output=True, text=True
    )
    assert done.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_completion_for_each_shell(freehold: Run, shell: str) -> None:
    done = freehold("completion", shell)
    assert done.returncode == 0
    assert "freehold" in done.stdout


def complete(line: str, tmp_path: Path) -> list[str]:
    """What the shell would be offered at the end of `line`."""
    answer = tmp_path / "answer"
    asked = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
        "_ARGCOMPLETE_IFS": "\n",
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
    }
    command = [sys.executable, "-m", "freehold"]
    subprocess.run(command, env={**os.environ, **asked}, check=False, capture_output=True)
    return [word.strip() for word in answer.read_text().split("\n") if word.strip()]


@pytest.mark.usefixtures("two_models")
def test_the_tab_key_completes_commands_options_and_owned_names(tmp_path: Path) -> None:
    assert complete("freehold ver", tmp_path) == ["verify"]
    assert complete("freehold show al", tmp_path) == ["alpha"]
    assert complete("freehold run be", tmp_path) == ["beta"]
    assert "--limit" in complete("freehold get --li", tmp_path)


@pytest.mark.usefixtures("two_models")
def test_the_tab_key_completes_the_parts_of_a_family(tmp_path: Path) -> None:
    assert "card" in complete("freehold study ca", tmp_path)
    assert complete("freehold study card al", tmp_path) == ["alpha"]
    assert complete("freehold study card --spec", tmp_path) == ["--specials"]
