"""What is loaded beside a model: every adapter made for it, where each is, and what it takes."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path

from tests.modifying import write_random_lora, write_random_vector
from tests.studying import synthetic

from freehold.actions.additions import Additions, Wish
from freehold.actions.asked import Asked, resolve
from freehold.actions.besides import Besides
from freehold.actions.get import get
from freehold.actions.loaded import Key
from freehold.actions.ways_to_load import Way
from freehold.engine.load_plan import LoadPlan
from freehold.names import ModelRef
from freehold.progress import SILENT
from freehold.settings import Settings
from freehold.store.libraries import Libraries
from freehold.store.store import Store


def test_a_model_is_loaded_with_all_that_was_made_for_it(home: Path, tmp_path: Path) -> None:
    model = synthetic(tmp_path / "noise.gguf")
    sha256 = hashlib.sha256(model.read_bytes()).hexdigest()
    paths = [
        model,
        write_random_lora(tmp_path / "left.gguf", model, size=0.3, sha256=sha256),
        write_random_lora(tmp_path / "stray.gguf", model, size=0.3, seed=2),
        write_random_vector(tmp_path / "push.gguf", model, size=3.0),
    ]
    with Store.open(home) as store:
        _, left, stray, push = (
            get(store, Settings(home=home), ModelRef.parse(str(path))).model for path in paths
        )
    with Libraries(home) as libraries:
        found = libraries.find("noise")
        besides = Besides(libraries, SILENT)
        needed = Key(found.model.id, "answer")
        assert asyncio.run(besides.to_load(needed, Asked(found))).adapters == {left.id}
        embed = replace(needed, purpose="embed")
        assert asyncio.run(besides.to_load(embed, Asked(found))) == embed

        more = Additions((Wish("stray"),), (Wish("push", 2.0),))
        asked = resolve(libraries, found, (), more, SILENT)
        needed = replace(needed, adapters=asked.adapter_ids, vectors=asked.vector_words)
        key = asyncio.run(besides.to_load(needed, asked))
        assert key.adapters == {left.id, stray.id}
        way = besides.on(key, Way(LoadPlan(model, 64), 1000))
    assert [each.scale for each in way.plan.adapters] == [0.0, 0.0]
    assert [each.scale for each in way.plan.vectors] == [2.0]
    assert way.need == 1000 + left.size + stray.size + push.size
