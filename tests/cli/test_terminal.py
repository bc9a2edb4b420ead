"""What a person sees: no control codes from other people's text, colour only where wanted."""

from __future__ import annotations

import io

import pytest

from freehold.cli.terminal import confirm, is_colourful, print_table, printable


def test_control_codes_are_removed_and_text_is_kept() -> None:
    assert printable("a\x1b]0;pwned\x07b\x9b2Jc\r\nd\te\x7f") == "a]0;pwnedb2Jc\nd\te"
    assert printable("naïve 日本語 🙂‍↔️") == "naïve 日本語 🙂‍↔️"


def test_no_colour_into_a_pipe_or_against_the_owners_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    assert not is_colourful(io.StringIO())
    assert is_colourful(Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not is_colourful(Terminal())


def test_a_table_in_a_pipe_is_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 300
    print_table(("NAME", "SIZE"), [(long, "1 B")], right={1})
    out = capsys.readouterr().out
    assert long in out
    assert "\x1b" not in out
    assert len(out.splitlines()) == 2


def test_a_table_cannot_be_made_to_draw(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("NAME",), [("[bold]a[/bold]\x1b[2J",)], right=set())
    assert "[bold]a[/bold][2J" in capsys.readouterr().out


def test_no_one_to_ask_is_not_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert confirm("Really?", assume_yes=False) is None
    assert confirm("Really?", assume_yes=True) is True
