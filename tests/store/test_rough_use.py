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
def test_a_kill_at_any_step_leaves_a_store_that_opens_and_can_go_on(quick_folder: Path) -> None:
    assert rough_use("steps", quick_folder).count("killed at each of") == 4


def test_kills_at_random_moments_leave_a_store_that_opens_and_can_go_on(quick_folder: Path) -> None:
    rough_use("random", quick_folder, 30)


def test_a_full_disk_is_said_and_leaves_a_store_that_can_go_on(quick_folder: Path) -> None:
    mount = f"mount -t tmpfs -o size=6m none {quick_folder} && exec {sys.executable} "
    inside = ["unshare", "-rm", "sh", "-c"]
    if subprocess.run([*inside, mount + "-c pass"], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives no small disk of its own: unshare and tmpfs are needed")
    program = f"{Path(__file__).with_name('rough_use.py')} full {quick_folder}"
    done = subprocess.run(
        [*inside, mount + program], capture_output=True, text=True, timeout=300, check=False
    )
    print(done.stdout, end="")
    assert done.returncode == 0, done.stderr
    assert "'too little': 2" in done.stdout


def test_two_processes_at_once_lose_nothing(quick_folder: Path) -> None:
    rough_use("rivals", quick_folder, 25)
