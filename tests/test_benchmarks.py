"""benchmarks/README.md says what there is, and owns up to what was missed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest


@pytest.fixture
def page(repository: Path) -> str:
    """The page."""
    return (repository / "benchmarks" / "README.md").read_text(encoding="utf-8")


def test_it_names_each_bar_that_was_not_met(page: str, repository: Path) -> None:
    kept = (repository / "benchmarks" / "results").glob("*.json")
    missed = {path.stem for path in kept if json.loads(path.read_text()).get("met") is False}
    (said,) = re.findall(r"\nNot met there: (.*?)\n\n", page, flags=re.DOTALL)
    assert set(re.findall(r"`(\w+)`", said)) == missed


def test_every_script_has_a_row(page: str, repository: Path) -> None:
    scripts = (repository / "benchmarks").glob("*.py")
    measuring = {path.name for path in scripts if "\ndef main() -> int:" in path.read_text()}
    assert set(re.findall(r"^\| `(\w+\.py)", page, flags=re.MULTILINE)) == measuring
