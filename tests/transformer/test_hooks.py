"""Activations are read, replaced and kept by their names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.transformer.making import IDS, made

from freehold.errors import UsageError
from freehold.transformer.hooks import activation_names
from freehold.transformer.transformer import Transformer

Array = NDArray[np.float32]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Transformer]:
    path: Path = made(tmp_path_factory.mktemp("hooks"))
    with Transformer.open(path, cache_bytes=1 << 20) as model:
        yield model


def test_every_activation_is_shown_in_the_order_it_is_computed(model: Transformer) -> None:
    seen: list[tuple[str, tuple[int, ...]]] = []
    model.trace(IDS, hooks={"*": lambda value, name: seen.append((name, value.shape))})
    assert [name for name, _ in seen] == list(activation_names(2))
    shapes = dict(seen)
    p = len(IDS)
    assert shapes["embed"] == shapes["layers.0.middle"] == shapes["final.norm"] == (p, 64)
    assert shapes["layers.1.attention.q"] == shapes["layers.1.attention.heads"] == (p, 4, 16)
    assert shapes["layers.1.attention.k"] == shapes["layers.1.attention.v"] == (p, 2, 16)
    assert shapes["layers.1.attention.scores"] == shapes["layers.1.attention.pattern"] == (4, p, p)
    assert shapes["layers.0.mlp.gate"] == shapes["layers.0.mlp.hidden"] == (p, 96)
    assert shapes["logits"] == (p, 512)


def test_a_zeroed_head_is_as_if_its_part_of_the_output_matrix_were_zero(model: Transformer) -> None:
    def zero(value: Array, _: str) -> Array:
        value = value.copy()
        value[:, 1] = 0
        return value

    name = "layers.0.attention.output"
    plain = model.trace(IDS, keep=[name, "layers.0.attention.heads", "residual"])
    without = model.trace(IDS, keep=[name, "residual"], hooks={"layers.0.attention.heads": zero})
    matrix = model.data.array("blk.0.attn_output.weight")[:, 16:32]
    part = plain.activations["layers.0.attention.heads"][:, 1] @ matrix.T
    difference = plain.activations[name] - without.activations[name]
    np.testing.assert_allclose(difference, part, atol=1e-4)
    assert (plain.residual[0] == without.residual[0]).all()
    assert np.abs(plain.residual[2] - without.residual[2]).max() > 0.1


def test_an_added_vector_goes_on_from_where_it_was_added(model: Transformer) -> None:
    push = np.linspace(-2, 2, 64, dtype=np.float32)
    plain = model.trace(IDS)
    pushed = model.trace(IDS, hooks={"layers.0.output": lambda value, _: value + push})
    np.testing.assert_allclose(pushed.residual[1], plain.residual[1] + push, atol=1e-5)
    assert np.abs(plain.logits - pushed.logits).max() > 0.1


def test_putting_back_what_was_there_changes_nothing(model: Transformer) -> None:
    names = [name for name in activation_names(2) if name != "logits"]
    plain = model.trace(IDS, keep=names)
    kept = plain.activations
    again = model.trace(IDS, hooks={name: lambda _, name: kept[name] for name in names})
    np.testing.assert_array_equal(again.logits, plain.logits)


def test_replaced_logits_are_the_traces(model: Transformer) -> None:
    trace = model.trace(IDS, hooks={"logits": lambda value, _: value * 0})
    assert not trace.logits.any()


def test_a_hook_cannot_write_into_what_it_is_shown(model: Transformer) -> None:
    def write(value: Array, _: str) -> None:
        value[0] = 0

    with pytest.raises(ValueError, match="read-only"):
        model.trace(IDS, hooks={"embed": write})


def test_a_replacement_of_another_shape_is_refused(model: Transformer) -> None:
    with pytest.raises(UsageError, match=r"layers\.0\.middle"):
        model.trace(IDS, hooks={"layers.0.middle": lambda value, _: value[:1]})


@pytest.mark.parametrize("name", ["layers.2.output", "layers.0.attention", "Residual"])
def test_a_name_that_is_none_is_refused(model: Transformer, name: str) -> None:
    with pytest.raises(UsageError, match="no activation"):
        model.trace(IDS, keep=[name])
    with pytest.raises(UsageError, match="no activation"):
        model.trace(IDS, hooks={name: lambda value, _: value})
