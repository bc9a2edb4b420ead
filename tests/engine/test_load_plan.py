"""A plan that makes no sense is refused in words, before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from freehold.engine.load_plan import LoadPlan, Speculation, SpeculationKind
from freehold.errors import UsageError


def plan(**changed: Any) -> LoadPlan:
    return LoadPlan(Path("model.gguf"), **{"context": 256, **changed})


@pytest.mark.parametrize(
    "wrong",
    [{"context": 0}, {"threads": 0}, {"parallel": -1}, {"batch": 0}, {"micro_batch": 0}],
)
def test_a_plan_needs_room_and_threads(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="1 or more"):
        plan(**wrong)


def test_a_micro_batch_is_part_of_a_batch() -> None:
    assert plan(batch=64, micro_batch=64).micro_batch == 64
    with pytest.raises(UsageError, match="micro batch of 512 is more than the batch of 256"):
        plan(micro_batch=512)


@pytest.mark.parametrize("which", ["key", "value"])
def test_a_cache_type_that_does_not_exist_is_answered_with_those_that_do(which: str) -> None:
    with pytest.raises(UsageError, match=f"{which} cache cannot be of type Q4_K") as caught:
        plan(**{f"{which}_type": "Q4_K"})
    assert "Q8_0" in str(caught.value.hint)


def test_small_values_need_flash_attention() -> None:
    assert plan(value_type="Q8_0").flash_attention is None
    assert plan(value_type="BF16", flash_attention=False).value_type == "BF16"
    with pytest.raises(UsageError, match="Q4_0 needs flash attention") as caught:
        plan(value_type="Q4_0", flash_attention=False)
    assert "F16" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("kind", "sizes", "words"),
    [
        ("simple", {"match": 0}, "1 or more"),
        ("map-k", {"longest": 4096}, "1024 at most"),
        ("simple", {"hits": 2}, "no 'hits' to set"),
        ("cache", {"match": 2}, "no 'match' to set"),
        ("simple", {"longest": 4}, "4 is less than 12"),
        ("simple", {"match": 50}, "48 is less than 50"),
    ],
)
def test_sizes_that_a_kind_of_speculation_lacks(
    kind: str, sizes: dict[str, int], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        Speculation(SpeculationKind(kind), **sizes)


def test_sizes_that_it_has() -> None:
    assert Speculation(SpeculationKind.MAP_FOUR, 4, 8, hits=2).hits == 2
    assert Speculation(SpeculationKind.CACHE).match is None
