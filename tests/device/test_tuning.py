"""Kept tunings: back as they were; damaged and foreign files set aside, in words."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from freehold.device.tuning import (
    Gain,
    TriedChange,
    TunedPlan,
    Tuning,
    every_tuning,
    forget_tuning,
    has_tuning,
    load_tuning,
    save_tuning,
    tuning_path,
)

MODEL, MACHINE = "ab" * 32, "0123456789abcdef"
TUNING = Tuning(
    device=MACHINE,
    model=MODEL,
    name="small",
    plan=TunedPlan(engine="built", threads=1, batch=512, flash_attention=False, repack=False),
    engine_version="1",
    gains=(Gain("write", 2.0, 1.0, 2.0, 1.9, 2.1),),
    tried=(TriedChange("1 thread for answers", 2.0, 6, kept=True),),
    pairs=6,
    confidence=0.96,
    when="2026-11-25 14:00",
    untried=("batches of 64/64: no time left",),
)


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    assert not has_tuning(tmp_path, MODEL)
    save_tuning(tmp_path, TUNING)
    assert has_tuning(tmp_path, MODEL)
    assert load_tuning(tmp_path, MODEL, MACHINE).tuning == TUNING
    assert [found.tuning for found in every_tuning(tmp_path)] == [TUNING]


def test_another_machine_or_model_has_none(tmp_path: Path) -> None:
    save_tuning(tmp_path, TUNING)
    assert load_tuning(tmp_path, MODEL, "f" * 16).tuning is None
    assert load_tuning(tmp_path, MODEL[:16] + "0" * 48, MACHINE).tuning is None


def test_forgetting(tmp_path: Path) -> None:
    save_tuning(tmp_path, TUNING)
    assert forget_tuning(tmp_path, MODEL, MACHINE)
    assert not forget_tuning(tmp_path, MODEL, MACHINE)
    assert load_tuning(tmp_path, MODEL, MACHINE).tuning is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[1]",
        b"\xff\xfe",
        b'{"format": "freehold-tuning", "version": 1}',
        b'{"format": "freehold-tuning", "version": 99}',
    ],
)
def test_a_damaged_file_is_set_aside_and_said_to_be(tmp_path: Path, data: bytes) -> None:
    path = tuning_path(tmp_path, MODEL, MACHINE)
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    found = load_tuning(tmp_path, MODEL, MACHINE)
    assert found.tuning is None
    assert found.trouble is not None
    assert "freehold tune" in found.trouble
    assert path.with_suffix(".set-aside").read_bytes() == data
    assert not path.exists()


def test_a_file_under_the_name_of_another_is_set_aside(tmp_path: Path) -> None:
    save_tuning(tmp_path, TUNING)
    foreign = tuning_path(tmp_path, MODEL, "f" * 16)
    tuning_path(tmp_path, MODEL, MACHINE).rename(foreign)
    found = load_tuning(tmp_path, MODEL, "f" * 16)
    assert found.tuning is None
    assert "another model or machine" in str(found.trouble)


def test_a_figure_that_no_machine_has_is_damage(tmp_path: Path) -> None:
    save_tuning(tmp_path, replace(TUNING, pairs=7))
    path = tuning_path(tmp_path, MODEL, MACHINE)
    document = json.loads(path.read_text())
    document["plan"]["threads"] = -3
    path.write_text(json.dumps(document))
    assert "threads" in str(load_tuning(tmp_path, MODEL, MACHINE).trouble)
