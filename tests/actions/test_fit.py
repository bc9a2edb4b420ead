"""What is said of a model on a machine: the right packing, the right words, nothing made up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from freehold.actions.fit import (
    Build,
    Capacity,
    FitRow,
    Predictions,
    Subject,
    Wishes,
    judge,
    judge_all,
)
from freehold.actions.fit_words import Verdict
from freehold.device.estimates import Basis, MemoryNeed, Rate, RunShape, SpeedEstimate
from freehold.formats.model_shape import LayerShape, ModelShape, WeightGroup, WeightRole

GB = 10**9
BITS = {"Q8_0": 8.5, "Q6_K": 6.56, "Q4_K_M": 4.89, "Q2_K": 3.16}


def shape(parameters: int, quantization: str, context: int | None = 32_768) -> ModelShape:
    size = int(parameters * BITS[quantization] / 8)
    group = WeightGroup(WeightRole.LAYER, quantization, 1, parameters, size)
    layer = LayerShape(8, 2, 64, 64, 1024)
    return ModelShape("llama", (layer,) * 4, 512, 32_000, context, (group,))


def subject(name: str, parameters: int, *quantizations: str, **how: object) -> Subject:
    builds = tuple(Build(each, shape(parameters, each)) for each in quantizations or BITS)
    return replace(Subject(name, builds), **how)  # type: ignore[arg-type]


def need(model: ModelShape, run: RunShape) -> MemoryNeed:
    return MemoryNeed(model.size, run.context * 2048, 50_000_000, 1_000_000, 100_000_000)


def machine_reading(bandwidth: float) -> Predictions:
    """A machine that reads so many bytes of weights a second, and knows its speed within 20%."""

    def speed(build: Build, run: RunShape) -> SpeedEstimate:
        rate = bandwidth / build.shape.size
        band = Rate(rate, rate * 0.8, rate * 1.2, Basis.CALIBRATED)
        fast = Rate(rate * 20, rate * 16, rate * 24, Basis.CALIBRATED)
        return SpeedEstimate(1024, fast, band)

    return Predictions(need, speed)


LAPTOP = Capacity("this machine", 16 * GB, 14 * GB, 12 * GB)


def judged(model: Subject, bandwidth: float = 50 * GB, **how: object) -> FitRow:
    capacity = replace(LAPTOP, **how)  # type: ignore[arg-type]
    return judge(model, capacity, machine_reading(bandwidth), Wishes())


def test_the_largest_packing_that_is_fast_enough_is_chosen() -> None:
    row = judged(subject("small", 10**9))
    assert row.build is not None
    assert row.build.quantization == "Q8_0"
    assert row.words == "fits: about 47 tokens/s, faster than you read"
    row = judged(subject("middle", 8 * 10**9), 40 * GB)
    assert row.build is not None
    assert row.build.quantization == "Q6_K", "8 bits would be slower than reading"


def test_where_none_is_fast_four_bits_are_kept() -> None:
    row = judged(subject("large", 14 * 10**9), 20 * GB)
    assert row.build is not None
    assert row.build.quantization == "Q4_K_M"
    assert row.verdict is Verdict.SLOW
    assert row.words == "fits with 4-bit, but slowly: about 2.3 tokens/s, a page takes 3 minutes"


def test_tighter_than_four_bits_only_where_nothing_else_fits() -> None:
    row = judged(subject("larger", 30 * 10**9), 100 * GB, free=None)
    assert row.build is not None
    assert row.build.quantization == "Q2_K"
    assert row.words.startswith("fits only with 2-bit, which costs quality: about 8.4 tokens/s")


def test_what_is_too_large_says_both_numbers() -> None:
    row = judged(subject("huge", 70 * 10**9, "Q4_K_M", "Q8_0"))
    assert row.verdict is Verdict.TOO_LARGE
    assert row.words == "does not fit: needs 43 GB even with 4-bit, this machine has 16 GB"
    row = judged(subject("near", 27 * 10**9, "Q4_K_M"), free=None, usable=15 * GB)
    assert "needs 17 GB, this machine has 16 GB" in row.words
    row = judged(subject("nearer", 25 * 10**9, "Q4_K_M"))
    assert "14 GB of the 16 GB of this machine can be used" in row.words


def test_a_machine_that_is_full_at_the_moment_is_not_called_too_small() -> None:
    row = judged(subject("small", 10**9), free=0)
    assert row.verdict is Verdict.NOT_NOW
    assert row.words.startswith("fits when memory is freed: needs 1.2 GB, 0 B is free now")
    assert row.fits


def test_now_judges_by_what_is_free() -> None:
    small = subject("small", 10**9)
    full = replace(LAPTOP, free=0)
    row = judge(small, full, machine_reading(GB), Wishes(now=True))
    assert row.verdict is Verdict.TOO_LARGE


@pytest.mark.parametrize(
    ("bandwidth", "words"),
    [
        (20, "about 19 tokens/s, faster than you read"),
        (6, "about 5.6 tokens/s, about as fast as you read"),
        (3.3, "about 3.1 tokens/s, slower than you read"),
        (1.06, "about 1 token/s, a page takes 8 minutes"),
        (0.001, "about 0.0009 tokens/s, a page takes 6 days"),
    ],
)
def test_speed_in_words(bandwidth: float, words: str) -> None:
    assert judged(subject("m", 10**9, "Q8_0"), bandwidth * GB).words.endswith(words)


def test_a_wish_for_speed_changes_the_packing() -> None:
    model = subject("m", 4 * 10**9)
    slow, fast = (
        judge(model, LAPTOP, machine_reading(40 * GB), Wishes(min_speed=wish)) for wish in (0, 12)
    )
    assert slow.build is not None
    assert fast.build is not None
    assert (slow.build.quantization, fast.build.quantization) == ("Q8_0", "Q6_K")


def test_no_speed_known_is_said() -> None:
    predictions = Predictions(need, lambda build, run: None)
    row = judge(subject("m", 10**9), LAPTOP, predictions, Wishes())
    assert row.words == "fits; how fast is not known"


def test_what_only_reads_is_told_by_how_fast_it_reads() -> None:
    row = judged(subject("embedder", 10**8, "Q8_0", writes=False))
    assert row.words == "fits: reads about 9,400 tokens/s"
    assert row.rate == pytest.approx(9412, rel=0.01)


def test_what_cannot_be_known_is_not_guessed() -> None:
    row = judged(Subject("odd", (), unknown="its family is not known"))
    assert (row.verdict, row.words) == (Verdict.UNKNOWN, "unknown: its family is not known")
    row = judged(subject("m", 10**9), usable=None, total=None, free=None)
    assert row.verdict is Verdict.UNKNOWN
    assert "needs 554 MB, and this machine tells no size" in row.words

    def partly(model: ModelShape, run: RunShape) -> MemoryNeed:
        return replace(need(model, run), missing=("the cache",))

    row = judge(subject("m", 10**9), LAPTOP, Predictions(partly, lambda b, r: None), Wishes())
    assert "not counted: the cache" in row.words


def test_no_more_context_than_it_was_trained_for() -> None:
    model = Subject("m", (Build("Q8_0", shape(10**9, "Q8_0", context=2048)),))
    row = judge(model, LAPTOP, machine_reading(GB), Wishes(context=1 << 40))
    assert row.context == 2048


def test_the_table_has_what_fits_first_and_the_largest_first() -> None:
    models = [subject("huge", 10**12), subject("small", 10**8), subject("middle", 10**9)]
    rows = judge_all(models, LAPTOP, machine_reading(50 * GB), Wishes())
    assert [row.subject.name for row in rows] == ["middle", "small", "huge"]
