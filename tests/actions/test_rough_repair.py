"""A repair killed at random moments leaves the model whole or as it was, and the next finishes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize(("what", "times"), [("repair", 30), ("protect", 15)])
def test_kills_at_random_moments(
    what: str, times: int, tmp_path: Path, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = Path(__file__).with_name("rough_repair.py")
    done = subprocess.run(
        [sys.executable, program, what, tmp_path, str(times)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(repository), *sys.path])},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with capsys.disabled():
        print(f"\n{done.stdout}", end="")
