"""A prediction corrected by runs."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from tests.device.shapes import dense

from freehold.device.estimates import Basis, Rate, RunShape
from freehold.device.measured import MeasuredRun
from freehold.device.published import specified
from freehold.device.refine import Ratios, compare, refine, refine_rate, student
from freehold.device.speed import answer_time, predict_speed, prompt_time

GUESS = Rate(100.0, 60.0, 160.0, Basis.CALIBRATED)
RUN = RunShape(8192)
MACHINE = replace(specified(50e9, 4, "avx2", 3e9), basis=Basis.CALIBRATED)


def test_without_runs_the_guess_stays() -> None:
    assert refine_rate(GUESS, []) is GUESS


def test_the_measured_figure_replaces_the_guess() -> None:
    refined = refine_rate(GUESS, [1.3, 1.3])
    assert refined.expected == pytest.approx(130)
    assert (refined.basis, refined.runs) == (Basis.MEASURED, 2)


def test_the_band_narrows_with_every_run() -> None:
    widths = [
        math.log(rate.high / rate.low)
        for count in (0, 1, 2, 5, 20, 60)
        for rate in [refine_rate(GUESS, [1.0] * count)]
    ]
    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == len(widths)


def test_runs_that_differ_leave_a_wider_band_than_runs_that_agree() -> None:
    apart, alike = refine_rate(GUESS, [0.8, 1.0, 1.25] * 4), refine_rate(GUESS, [1.0] * 12)
    assert apart.low < alike.low < alike.high < apart.high


def test_one_run_on_a_busy_machine_changes_little() -> None:
    calm = [1.0, 1.02, 0.98, 1.01, 0.99, 1.0]
    disturbed = refine_rate(GUESS, [*calm, 0.1])
    assert disturbed.expected == pytest.approx(100, rel=0.02)
    assert disturbed.low > 80


def test_the_band_is_never_wider_than_the_guess() -> None:
    refined = refine_rate(GUESS, [0.2, 1.0, 5.0])
    assert refined.high / refined.low <= GUESS.high / GUESS.low * (1 + 1e-9)


@pytest.mark.parametrize(("freedom", "known"), [(4, 2.132), (5, 2.015), (10, 1.812), (60, 1.671)])
def test_students_distribution_as_the_tables_have_it(freedom: int, known: float) -> None:
    assert student(freedom) == pytest.approx(known, abs=0.003)


def test_runs_at_one_depth_correct_another() -> None:
    shape = dense()
    reading = prompt_time(shape, RUN, MACHINE, 300).seconds
    writing = answer_time(shape, RUN, MACHINE, 300 + 25).seconds * 50
    # a machine that is half as fast as its calibration says
    run = MeasuredRun("7", "", 300, 0, 2 * reading, 51, 2 * writing, "today")
    ratios = compare([run], shape, RUN, MACHINE)
    assert ratios.reading == pytest.approx((0.5,))
    assert ratios.writing == pytest.approx((0.5,), rel=0.001)
    guess = predict_speed(shape, RUN, MACHINE, 4000)
    refined = refine(guess, ratios)
    assert refined.decode.expected == pytest.approx(guess.decode.expected / 2, rel=0.001)
    assert refined.prefill.expected == pytest.approx(guess.prefill.expected / 2, rel=0.001)


def test_runs_too_short_to_tell_anything_tell_nothing() -> None:
    short = MeasuredRun("7", "", 3, 0, 0.1, 2, 0.1, "today")
    assert compare([short], dense(), RUN, MACHINE) == Ratios()
