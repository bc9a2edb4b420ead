"""Commands run inside the test's own process: quick, with what they print at hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import tiny_gguf

from freehold.cli.main import run


@dataclass(frozen=True)
class Said:
    """What a command answered: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, read as one JSON document."""
        return json.loads(self.out)


Say = Callable[..., Said]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """`say("list", "--json")` runs a command and gives back what it said."""

    def command(*words: str | Path) -> Said:
        try:
            code = run([str(word) for word in words])
        except SystemExit as stop:  # argparse's way of refusing
            code = stop.code if isinstance(stop.code, int) else 1
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return command


@pytest.fixture
def two_models(say: Say, tmp_path: Path) -> tuple[str, str]:
    """A store that owns two tiny models, `alpha` (Apache-2.0) and `beta` (of unknown licence)."""
    for name, licence in (("alpha", "apache-2.0"), ("beta", None)):
        path = tmp_path / f"{name}.gguf"
        path.write_bytes(tiny_gguf(name, payload=600_000, licence=licence))
        assert say("get", path).code == 0
    return "alpha", "beta"


def flip_bit(path: Path, position: int, bit: int = 0) -> None:
    """Flip one bit of a file, as a tired disk would."""
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(position)
        byte = file.read(1)[0]
        file.seek(position)
        file.write(bytes([byte ^ (1 << bit)]))
