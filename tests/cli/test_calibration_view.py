"""What was measured, as a table."""

from __future__ import annotations

import pytest

from freehold.cli.calibration_view import show_calibration
from freehold.device.calibration import Bandwidth, Calibration, Cost

MEASURED = Calibration(
    device="f00d",
    engine="bundled 7",
    costs=(
        Cost("read:F16", 1 / 12e9, 0.01),
        Cost("compute:F16", 1 / 90e9, 0.01),
        Cost("read:Q4_0", 1 / 9.5e9, 0.01),
        Cost("compute:Q4_0", 0.0, 0.0),
        Cost("step", 1e-5, 0.0),
    ),
    bandwidth=Bandwidth(one_thread=11e9, all_threads=21.4e9),
    when="2026-11-25T13:00:00+00:00",
)


def test_every_type_that_was_measured_has_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    show_calibration(MEASURED)
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "",
        "Measured 2026-11-25 with bundled 7",
        "Memory gives 21.4 GB/s to all threads, 11.0 GB/s to one.",
        "WEIGHTS READ FOR AN ANSWER COMPUTED IN A PROMPT",
        "F16 12.0 GB/s 90.0 GFLOP/s",
        "Q4_0 9.5 GB/s not measured",
    ]


def test_without_a_measurement_it_says_how_to_have_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_calibration(None)
    assert capsys.readouterr().out == (
        "Speed was not measured here yet: freehold device --calibrate\n"
    )
