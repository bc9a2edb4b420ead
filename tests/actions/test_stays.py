"""How long a model stays: its owner's word, the store's pin, and what was asked since."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import tiny_gguf

from freehold.actions.get import get
from freehold.actions.loaded import Key, Loaded
from freehold.actions.stays import Stays
from freehold.engine.fake import FakeEngine
from freehold.engine.load_plan import LoadPlan
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.store import Store


@pytest.fixture
def alpha(home: Path, tmp_path: Path) -> Iterator[Loaded]:
    """A model in memory that nobody uses."""
    path = tmp_path / "alpha.gguf"
    path.write_bytes(tiny_gguf("alpha"))
    with Store.open(home) as store:
        owned = get(store, Settings(home=home), ModelRef.parse(str(path))).model
    plan = LoadPlan(path, 64)
    engine = FakeEngine()
    loaded = Loaded(Key(owned.id, "answer"), owned, plan, 1000, engine)
    model = engine.load(plan)
    loaded.arrived(model, model.asynchronous(), 1)
    yield loaded
    loaded.close()


def is_pinned(loaded: Loaded) -> bool:
    return loaded.pinned


def test_it_stays_as_long_as_any_other_until_something_else_is_asked(alpha: Loaded) -> None:
    stays = Stays(900.0, ())
    stays.settle(alpha)
    assert stays.seconds_left(alpha) == pytest.approx(900, abs=10)
    stays.keep(alpha, 60.0)
    assert stays.seconds_left(alpha) == pytest.approx(60, abs=10)
    stays.keep(alpha, math.inf)
    assert is_pinned(alpha)
    assert stays.seconds_left(alpha) is None
    stays.keep(alpha, None)
    assert not is_pinned(alpha)
    assert stays.seconds_left(alpha) == pytest.approx(900, abs=10)


def test_nobody_is_sent_away_who_may_stay_for_ever_or_is_in_use(alpha: Loaded) -> None:
    assert not Stays(None, ()).is_over(alpha)
    stays = Stays(0.0, ())
    assert stays.is_over(alpha)
    with alpha.in_use():
        assert not stays.is_over(alpha)
    by_name = Stays(0.0, ("alpha",))
    by_name.settle(alpha)
    assert not by_name.is_over(alpha)


def test_what_is_pinned_meanwhile_stays_whatever_is_asked_later(alpha: Loaded) -> None:
    stays = Stays(0.0, ())
    stays.pin(alpha, pinned=True)
    stays.keep(alpha, 60.0)
    assert is_pinned(alpha)
    stays.pin(alpha, pinned=False)
    assert not is_pinned(alpha)
    stays.keep(alpha, math.inf)
    stays.pin(alpha, pinned=False)
    assert is_pinned(alpha)  # it was asked to stay until the server ends
