"""Measuring speed: what is reported is what the engine said, over the rounds asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import tiny_gguf

from freehold.actions import engines
from freehold.actions.bench import BenchChoices, Spread, bench
from freehold.engine.fake import FakeEngine
from freehold.errors import EngineError, UsageError
from freehold.settings import Settings
from freehold.store.libraries import Found
from freehold.store.model import OwnedModel
from freehold.store.store import Store

Own = Callable[..., OwnedModel]


@pytest.fixture
def found(store: Store, own: Own, monkeypatch: pytest.MonkeyPatch) -> Found:
    monkeypatch.setattr(engines, "engine_for", lambda *_: FakeEngine())
    return Found(store, own("small", tiny_gguf("small")), "home")


def test_the_figures_are_the_engine_s(home: Path, found: Found) -> None:
    result = bench(Settings(home=home), found, BenchChoices(rounds=2))
    assert (result.model, result.engine, result.rounds) == ("small", "fake", 2)
    assert result.prefill.median == pytest.approx(1e6)  # the fake engine reads a token in 1 µs
    assert result.decode.median == pytest.approx(1e6)
    assert (result.depth, result.context) == (2048, 4096)
    assert result.memory == 1 << 20
    assert result.first_token.median >= result.load.median
    assert not result.tuned
    assert result.predicted is None


def test_a_depth_beyond_the_context_is_cut_to_it(home: Path, found: Found) -> None:
    result = bench(Settings(home=home), found, BenchChoices(rounds=1, depth=10**6))
    assert result.depth == 4096 - 128 - 1


def test_predicting_without_a_calibration_says_how_to_make_one(home: Path, found: Found) -> None:
    with pytest.raises(UsageError) as refused:
        bench(Settings(home=home), found, BenchChoices(rounds=1, predict=True))
    assert "--calibrate" in str(refused.value)


def test_a_context_too_small_to_measure_is_an_error(
    home: Path, store: Store, own: Own, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("freehold.actions.bench.choose_context", lambda *_: 256)
    with pytest.raises(EngineError):
        bench(Settings(home=home), found, BenchChoices(rounds=1))


@pytest.mark.parametrize("choices", [{"rounds": 0}, {"depth": 0}])
def test_what_cannot_be_measured_is_refused(choices: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        BenchChoices(**choices)  # type: ignore[arg-type]  # only whole numbers are given


def test_spread() -> None:
    assert Spread.of([3.0]) == Spread(3.0, 0.0)
    assert Spread.of([1.0, 3.0, 2.0]) == Spread(2.0, 1.0)
