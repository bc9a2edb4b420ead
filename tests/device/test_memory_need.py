"""Memory predicted from a header, held against the engine's own peak."""

from __future__ import annotations

import platform
from dataclasses import replace
from pathlib import Path

import pytest

from freehold.device.cache_need import cache_bytes, kept_states
from freehold.device.compute_need import compute_bytes
from freehold.device.estimates import MemoryNeed, RunShape
from freehold.device.memory_need import memory_need, rearranged_bytes, vocabulary_bytes
from freehold.engine.interface import LoadPlan, Sampling, TextRequest
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.formats.gguf import read_header
from freehold.formats.gguf_synthetic import SyntheticModel, write_synthetic
from freehold.formats.model_shape import LayerShape, ModelShape, WeightGroup, WeightRole
from freehold.formats.shape_of import shape_of

ON_LINUX = pytest.mark.skipif(
    platform.system() != "Linux", reason="what a system counts as resident differs"
)
LAYER = LayerShape(heads=8, kv_heads=2, key_width=64, value_width=64, feed_forward_width=2048)
SHAPE = ModelShape(
    architecture="llama",
    layers=(LAYER,) * 4,
    embedding_width=512,
    vocabulary=1000,
    context_length=8192,
    weights=(
        WeightGroup(WeightRole.LAYER, "Q4_K", 28, 4_000_000, 2_250_000),
        WeightGroup(WeightRole.EMBEDDING, "Q6_K", 1, 512_000, 420_000),
        WeightGroup(WeightRole.LAYER, "F32", 9, 4608, 18_432),
    ),
    merges=0,
)


def peak(plan: LoadPlan, prompt: str) -> int:
    with LlamaCppEngine().load(plan) as model:
        list(model.complete(TextRequest(prompt, Sampling(max_tokens=4))))
        return model.peak_memory()


def predicted(path: Path, run: RunShape) -> MemoryNeed:
    return memory_need(shape_of(read_header(path)), run)


@ON_LINUX
def test_the_real_models_take_what_was_predicted(smollm2: Path, gemma3: Path) -> None:
    for path in (smollm2, gemma3):
        measured = peak(LoadPlan(path, 512, threads=2), " the" * 500)
        assert predicted(path, RunShape(512)).total == pytest.approx(measured, rel=0.1)


@ON_LINUX
@pytest.mark.parametrize(("repack", "memory_map"), [(True, True), (True, False), (False, True)])
def test_rearranged_weights_take_what_was_predicted(
    tmp_path: Path, repack: bool, memory_map: bool
) -> None:
    path = tmp_path / "synthetic.gguf"
    shape = SyntheticModel("llama", 12, 1024, 4096, 8, 2, 128, vocabulary=1024)
    with path.open("wb") as file:
        write_synthetic(file, shape, "Q4_0")
    plan = LoadPlan(path, 512, threads=2, repack=repack, memory_map=memory_map)
    run = RunShape(512, repack=repack, memory_map=memory_map)
    need = predicted(path, run).total - predicted(path, run).compute  # a short prompt has none
    assert need == pytest.approx(peak(plan, "Hello"), rel=0.1)


def test_the_cache_has_keys_and_values_of_every_layer_in_steps_of_256_tokens() -> None:
    row = 2 * 64 * 2 * 2  # heads, width, bytes, keys and values
    assert cache_bytes(SHAPE, RunShape(1024)) == 4 * 1024 * row
    assert cache_bytes(SHAPE, RunShape(1025)) == 4 * 1280 * row
    assert cache_bytes(SHAPE, RunShape(1024, parallel=3)) == 3 * 4 * 1024 * row
    eighths = RunShape(1024, key_type="Q8_0", value_type="Q8_0")
    assert cache_bytes(SHAPE, eighths) == 4 * 1024 * row * 34 // 64


def test_a_window_keeps_itself_and_the_step_under_way() -> None:
    row = 512
    shape = replace(SHAPE, layers=(replace(LAYER, window=600), LAYER))
    assert cache_bytes(shape, RunShape(4096)) == (1024 + 4096) * row
    assert cache_bytes(shape, RunShape(4096, batch=512, micro_batch=512)) == (1280 + 4096) * row
    assert cache_bytes(shape, RunShape(512)) == (512 + 512) * row
    assert kept_states(SHAPE, RunShape(4096)) == 0
    assert kept_states(shape, RunShape(4096)) == 3 * 600 * row
    assert kept_states(shape, RunShape(512)) == (508 + 2 * 252) * row


def test_layers_that_keep_nothing_and_layers_that_keep_a_state() -> None:
    shared = replace(SHAPE, layers=(LAYER, replace(LAYER, cached=False)))
    assert cache_bytes(shared, RunShape(1024)) == 1024 * 512
    stateful = replace(SHAPE, layers=(LAYER, replace(LAYER, kv_heads=0, state=1000)))
    assert cache_bytes(stateful, RunShape(1024, parallel=2)) == 2 * (1024 * 512 + 4000)
    assert kept_states(stateful, RunShape(1024)) == 3 * 4000


def test_one_row_for_key_and_value() -> None:
    compressed = replace(LAYER, kv_heads=1, key_width=576, value_width=0)
    assert cache_bytes(replace(SHAPE, layers=(compressed,)), RunShape(1024)) == 1024 * 576 * 2


def test_scratch_space_grows_with_the_step_and_the_context() -> None:
    base = compute_bytes(SHAPE, RunShape(1024))
    doubled = compute_bytes(SHAPE, RunShape(1024, batch=512, micro_batch=512))
    assert doubled == pytest.approx(2 * base, rel=0.001)
    longer = compute_bytes(SHAPE, RunShape(2048))
    assert longer - base == 1024 * 256 * 2
    slow = compute_bytes(SHAPE, RunShape(8192, flash_attention=False))
    assert slow > 8192 * 8 * 256 * 4  # every head's attention to every token
    assert compute_bytes(SHAPE, RunShape(100)) < base / 2
    experts = replace(SHAPE, experts=8, experts_used=4)
    assert compute_bytes(experts, RunShape(1024)) > 2 * base


def test_what_is_rearranged_depends_on_the_processor() -> None:
    def copied(*sets: str, shape: ModelShape = SHAPE) -> int:
        return rearranged_bytes(shape, RunShape(512, instruction_sets=sets))

    assert copied() == 0
    assert copied("AVX2") == 2_250_000
    assert copied("DOTPROD") == 2_250_000 + 420_000  # the embedding is the output matrix too
    untied = (*SHAPE.weights, WeightGroup(WeightRole.OUTPUT, "Q4_0", 1, 512_000, 288_000))
    assert copied("AVX2", shape=replace(SHAPE, weights=untied)) == 2_250_000 + 288_000
    assert rearranged_bytes(SHAPE, RunShape(512, repack=False)) == 0


def test_pages_that_only_a_copy_replaces_can_be_spared() -> None:
    need = memory_need(SHAPE, RunShape(512, instruction_sets=("AVX2",)))
    plain = memory_need(SHAPE, RunShape(512, repack=False))
    moved = memory_need(SHAPE, RunShape(512, memory_map=False, instruction_sets=("AVX2",)))
    assert need.total - plain.total == 2_250_000
    assert need.least == plain.least == plain.total == moved.total


def test_a_vocabulary_costs_its_tokens_and_its_merges() -> None:
    plain = vocabulary_bytes(SHAPE)
    assert vocabulary_bytes(replace(SHAPE, merges=1000)) > 2 * plain
    assert vocabulary_bytes(replace(SHAPE, merges=None)) > 2 * plain


def test_what_is_not_known_is_passed_on() -> None:
    need = memory_need(replace(SHAPE, layers=(), unknown=("how many layers it has",)), RunShape(1))
    assert need.missing == ("how many layers it has",)
    assert need.cache == need.compute == 0
    assert need.weights == SHAPE.size
