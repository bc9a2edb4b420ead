"""Directions: the arithmetic on residuals, and what cannot be pushed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from tests.studying import SMALL, synthetic

from freehold.errors import FormatError, UsageError
from freehold.modify.steering import find_directions
from freehold.transformer.transformer import Transformer

TOWARD, AWAY = [[5, 6, 7], [8, 9, 7], [4, 7]], [[5, 6, 30], [8, 9, 30], [4, 30]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Transformer]:
    folder = tmp_path_factory.mktemp("steer")
    shape = replace(SMALL, layers=4, varied=True)
    with Transformer.open(synthetic(folder / "m.gguf", shape, "F16"), cache_bytes=1 << 24) as found:
        yield found


def last(model: Transformer, ids: list[int], layer: int) -> np.ndarray:
    """What a layer put out at the last position, by its own name."""
    name = f"layers.{layer}.output"
    found: np.ndarray = model.trace(ids, keep=(name,), logits=False).activations[name][-1]
    return found


def test_the_difference_of_means_at_each_layers_output(model: Transformer) -> None:
    found = find_directions(model, TOWARD, AWAY, "mean", (1, 3))
    assert sorted(found.directions) == [1, 2, 3]
    for layer, direction in found.directions.items():
        one = np.mean([last(model, ids, layer) for ids in TOWARD], axis=0)
        other = np.mean([last(model, ids, layer) for ids in AWAY], axis=0)
        np.testing.assert_allclose(direction, one - other, atol=1e-5)
    assert found.apart == (1.0, 1.0, 1.0)


def test_the_first_component_points_the_same_way(model: Transformer) -> None:
    found = find_directions(model, TOWARD, AWAY, "pca", (2, 2)).directions[2]
    mean = find_directions(model, TOWARD, AWAY, "mean", (2, 2)).directions[2]
    assert found @ mean > 0
    unit = found / np.linalg.norm(found)
    assert found @ unit == pytest.approx(float(mean @ unit), rel=1e-4)


def test_what_cannot_be_pushed(model: Transformer) -> None:
    with pytest.raises(UsageError, match=r"Layers 0 to 2 cannot be pushed: .* from 1 to 3"):
        find_directions(model, TOWARD, AWAY, "mean", (0, 2))
    with pytest.raises(UsageError, match="Layers 1 to 4"):
        find_directions(model, TOWARD, AWAY, "mean", (1, 4))
    with pytest.raises(UsageError, match="pca looks at pairs, and there are 3 texts"):
        find_directions(model, TOWARD, AWAY[:2], "pca", (1, 2))
    with pytest.raises(FormatError, match="Nothing sets the texts apart in layer 1"):
        find_directions(model, TOWARD, TOWARD, "mean", (1, 1))
