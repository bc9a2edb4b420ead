"""Bars on a terminal: bytes as bytes, everything else as a count, and what it is busy with."""

from __future__ import annotations

import io

import pytest

from freehold.cli.bars import Bars
from freehold.cli.lines import Lines


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def screen_of(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Standard error from here on. Not a fixture: pytest puts its own in place before a test."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    return terminal


def test_files_are_counted_and_the_one_at_work_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = screen_of(monkeypatch)
    bars = Bars()
    with bars.task("compiling", 10, unit="files") as task:
        task.advance(3)
        bars.said("ggml.cpp\x1b[2J")
        assert bars._bars is not None
        bars._bars.refresh()
        shown = screen.getvalue()
        assert "compiling: ggml.cpp[2J" in shown
        assert "3/10 files" in shown
    *_, last, _ = screen.getvalue().splitlines()
    assert "compiling " in last  # and no file once it is over
    assert "bytes" not in screen.getvalue()
    assert "B/s" not in screen.getvalue()


def test_bytes_are_shown_as_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = screen_of(monkeypatch)
    with Bars().task("fetching", 4_000_000) as task:
        task.advance(1_000_000)
    assert "1.0/4.0 MB" in screen.getvalue()


def test_what_nobody_does_has_nothing_to_say(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = screen_of(monkeypatch)
    Bars().said("idle")
    Lines().said("idle")
    assert screen.getvalue() == ""


def test_without_a_terminal_one_line_says_how_much_was_done(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lines, "worth_a_line_seconds", 0.0)
    with Lines().task("compiling", 10, unit="files") as task:
        task.advance(7)
    with Lines().task("testing", unit="steps"):
        pass
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("compiling: 7 files in ")
    assert said[1].startswith("testing: ")
    assert "steps" not in said[1]
