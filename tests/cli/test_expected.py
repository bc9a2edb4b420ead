"""What a run was expected to take stands beside what it took, and the run is remembered."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cli.conftest import Say

from freehold.device.calibration import save_calibration
from freehold.device.estimates import Basis
from freehold.device.probe import fingerprint
from freehold.device.published import specified

ASK = ("run", "-p", "What flows from the mountains to the sea?", "--max-tokens", "12", "--json")


@pytest.fixture(autouse=True)
def _nothing_piped_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)


@pytest.fixture
def calibrated(owning: Path, say: Say) -> Path:
    """A store that owns a model, on a machine whose speed is known."""
    version = say("device", "--json").json["engine"]["version"]
    machine = specified(20e9, 2, "avx2")
    save_calibration(
        owning,
        replace(machine, device=fingerprint(), engine=version, basis=Basis.CALIBRATED),
    )
    return owning


def test_without_a_calibration_it_says_how_to_have_one(owning: Path, say: Say) -> None:
    (owning / "device" / "calibration.json").unlink(missing_ok=True)
    said = say("run", "-p", "Hello", "--max-tokens", "2", "--stats")
    assert "freehold device --calibrate" in said.err
    assert say("run", "-p", "Hello", "--max-tokens", "2", "--json").json["predicted"] is None


def test_runs_are_learnt_from(calibrated: Path, say: Say) -> None:
    for path in (calibrated / "device" / "runs").glob("*.json"):
        path.unlink()
    first = say(*ASK).json
    guess = first["predicted"]["answer_tokens_per_second"]
    assert (guess["basis"], guess["runs"]) == ("calibrated", 0)
    second = say(*ASK).json["predicted"]["answer_tokens_per_second"]
    assert (second["basis"], second["runs"]) == ("measured", 1)
    assert second["high"] / second["low"] <= guess["high"] / guess["low"] * 1.001
    # what was measured is what is expected now: the clock starts when the first token is there
    assert second["expected"] == pytest.approx(
        first["answer_tokens_per_second"] * 11 / 12, rel=0.01
    )
    shown = say(*ASK[:-1], "--stats").err
    assert "from 2 runs" in shown


def test_no_word_of_a_prompt_or_an_answer_is_kept(calibrated: Path, say: Say) -> None:
    answer = say(*ASK).json["answer"]
    kept = "".join(path.read_text() for path in (calibrated / "device").rglob("*.json"))
    assert "mountains" not in kept
    assert answer not in kept
    (runs,) = (calibrated / "device" / "runs").glob("*.json")
    run = json.loads(runs.read_text())["runs"][-1]
    assert run.pop("engine").startswith("bundled ")
    assert all(len(str(value)) < 40 for value in run.values())
