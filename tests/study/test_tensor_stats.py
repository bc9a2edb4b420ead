"""Statistics of tensors, against NumPy on the whole at once."""

from __future__ import annotations

import math
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.studying import Make

from freehold.formats.tensor_data import TensorData
from freehold.study import tensor_stats as module
from freehold.study.tensor_stats import BINS, OUTLIER, TensorStats, tensor_stats


def stats(path: Path, name: str = "a.weight") -> TensorStats:
    with TensorData.open(path) as data:
        return tensor_stats(data, data.info(name))


def of(make: Make, values: NDArray[np.float32]) -> TensorStats:
    shape = values.shape[::-1]
    return stats(make(tensors=[("a.weight", shape, "F32", values.astype("<f4").tobytes())]))


@pytest.mark.parametrize("strip", [1 << 21, 1000], ids=["at once", "in strips"])
@pytest.mark.parametrize("shape", [(64, 96), (5, 7, 32), (320,)], ids=str)
def test_against_numpy(
    strip: int, shape: tuple[int, ...], make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STRIP", strip)
    values = np.random.default_rng(3).normal(0.2, 0.5, shape).astype("f4")
    flat = values.reshape(-1)
    flat[[3, 40, 41]] = [9.5, -8.25, 0.0]
    found = of(make, values)
    assert found.shape == shape
    assert (found.low, found.high) == (-8.25, 9.5)
    assert found.mean == pytest.approx(values.mean(dtype="f8"), abs=1e-6)
    assert found.deviation == pytest.approx(values.std(dtype="f8"), rel=1e-6)
    assert found.zeros == np.count_nonzero(values == 0)
    far = np.abs(values.astype("f8") - values.mean(dtype="f8")) > OUTLIER * values.std(dtype="f8")
    assert found.outliers == np.count_nonzero(far) == 2
    expected, edges = np.histogram(np.clip(flat, found.bin_edges[0], found.bin_edges[-1]), BINS)
    assert sum(found.histogram) == values.size
    theirs = np.histogram(flat, found.bin_edges)[0]
    assert np.abs(np.array(found.histogram[1:-1]) - theirs[1:-1]).max() <= 1  # rounding at an edge
    assert len(edges) == len(expected) + 1
    width = shape[-1]
    assert [(each.row, each.column) for each in found.extremes[:2]] == [
        divmod(3, width),
        divmod(40, width),
    ]
    sizes = np.sort(np.abs(flat))[::-1][:5]
    assert [abs(each.value) for each in found.extremes] == sizes.tolist()


def test_dead_rows_are_named(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STRIP", 64)
    values = np.ones((200, 32), "f4")
    values[[7, 8, 199]] = 0
    found = of(make, values)
    assert (found.dead_rows, found.dead_row_count) == ((7, 8, 199), 3)
    assert found.zeros == 96


def test_values_that_are_no_numbers_are_counted_and_left_out(make: Make) -> None:
    values = np.arange(1, 65, dtype="f4").reshape(2, 32)
    values[0, 0], values[1, 1], values[1, 2] = math.nan, math.inf, -math.inf
    found = of(make, values)
    known = values[np.isfinite(values)]
    assert found.not_finite == 3
    assert (found.low, found.high) == (2.0, 64.0)
    assert found.mean == pytest.approx(known.mean())
    assert sum(found.histogram) == 61
    assert found.extremes[0].value == 64.0


def test_numbers_too_large_to_square_in_single_precision(make: Make) -> None:
    found = of(make, np.array([[1e30, -1e30, 3e38, 0.0]], "f4"))
    assert found.not_finite == 0
    assert found.high == pytest.approx(3e38)
    assert found.deviation == pytest.approx(np.std([1e30, -1e30, 3e38, 0.0]), rel=1e-5)


def test_nothing_finite_at_all(make: Make) -> None:
    found = of(make, np.full((2, 4), math.nan, "f4"))
    assert (found.low, found.mean, found.not_finite) == (None, None, 8)
    assert found.bin_edges == ()
    assert found.extremes == ()


def test_all_the_same_is_no_outlier(make: Make) -> None:
    found = of(make, np.full((3, 32), 0.1, "f4"))
    assert (found.outliers, found.dead_row_count) == (0, 0)
    assert found.deviation == pytest.approx(0, abs=1e-4)  # rows are added up in single precision


def test_quantized_values_are_what_they_stand_for(make: Make) -> None:
    block = struct.pack("<e", 0.5) + bytes(range(32))
    found = stats(make(tensors=[("a.weight", (32, 2), "Q8_0", block * 2)]))
    assert (found.low, found.high, found.zeros) == (0.0, 15.5, 2)
    assert found.mean == pytest.approx(7.75)
