"""What works now, of what is owned."""

from __future__ import annotations

from pathlib import Path

from tests.modifying import write_random_lora
from tests.studying import synthetic

from freehold.actions.get import get
from freehold.actions.works_now import works_now
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.libraries import Libraries


def test_with_an_adapter_alone_nothing_can_be_asked(home: Path, tmp_path: Path) -> None:
    model = synthetic(tmp_path / "noise.gguf")
    adapter = write_random_lora(tmp_path / "lora.gguf", model)
    with Libraries(home) as libraries:
        store = libraries.store()
        get(store, Settings(home=home), ModelRef.parse(str(adapter)))
        works = {each.name: each.works for each in works_now(store.models(), None, calibrated=True)}
        assert not works["ask and chat (run)"]
        assert works["verify, protect, export"]
        get(store, Settings(home=home), ModelRef.parse(str(model)))
        works = {each.name: each.works for each in works_now(store.models(), None, calibrated=True)}
        assert works["ask and chat (run)"]
