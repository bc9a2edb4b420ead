"""Tuning an owned model: what is measured is kept and used; what the owner names comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.conftest import tiny_gguf

from freehold.actions import engines
from freehold.actions.load import LoadChoices, chosen_plan
from freehold.actions.tune import TuneChoices, plan_in_words, prepare, tune
from freehold.actions.tune_verdict import Figure
from freehold.actions.tuned import choose_engine, tuned_plan, tuning_for
from freehold.device.tuning import TunedPlan, load_tuning, save_tuning
from freehold.engine.fake import FakeEngine
from freehold.engine.fake_model import FakeModel
from freehold.engine.interface import Finished, LoadPlan, Piece, TextRequest
from freehold.errors import UsageError
from freehold.progress import SILENT
from freehold.settings import Settings
from freehold.store.model import OwnedModel
from freehold.store.store import Store

Own = Callable[..., OwnedModel]


def seconds_a_token(plan: LoadPlan) -> float:
    """Larger batches read faster, and copied weights are slower in everything."""
    return 0.001 * (1.0 if plan.batch == 256 else 256 / plan.batch) * (1 if plan.memory_map else 2)


@dataclass(frozen=True)
class PacedEngine(FakeEngine):
    """The fake engine, at a speed that follows from the plan."""

    def load(self, plan: LoadPlan) -> FakeModel:
        return PacedModel(self, plan)


class PacedModel(FakeModel):
    """Says how long it would have taken."""

    def complete(self, request: TextRequest) -> Iterator[Piece]:  # type: ignore[override]
        pace = seconds_a_token(self._plan_of_test)
        for piece in super().complete(request):
            if isinstance(piece, Finished):
                usage = replace(
                    piece.usage,
                    prompt_seconds=piece.usage.prompt_tokens * pace,
                    answer_seconds=piece.usage.answer_tokens * 0.01,
                )
                yield replace(piece, usage=usage)
            else:
                yield piece

    def __init__(self, engine: FakeEngine, plan: LoadPlan) -> None:
        super().__init__(engine, plan)
        self._plan_of_test = plan


class Heard:
    """Keeps remarks."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.task = SILENT.task

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)


@pytest.fixture
def model(own: Own, monkeypatch: pytest.MonkeyPatch) -> OwnedModel:
    monkeypatch.setattr(engines, "engine_for", lambda *_: PacedEngine())
    return own("small", tiny_gguf("small"))


def test_what_is_better_is_kept_and_used(
    settings: Settings, store: Store, model: OwnedModel
) -> None:
    heard = Heard()
    tuning, record = tune(settings, store, model, TuneChoices(), heard)
    assert tuning.plan.batch == 1024
    assert tuning.plan.memory_map
    assert "batches of 1024/512" in plan_in_words(tuning.plan)
    assert any("kept" in note for note in heard.notes)
    assert {gain.figure for gain in tuning.gains} == {"start", "read", "write"}
    assert next(gain for gain in tuning.gains if gain.figure == "read").ratio == pytest.approx(4)
    assert tuning_for(settings, model) == tuning
    chosen = choose_engine(settings, model)
    assert chosen.plan == tuning.plan
    plan = tuned_plan(LoadPlan(Path("x"), 4096), chosen.plan)
    assert (plan.batch, plan.micro_batch) == (1024, 512)
    assert len(record.final) == tuning.pairs


def test_a_bare_measurement_has_what_was_asked_for(
    settings: Settings, store: Store, model: OwnedModel
) -> None:
    measurer = prepare(settings, store, model, None, SILENT)
    told = measurer(TunedPlan(), [Figure.WRITE, Figure.REPEAT])
    assert (told.start, told.read) == (None, None)
    assert told.write == pytest.approx(1.28)
    assert told.repeat == pytest.approx(1.28)
    assert measurer(TunedPlan(), [Figure.READ]).read == pytest.approx(0.512)


def test_an_engine_that_the_owner_names_is_used_without_another_s_tuning(
    settings: Settings, store: Store, model: OwnedModel
) -> None:
    tune(settings, store, model, TuneChoices())
    assert choose_engine(settings, model, "built").plan is None
    assert choose_engine(replace(settings, engine="llama-server"), model).plan is None
    assert choose_engine(settings, model, "bundled").plan is not None


def test_threads_that_the_owner_set_stay(tmp_path: Path) -> None:
    plan = LoadPlan(tmp_path, 4096, threads=3)
    tuned = tuned_plan(plan, TunedPlan(threads=1, batch_threads=2, batch=512))
    assert (tuned.threads, tuned.batch_threads, tuned.batch) == (3, None, 512)


def test_guessing_comes_back_as_the_engine_wants_it(tmp_path: Path) -> None:
    tuned = TunedPlan(speculation="simple", speculation_match=6, speculation_longest=16)
    speculation = tuned_plan(LoadPlan(tmp_path, 4096), tuned).speculation
    assert speculation is not None
    assert (speculation.match, speculation.longest) == (6, 16)


def test_every_load_goes_by_what_was_found(
    settings: Settings, store: Store, model: OwnedModel
) -> None:
    tune(settings, store, model, TuneChoices())
    chosen = choose_engine(settings, model)
    plan = chosen_plan(store, model, LoadChoices(tuned=chosen.plan))
    assert (plan.batch, plan.micro_batch) == (1024, 512)
    assert chosen_plan(store, model, LoadChoices()).batch == 256


def test_another_version_of_the_engine_is_not_run_by_an_old_tuning(
    settings: Settings, store: Store, model: OwnedModel
) -> None:
    tuning, _ = tune(settings, store, model, TuneChoices())
    save_tuning(settings.home, replace(tuning, engine_version="0.1"))
    heard = Heard()
    assert choose_engine(settings, model, progress=heard).plan is None
    assert "version 0.1" in heard.notes[0]
    assert f"freehold tune {model.name}" in heard.notes[0]


def test_damage_is_said_and_the_defaults_used(
    settings: Settings, store: Store, model: OwnedModel
) -> None:
    tuning, _ = tune(settings, store, model, TuneChoices())
    path = next((settings.home / "device" / "tuning").glob("*.json"))
    path.write_bytes(path.read_bytes()[:-20])
    heard = Heard()
    assert choose_engine(settings, model, progress=heard).plan is None
    assert "set aside" in heard.notes[0]
    assert load_tuning(settings.home, tuning.model, tuning.device).tuning is None


def test_minutes_that_are_none_are_refused() -> None:
    with pytest.raises(UsageError):
        TuneChoices(minutes=0)
