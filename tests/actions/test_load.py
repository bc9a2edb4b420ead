"""Loading: a context that fits the prompt and the model, and memory that is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import freehold.actions.owning
from freehold.actions.get import get
from freehold.actions.load import (
    LoadChoices,
    check_memory,
    choose_context,
    memory_needed,
    predict_memory,
    run_shape,
)
from freehold.device.memory import Memory
from freehold.engine.interface import LoadPlan
from freehold.errors import NotEnoughMemory, UsageError
from freehold.formats.gguf_synthetic import SyntheticModel, write_synthetic
from freehold.names import Digest, ModelRef
from freehold.settings import Settings
from freehold.store.model import Fact, Licence, OwnedFile, OwnedModel, now
from freehold.store.store import Store

GIGABYTE = 10**9


def model(size: int = GIGABYTE, **facts: Fact) -> OwnedModel:
    file = OwnedFile("m.gguf", "weights", Digest("0" * 64), size)
    return OwnedModel("0" * 64, "m", (file,), Licence(), (), now(), facts)


@pytest.mark.parametrize(
    ("choices", "trained", "expected"),
    [
        (LoadChoices(), 8192, 4096),
        (LoadChoices(), 2048, 2048),
        (LoadChoices(), None, 4096),
        (LoadChoices(prompt_bytes=12_000), 8192, 8192),
        (LoadChoices(prompt_bytes=10**6), 8192, 8192),
        (LoadChoices(prompt_bytes=100_000), 131_072, 65_536),
        (LoadChoices(context=512), 8192, 512),
        (LoadChoices(context=100_000), 8192, 100_000),
        (LoadChoices(max_tokens=6000), 8192, 8192),
    ],
)
def test_the_context_has_room_for_the_prompt(
    choices: LoadChoices, trained: int | None, expected: int
) -> None:
    assert choose_context(model(context_length=trained), choices) == expected


def test_a_context_of_nothing_is_a_usage_error() -> None:
    with pytest.raises(UsageError):
        choose_context(model(), LoadChoices(context=3))


def test_weights_and_cache_are_counted() -> None:
    small, large = (
        memory_needed(model(), 1000),
        memory_needed(model(cache_bytes_per_token=23_040), 1000),
    )
    assert small >= GIGABYTE
    assert large - small == 23_040_000


def test_every_part_of_a_split_model_is_counted() -> None:
    part = OwnedFile("m-2.gguf", "weights", Digest("1" * 64), GIGABYTE)
    whole = model()
    split = replace(whole, files=(*whole.files, part))
    assert memory_needed(split, 1000) - memory_needed(whole, 1000) == GIGABYTE


@pytest.fixture
def owned(tmp_path: Path) -> Iterator[tuple[Store, OwnedModel]]:
    """A model with a cache of 512 bytes a token and layer: 32 MiB for 4096 tokens."""
    path = tmp_path / "narrow.gguf"
    shape = SyntheticModel("llama", 16, 256, 512, 4, 2, 64, vocabulary=512)
    with path.open("wb") as file:
        write_synthetic(file, shape, "Q4_0")
    with Store.open(tmp_path / "store") as store:
        yield (
            store,
            get(store, Settings(home=tmp_path / "store"), ModelRef.parse(str(path))).model,
        )


def free(monkeypatch: pytest.MonkeyPatch, available: int) -> None:
    import freehold.device.memory

    found = Memory(8 * GIGABYTE, available)
    monkeypatch.setattr(freehold.device.memory, "memory", lambda: found)


def test_too_little_memory_is_refused_with_the_numbers(
    owned: tuple[Store, OwnedModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, small = owned
    plan = LoadPlan(store.blob_path(small.weights.digest), 4096)
    needed = predict_memory(store, small, plan).least
    assert 64_000_000 < needed < 128_000_000
    free(monkeypatch, needed)
    check_memory(store, small, plan)
    free(monkeypatch, needed - 1)
    with pytest.raises(NotEnoughMemory) as refused:
        check_memory(store, small, plan)
    assert "of 8.0 GB is free" in refused.value.message
    assert "4,096" in refused.value.message
    assert "context 33.6 MB" in refused.value.message


def test_where_there_is_room_to_spare_no_header_is_read(
    owned: tuple[Store, OwnedModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, small = owned
    free(monkeypatch, 4 * GIGABYTE)
    monkeypatch.setattr(freehold.actions.owning, "read_parts", None)
    check_memory(store, small, LoadPlan(store.blob_path(small.weights.digest), 4096))


def test_a_plan_is_predicted_as_it_would_run(tmp_path: Path) -> None:
    run = run_shape(LoadPlan(tmp_path, 512, key_type="Q8_0", repack=False, flash_attention=False))
    assert (run.context, run.key_type, run.value_type) == (512, "Q8_0", "F16")
    assert not run.repack
    assert not run.flash_attention
    assert run_shape(LoadPlan(tmp_path, 512)).flash_attention
    assert run_shape(LoadPlan(tmp_path, 4096, batch=2048)).micro_batch == 512
