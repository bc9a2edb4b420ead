"""Predicted speed: what follows from the shape, whatever the machine."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.device.shapes import LAYER, dense

from freehold.device.calibration import Calibration
from freehold.device.estimates import Basis, RunShape
from freehold.device.published import ISA_CLASSES, specified
from freehold.device.speed import answer_time, predict_speed, prompt_time

RUN = RunShape(8192)
MACHINE = specified(50e9, 4, "avx2", 3e9)


def test_more_bytes_take_longer() -> None:
    small = predict_speed(dense(layers=8), RUN, MACHINE, 0)
    large = predict_speed(dense(layers=16), RUN, MACHINE, 0)
    assert large.decode.expected < small.decode.expected
    assert large.prefill.expected < small.prefill.expected


def test_deeper_is_slower_unless_a_window_bounds_it() -> None:
    depths = [predict_speed(dense(), RUN, MACHINE, depth) for depth in (0, 512, 4096)]
    assert depths[0].decode.expected > depths[1].decode.expected > depths[2].decode.expected
    assert depths[0].prefill.expected > depths[1].prefill.expected > depths[2].prefill.expected
    windowed = dense(layer=replace(LAYER, window=256))
    near, far = (predict_speed(windowed, RUN, MACHINE, depth) for depth in (512, 4096))
    assert near.decode.expected == far.decode.expected


def test_the_band_holds_the_expected_rate_and_says_what_it_stands_on() -> None:
    rate = predict_speed(dense(), RUN, MACHINE, 0).decode
    assert rate.low < rate.expected < rate.high
    assert (rate.basis, rate.runs) == (Basis.SPECIFIED, 0)


def test_a_measured_machine_has_a_narrower_band_than_a_published_one() -> None:
    measured = replace(MACHINE, basis=Basis.CALIBRATED)
    wide, narrow = (answer_time(dense(), RUN, each, 0).error for each in (MACHINE, measured))
    assert narrow < wide / 2


def only(machine: Calibration, *types: str) -> Calibration:
    """The machine as if only these block types had been measured."""
    kept = tuple(
        cost
        for cost in machine.costs
        if not cost.kind.startswith(("read:", "start:", "compute:"))
        or cost.kind.partition(":")[2] in types
    )
    return replace(machine, basis=Basis.CALIBRATED, costs=kept)


def test_a_type_that_was_not_measured_is_derived_and_less_sure() -> None:
    machine = only(MACHINE, "Q4_K", "F16")
    known = answer_time(dense(block_type="Q4_K"), RUN, machine, 0)
    derived = answer_time(dense(block_type="Q5_K"), RUN, machine, 0)
    assert derived.seconds == pytest.approx(known.seconds)  # the same bytes at the same rate
    assert derived.error > known.error


def test_an_unusual_cache_is_derived_too() -> None:
    plain = answer_time(dense(), replace(RUN, flash_attention=False), MACHINE, 4000)
    assert plain.seconds > answer_time(dense(), RUN, MACHINE, 4000).seconds


def test_a_prompt_of_nothing_takes_no_time_to_speak_of() -> None:
    assert prompt_time(dense(), RUN, MACHINE, 1).seconds > 0


@pytest.mark.parametrize("isa", ISA_CLASSES)
def test_published_figures_give_sane_rates(isa: str) -> None:
    estimate = predict_speed(dense(), RUN, specified(25e9, 4, isa), 1000)
    # 0.3 GB of weights cannot be read faster than memory gives them
    assert 0 < estimate.decode.expected < 25e9 / dense().weights[2].size
    assert estimate.prefill.expected > 0


def test_twice_the_bandwidth_is_not_slower() -> None:
    slow, fast = (
        predict_speed(dense(), RUN, specified(rate, 8, "avx2"), 0) for rate in (2e10, 4e10)
    )
    assert fast.decode.expected > slow.decode.expected
