"""How far the weights of two models lie apart, tensor by tensor and layer by layer.

Both are dequantized strip by strip, so two files of different types can be compared by what they
stand for. The relative difference is |a - b| / |a|, both as root of a sum of squares; the cosine is
that of the angle between the two, each seen as one long vector.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from freehold.progress import SILENT, Progress
from freehold.study.parts import layer_of, part_of
from freehold.study.tensor_survey import layer_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freehold.formats.tensor_data import TensorData
    from freehold.study.weights_file import StoredTensor, WeightsFile

STRIP = 1 << 20
"""Values of each that are dequantized in one go."""


@dataclass(frozen=True)
class Apart:
    """How far two groups of values lie apart."""

    relative: float | None
    """|first - second| / |first|; None where the first is all zeros or something is no number."""
    cosine: float | None
    """None where either is all zeros or something is no number."""


@dataclass(frozen=True)
class TensorDifference:
    """One tensor that both have, in one shape."""

    name: str
    layer: int | None
    part: str
    types: tuple[str, str]
    shape: tuple[int, ...]
    same_bytes: bool
    apart: Apart
    largest: float | None
    """The largest change of one value."""


@dataclass(frozen=True)
class WeightComparison:
    """The tensors of two models."""

    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    other_shapes: tuple[tuple[str, tuple[int, ...], tuple[int, ...]], ...]
    """Tensors that both have in different shapes: their values cannot be compared."""
    differences: tuple[TensorDifference, ...]
    """Every tensor that could be compared, layer by layer."""
    layers: tuple[tuple[int | None, Apart], ...]
    """All tensors of a layer taken together; None is what is in no layer."""
    whole: Apart

    @property
    def identical(self) -> int:
        """How many tensors are the same, byte for byte."""
        return sum(each.same_bytes for each in self.differences)


def compare_weights(
    first: WeightsFile, second: WeightsFile, progress: Progress = SILENT
) -> WeightComparison:
    """Compare what can be compared. Raises UnsupportedModel for a type that cannot be read."""
    from freehold.formats.tensor_data import TensorData

    one = {tensor.name: tensor for tensor in first.tensors}
    other = {tensor.name: tensor for tensor in second.tensors}
    both = sorted(one.keys() & other.keys(), key=layer_order)
    fitting = [name for name in both if one[name].shape == other[name].shape]
    compared: list[tuple[TensorDifference, _Sums]] = []
    total = sum(one[name].elements for name in fitting)
    with (
        ExitStack() as stack,
        progress.task("Comparing weights", total, "weights") as task,
    ):
        data = [
            [stack.enter_context(TensorData.open(path)) for path in each.paths]
            for each in (first, second)
        ]
        for name in fitting:
            pair = one[name], other[name]
            compared.append(_compare(data[0][pair[0].file], data[1][pair[1].file], *pair))
            task.advance(pair[0].elements)
    return WeightComparison(
        only_first=tuple(sorted(one.keys() - other.keys(), key=layer_order)),
        only_second=tuple(sorted(other.keys() - one.keys(), key=layer_order)),
        other_shapes=tuple(
            (name, one[name].shape, other[name].shape) for name in both if name not in set(fitting)
        ),
        differences=tuple(difference for difference, _ in compared),
        layers=tuple(_by_layer(compared)),
        whole=_together(sums for _, sums in compared),
    )


@dataclass(frozen=True)
class _Sums:
    """What adds up over strips and tensors: |a|², |b|², a·b, |a - b|²."""

    first: float = 0.0
    second: float = 0.0
    product: float = 0.0
    change: float = 0.0

    def __add__(self, other: _Sums) -> _Sums:
        return _Sums(
            self.first + other.first,
            self.second + other.second,
            self.product + other.product,
            self.change + other.change,
        )

    def apart(self) -> Apart:
        if not math.isfinite(self.first + self.second + self.product + self.change):
            return Apart(None, None)
        relative = math.sqrt(self.change / self.first) if self.first else None
        size = math.sqrt(self.first) * math.sqrt(self.second)
        return Apart(relative, self.product / size if size else None)


def _compare(
    data: TensorData, other: TensorData, tensor: StoredTensor, second: StoredTensor
) -> tuple[TensorDifference, _Sums]:
    name = tensor.name
    same = tensor.type == second.type and bool(np.array_equal(data.raw(name), other.raw(name)))
    width = tensor.shape[-1] if tensor.shape else 1
    rows, step = tensor.elements // width, max(1, STRIP // width)
    sums, largest = _Sums(), 0.0
    for start in range(0, rows, step):
        stop = min(start + step, rows)
        one = data.rows(name, start, stop)
        two = one if same else other.rows(name, start, stop)
        with np.errstate(over="ignore", invalid="ignore"):
            change = one - two
            sums += _Sums(_dot(one, one), _dot(two, two), _dot(one, two), _dot(change, change))
            largest = max(largest, float(np.abs(change).max()))
    known = math.isfinite(sums.change)
    difference = TensorDifference(
        name=name,
        layer=layer_of(name),
        part=str(part_of(name)),
        types=(tensor.type, second.type),
        shape=tensor.shape,
        same_bytes=same,
        apart=sums.apart(),
        largest=largest if known else None,
    )
    return difference, sums


def _dot(one: NDArray[np.float32], two: NDArray[np.float32]) -> float:
    """The sum of products: each row in single precision, the rows in double."""
    rows = np.einsum("ij,ij->i", one, two)
    return float(rows.sum(dtype=np.float64))


def _by_layer(
    compared: list[tuple[TensorDifference, _Sums]],
) -> Iterator[tuple[int | None, Apart]]:
    layers = sorted({each.layer for each, _ in compared}, key=lambda n: -1 if n is None else n)
    for layer in layers:
        yield layer, _together(sums for each, sums in compared if each.layer == layer)


def _together(sums: Iterable[_Sums]) -> Apart:
    total = _Sums()
    for each in sums:
        total += each
    return total.apart()
