"""Loading: a context that fits the prompt and the model, and memory that is there."""

from __future__ import annotations

import pytest

from freehold.actions import load
from freehold.actions.load import LoadChoices, check_memory, choose_context, memory_needed
from freehold.device.memory import Memory
from freehold.errors import NotEnoughMemory, UsageError
from freehold.names import Digest
from freehold.store.model import Fact, Licence, OwnedFile, OwnedModel, now

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


def test_too_little_memory_is_refused_with_both_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    import freehold.device.memory

    monkeypatch.setattr(
        freehold.device.memory, "memory", lambda: Memory(8 * GIGABYTE, 2 * GIGABYTE)
    )
    check_memory(model(), 4096)
    with pytest.raises(NotEnoughMemory) as refused:
        check_memory(model(3 * GIGABYTE), 4096)
    assert "2.0 GB of 8.0 GB" in refused.value.message
    assert "4,096" in refused.value.message
    assert load.ENGINE_OVERHEAD > 0
