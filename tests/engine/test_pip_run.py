"""pip as a process: its lines, its failure in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.engine.pip_run import run_pip
from freehold.errors import EngineError


def test_each_line_is_heard_and_kept(tmp_path: Path) -> None:
    heard: list[str] = []
    log = tmp_path / "log"
    run_pip(["--version"], log, {}, heard.append, "Asking")
    assert heard[0].startswith("pip ")
    assert log.read_text().splitlines() == ["$ pip --version", *heard]


def test_a_failure_says_what_pip_said_and_where_all_of_it_is(tmp_path: Path) -> None:
    log = tmp_path / "log"
    words = ["download", "--no-index", "--dest", str(tmp_path), "there-is-no-such-thing==1"]
    with pytest.raises(EngineError, match="Fetching failed: Could not find a version") as caught:
        run_pip(words, log, {}, lambda _: None, "Fetching")
    assert str(log) in str(caught.value.hint)
