"""A calibration is kept whole, read back the same, and refused when damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from freehold.device.bandwidth import measure_bandwidth
from freehold.device.calibration import (
    calibration_path,
    load_calibration,
    save_calibration,
)
from freehold.device.published import specified
from freehold.errors import FormatError, StorageError


def test_it_is_read_back_the_same(home: Path) -> None:
    assert load_calibration(home) is None
    made = specified(50e9, 4, "avx2")
    save_calibration(home, made)
    assert load_calibration(home) == made
    assert [path.name for path in calibration_path(home).parent.iterdir()] == ["calibration.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"format": "freehold-calibration", "version": 1}',
        b'{"format": "freehold-calibration", "version": 2}',
        b"\xff" * 100,
    ],
)
def test_a_damaged_file_says_how_to_mend_it(home: Path, content: bytes) -> None:
    path = calibration_path(home)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(FormatError) as caught:
        load_calibration(home)
    assert str(path) in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("value", ["-1", "1e999", "NaN", '"fast"', "null"])
def test_impossible_figures_are_refused(home: Path, value: str) -> None:
    save_calibration(home, specified(50e9, 4, "avx2"))
    path = calibration_path(home)
    document = json.loads(path.read_text())
    document["costs"][0]["seconds"] = "HERE"
    path.write_text(json.dumps(document).replace('"HERE"', value))
    with pytest.raises(FormatError):
        load_calibration(home)


def test_one_of_an_older_form_is_measured_anew_not_misread(home: Path) -> None:
    save_calibration(home, specified(50e9, 4, "avx2"))
    path = calibration_path(home)
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "version": 1}))
    with pytest.raises(FormatError, match="calibration") as caught:
        load_calibration(home)
    assert "--calibrate" in str(caught.value.hint)


def test_it_knows_its_machine_and_its_engine() -> None:
    made = specified(50e9, 4, "avx2")
    assert made.is_of("", "")
    assert not made.is_of("another", "")


def test_a_folder_that_cannot_be_written_is_said(home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where the folder should be")
    with pytest.raises(StorageError):
        save_calibration(home, specified(50e9, 4, "avx2"))


def test_memory_gives_bytes() -> None:
    found = measure_bandwidth(2, block=1 << 20)
    assert 0 < found.one_thread < float("inf")
    assert found.all_threads >= found.one_thread
