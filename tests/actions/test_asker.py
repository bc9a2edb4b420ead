"""An owned model as a function of a prompt."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.conftest import tiny_gguf

from freehold.actions import engines
from freehold.actions.asker import Asker
from freehold.actions.get import get
from freehold.engine.fake import FakeEngine, FakeLoading
from freehold.engine.interface import LoadPlan
from freehold.errors import NotOwned
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.libraries import Libraries


def test_it_loads_once_and_answers_each_prompt(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads: list[LoadPlan] = []

    class Counting(FakeEngine):
        def start(self, plan: LoadPlan) -> FakeLoading:
            loads.append(plan)
            return super().start(plan)

    monkeypatch.setattr(engines, "engine_for", lambda *_: Counting())
    settings = Settings(home=home)
    path = tmp_path / "tiny.gguf"
    path.write_bytes(tiny_gguf("tiny", payload=1000))
    with Libraries(home) as libraries:
        get(libraries.store(), settings, ModelRef.parse(str(path)))
        with Asker(libraries, settings, "tiny") as asker:
            assert not loads, "nothing is loaded before the first question"
            first = asker.ask("which of these is it?")
            assert asker.ask("which of these is it?") == first
            assert asker.name == "tiny"
        assert len(loads) == 1
        with pytest.raises(NotOwned):
            Asker(libraries, settings, "nobody")
