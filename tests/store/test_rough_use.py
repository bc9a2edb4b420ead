"""Killed at every step, killed at random moments, and used by two processes at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def rough_use(*words: object) -> str:
    program = Path(__file__).with_name("rough_use.py")
    done = subprocess.run(
        [sys.executable, program, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    print(done.stdout, end="")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_kill_at_any_step_leaves_a_store_that_opens_and_can_go_on(tmp_path: Path) -> None:
    assert rough_use("steps", tmp_path).count("killed at each of") == 4


def test_kills_at_random_moments_leave_a_store_that_opens_and_can_go_on(tmp_path: Path) -> None:
    rough_use("random", tmp_path, 30)


def test_two_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    rough_use("rivals", tmp_path, 25)
