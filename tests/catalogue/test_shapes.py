"""Predicted shapes against real files: every tensor's type and size, and the whole file's."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from freehold.catalogue import read
from freehold.catalogue.entry import CatalogueEntry
from freehold.catalogue.shapes import file_size, model_shape
from freehold.errors import UsageError
from freehold.formats.gguf import read_header
from freehold.formats.mixes import MIXES, more_bits
from freehold.formats.model_shape import WeightRole
from freehold.formats.shape_of import shape_of


def _entry(name: str) -> CatalogueEntry:
    found = read.find(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "quantization", "fixture"),
    [
        ("smollm2-135m-instruct", "Q4_1", "smollm2"),
        ("gemma-3-270m", "Q4_K_M", "gemma3"),
    ],
)
def test_a_real_file_is_predicted_to_the_block(
    name: str, quantization: str, fixture: str, request: pytest.FixtureRequest
) -> None:
    path: Path = request.getfixturevalue(fixture)
    real: Counter[str] = Counter()
    for tensor in read_header(path).tensors:
        real[tensor.type.name] += tensor.size
    shape = model_shape(_entry(name), quantization)
    predicted: Counter[str] = Counter()
    for group in shape.weights:
        predicted[group.type] += group.size
    assert {**predicted, "F32": 0} == {**real, "F32": 0}
    assert predicted["F32"] == pytest.approx(real["F32"], rel=0.6)  # small norms are left out
    assert file_size(_entry(name), quantization) == pytest.approx(path.stat().st_size, rel=0.02)


@pytest.mark.parametrize(
    ("entry", "quantization", "size"),
    [(entry, file.quantization, file.size) for entry in read.entries() for file in entry.files],
    ids=lambda value: getattr(value, "id", str(value)),
)
def test_a_published_file_is_predicted(entry: CatalogueEntry, quantization: str, size: int) -> None:
    assert file_size(entry, quantization) == pytest.approx(size, rel=0.03)


@pytest.mark.parametrize(
    "entry", [each for each in read.entries() if each.shape], ids=lambda entry: entry.id
)
def test_fewer_bits_are_fewer_bytes(entry: CatalogueEntry) -> None:
    sizes = {name: model_shape(entry, name).size for name in MIXES}
    assert sizes["F32"] > sizes["F16"] > sizes["Q8_0"] > sizes["Q6_K"] > sizes["Q4_K_M"]
    assert sizes["Q5_K_M"] >= sizes["Q5_K_S"] > sizes["Q4_K_M"] >= sizes["Q4_K_S"]
    assert sizes["Q4_K_S"] > sizes["Q3_K_S"] > sizes["Q2_K"] * 0.99


@pytest.mark.parametrize(
    ("name", "quantization", "fixture"),
    [("smollm2-135m-instruct", "Q4_1", "smollm2"), ("gemma-3-270m", "Q4_K_M", "gemma3")],
)
def test_a_shape_is_what_the_header_says(
    name: str, quantization: str, fixture: str, request: pytest.FixtureRequest
) -> None:
    real = shape_of(read_header(request.getfixturevalue(fixture)))
    shape = model_shape(_entry(name), quantization)
    assert shape.layers == real.layers
    assert (shape.embedding_width, shape.vocabulary) == (real.embedding_width, real.vocabulary)
    assert shape.context_length == real.context_length
    assert shape.tied == real.tied


def test_layers_without_a_cache_say_so() -> None:
    hybrid = model_shape(_entry("qwen3.5-4b"), "Q4_K_M").layers
    assert [bool(layer.kv_heads) for layer in hybrid[:4]] == [False, False, False, True]
    assert all(bool(layer.state) != bool(layer.kv_heads) for layer in hybrid)
    assert hybrid[0].state == 3 * (4096 + 2 * 16 * 128) + 128 * 4096
    embedding = model_shape(_entry("bge-small-en-v1.5"), "F16").layers
    assert not any(layer.cached for layer in embedding)
    borrowing = model_shape(_entry("gemma-4-e2b-it"), "Q4_K_M").layers
    assert [layer.cached for layer in borrowing] == [True] * 15 + [False] * 20


def test_a_table_that_every_layer_looks_into_is_no_output_matrix() -> None:
    shape = model_shape(_entry("gemma-4-e2b-it"), "Q4_K_M")
    tables = [group for group in shape.weights if group.role is WeightRole.TABLE]
    assert sum(group.elements for group in tables) == 262144 * 256 * 35
    assert shape.tied


def test_a_row_that_a_block_does_not_divide_gets_a_smaller_block() -> None:
    """SmolLM2's rows are 576 wide: no K type divides them."""
    types = {group.type for group in model_shape(_entry("smollm2-135m-instruct"), "Q4_K_M").weights}
    assert types >= {"F32", "Q5_0", "Q8_0"}


def test_experts_are_counted_apart() -> None:
    shape = model_shape(_entry("gpt-oss-20b"), "MXFP4")
    experts = [group for group in shape.weights if group.role is WeightRole.EXPERT]
    assert [group.type for group in experts] == ["MXFP4"]
    assert sum(group.elements for group in experts) > 0.9 * shape.parameters
    assert (shape.experts, shape.experts_used) == (32, 4)


def test_windows_fall_where_the_makers_put_them() -> None:
    gemma = model_shape(_entry("gemma-3-270m"), "F16")
    assert [index for index, layer in enumerate(gemma.layers) if layer.window is None] == [
        5,
        11,
        17,
    ]
    assert gemma.tied
    gpt = model_shape(_entry("gpt-oss-20b"), "F16")
    assert [layer.window for layer in gpt.layers[:4]] == [128, None, 128, None]


def test_more_bits_go_to_both_ends_and_every_third_between() -> None:
    assert [index for index in range(16) if more_bits(index, 16)] == [0, 1, 4, 7, 10, 13, 14, 15]


def test_an_unknown_quantization_is_named_with_those_that_are_known() -> None:
    with pytest.raises(UsageError, match="Q9_Z") as caught:
        model_shape(_entry("gemma-3-270m"), "Q9_Z")
    assert "Q4_K_M" in str(caught.value.hint)
