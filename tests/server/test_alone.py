"""A server learns from answers that had the machine to themselves, and from no others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from tests.server.conftest import Serve, Served
from tests.server.test_desk import BODY, eventually

from freehold.actions.learning import learn_from
from freehold.actions.loaded import Loaded
from freehold.actions.residence import ResidenceChoices
from freehold.actions.ways_to_load import Wishes
from freehold.device.measured import load_runs
from freehold.device.probe import fingerprint
from freehold.engine.fake import FakeEngine
from freehold.engine.interface import Usage
from freehold.progress import SILENT
from freehold.server import alone
from freehold.settings import Settings


def ask(served: Served) -> None:
    assert served.ask("POST", "/v1/chat/completions", json=BODY).status == 200


def test_an_answer_alone_is_kept_as_run_keeps_it(serve: Serve, small_home: Path) -> None:
    settings = Settings(home=small_home)
    served = serve(FakeEngine(), learn=partial(learn_from, settings, SILENT))
    ask(served)
    (loaded,) = served.desk.residence.models
    digest = loaded.owned.weights.digest.hex
    eventually(lambda: bool(load_runs(small_home, digest, fingerprint())))
    (run,) = load_runs(small_home, digest, fingerprint())
    assert run.engine == str(FakeEngine().identity())
    assert run.read > 0
    assert run.written > 0


def test_answers_beside_each_other_are_not(serve: Serve) -> None:
    kept: list[Usage] = []
    served = serve(
        FakeEngine(seconds_per_token=0.01),
        ResidenceChoices(Wishes(parallel=2)),
        learn=lambda _, usage: kept.append(usage),
    )
    with ThreadPoolExecutor(2) as both:
        list(both.map(ask, (served, served)))
    assert kept == []
    ask(served)
    eventually(lambda: len(kept) == 1)


def test_one_that_asks_without_end_is_kept_seldom(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alone, "_SELDOM_SECONDS", 3600.0)
    kept: list[Loaded] = []
    served = serve(FakeEngine(), learn=lambda loaded, _: kept.append(loaded))
    for _ in range(3):
        ask(served)
    served.server.stop()  # what was to be kept has been, once it has ended
    served.thread.join(timeout=30)
    assert len(kept) == 1
