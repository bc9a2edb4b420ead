"""Runs are remembered in numbers: few of them, safely, and never at the cost of an answer."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from freehold.device.measured import MOST, MeasuredRun, keep_run, load_runs, runs_path
from freehold.errors import StorageError

RUN = MeasuredRun("7", "abc", 100, 0, 0.5, 50, 2.0, "2026-11-25")
MODEL = "ab" * 32


def test_runs_are_read_back_in_order(home: Path) -> None:
    assert load_runs(home, MODEL, "here") == ()
    runs = [replace(RUN, written=count) for count in (10, 20, 30)]
    assert all(keep_run(home, MODEL, "here", run) for run in runs)
    assert load_runs(home, MODEL, "here") == tuple(runs)
    assert load_runs(home, MODEL, "elsewhere") == ()
    assert load_runs(home, "cd" * 32, "here") == ()


def test_only_the_last_are_kept_and_the_file_stays_small(home: Path) -> None:
    for count in range(MOST + 5):
        keep_run(home, MODEL, "here", replace(RUN, written=count))
    kept = load_runs(home, MODEL, "here")
    assert [run.written for run in kept] == list(range(5, MOST + 5))
    assert runs_path(home, MODEL, "here").stat().st_size < 20_000


def test_nothing_but_numbers_an_engine_and_a_day(home: Path) -> None:
    keep_run(home, MODEL, "here", RUN)
    (kept,) = json.loads(runs_path(home, MODEL, "here").read_text())["runs"]
    assert kept == asdict(RUN)
    assert {name for name, value in kept.items() if isinstance(value, str)} == {
        "engine",
        "settings",
        "when",
    }


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00" * 50, b"{}", b'{"format": "freehold-runs", "version": 1, "runs": [{}]}'],
)
def test_a_damaged_file_is_set_aside_and_learning_begins_anew(home: Path, content: bytes) -> None:
    path = runs_path(home, MODEL, "here")
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert load_runs(home, MODEL, "here") == ()
    assert path.with_suffix(".set-aside").read_bytes() == content
    assert keep_run(home, MODEL, "here", RUN)
    assert load_runs(home, MODEL, "here") == (RUN,)


def test_two_processes_lose_nothing(home: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from freehold.device.measured import MeasuredRun, keep_run\n"
        "for count in range(15):\n"
        f"    run = MeasuredRun('7', sys.argv[2], count, 0, 0.5, 9, 2.0, 'today')\n"
        f"    assert keep_run(Path(sys.argv[1]), {MODEL!r}, 'here', run)\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(home), name]) for name in "ab"]
    assert [process.wait(60) for process in both] == [0, 0]
    kept = load_runs(home, MODEL, "here")
    for name in "ab":
        assert [run.read for run in kept if run.settings == name] == list(range(15))


def test_a_folder_that_cannot_be_written_is_said(home: Path) -> None:
    home.write_text("a file where the folder should be")
    with pytest.raises(StorageError):
        keep_run(home, MODEL, "here", RUN)
