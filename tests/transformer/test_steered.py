"""A decoder that is pushed: the hooks that one would have given to every trace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.modifying import write_random_vector
from tests.transformer.making import IDS, made

from freehold.formats.gguf import read_header
from freehold.formats.tensor_data import TensorData
from freehold.transformer.adapters import steering_hooks
from freehold.transformer.steered import SteeredTransformer
from freehold.transformer.transformer import Transformer


@pytest.fixture
def pushed(tmp_path: Path) -> tuple[Path, Path]:
    """A small model and a control vector for it."""
    model = made(tmp_path)
    return model, write_random_vector(tmp_path / "push.gguf", model, size=1.0)


def test_it_computes_what_hooks_do(pushed: tuple[Path, Path]) -> None:
    model, vector = pushed
    vectors = [(vector, 0.7)]
    with Transformer.open(model) as plain:
        last = f"layers.{plain.config.layers - 1}.output"
        hooks = steering_hooks(read_header(model), vectors)
        by_hooks = plain.trace(IDS, keep=(last,), hooks=hooks)
        assert not np.allclose(plain.trace(IDS).logits, by_hooks.logits)
    with SteeredTransformer.steered(TensorData.open(model), vectors) as steered:
        trace = steered.trace(IDS, keep=(last,))
        assert np.array_equal(trace.logits, by_hooks.logits)
        assert np.array_equal(trace.activations[last], by_hooks.activations[last])


def test_other_hooks_see_what_was_pushed(pushed: tuple[Path, Path]) -> None:
    model, vector = pushed
    seen: list[NDArray[np.float32]] = []

    def look(value: NDArray[np.float32], _: str) -> None:
        seen.append(value.copy())

    with SteeredTransformer.steered(TensorData.open(model), [(vector, 1.0)]) as steered:
        whole = steered.trace(IDS, keep=("layers.1.output",))
        looked = steered.trace(IDS, hooks={"layers.1.output": look})
        steered.trace(IDS, hooks={"layers.*.output": look})
    assert np.array_equal(whole.logits, looked.logits)
    assert np.array_equal(seen[0], whole.activations["layers.1.output"])
    assert np.array_equal(seen[-1], seen[0])
