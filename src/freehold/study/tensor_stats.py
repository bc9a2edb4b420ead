"""Statistics of a tensor, from the very values it stands for: dequantized strip by strip.

Memory stays bounded whatever the tensor's size: two passes, one for the mean and the deviation, one
for what is measured by them. Values that are not finite are counted, and left out of all the rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freehold.formats.gguf import TensorInfo
    from freehold.formats.tensor_data import TensorData

STRIP = 1 << 21
"""Values dequantized in one go."""
OUTLIER = 6.0
"""Standard deviations from the mean, beyond which a value is an outlier: of normally distributed
ones, two in a thousand million are."""
BINS = 32
REACH = 4.0
"""The histogram reaches so many deviations to either side; what lies beyond is in its end bins."""


@dataclass(frozen=True)
class Extreme:
    """One of the values furthest from zero."""

    row: int
    column: int
    value: float


@dataclass(frozen=True)
class TensorStats:
    """What the values of one tensor are like. None where no value is finite."""

    name: str
    type: str
    shape: tuple[int, ...]
    """Slowest-changing dimension first: (out, in) for a matrix."""
    size: int
    """Bytes in the file."""
    elements: int
    low: float | None
    high: float | None
    mean: float | None
    deviation: float | None
    zeros: int
    outliers: int
    """More than `OUTLIER` deviations from the mean."""
    not_finite: int
    rows: int
    """Of the last dimension: all others count as rows."""
    dead_rows: tuple[int, ...]
    """Rows that are all zeros, by number; at most the first hundred."""
    dead_row_count: int
    histogram: tuple[int, ...]
    """Values in each of `BINS` bins of equal width, from REACH deviations below the mean to as many
    above it.
    """
    extremes: tuple[Extreme, ...]
    """The furthest from zero first."""

    @property
    def bin_edges(self) -> tuple[float, ...]:
        """Where the bins begin and end: one more than there are bins; empty with nothing finite."""
        if self.mean is None or self.deviation is None:
            return ()
        reach = REACH * (self.deviation or 1.0)
        return tuple(self.mean - reach + 2 * reach * n / BINS for n in range(BINS + 1))


def tensor_stats(data: TensorData, tensor: TensorInfo, extremes: int = 5) -> TensorStats:
    """Look through one tensor. Raises UnsupportedModel for a type that cannot be read."""
    first = _Moments()
    strips = _Strips(data, tensor)
    for _, values in strips:
        first.add(values)
    second = _Counts(first.mean, first.deviation, extremes)
    for start, values in strips:
        second.add(start, values)
    known = first.count > 0
    return TensorStats(
        name=tensor.name,
        type=tensor.type.name,
        shape=tensor.shape[::-1],
        size=tensor.size,
        elements=tensor.elements,
        low=first.low if known else None,
        high=first.high if known else None,
        mean=first.mean if known else None,
        deviation=first.deviation if known else None,
        zeros=first.zeros,
        outliers=second.outliers,
        not_finite=first.not_finite,
        rows=strips.rows,
        dead_rows=tuple(second.dead[:100]),
        dead_row_count=len(second.dead),
        histogram=tuple(int(count) for count in second.histogram),
        extremes=tuple(second.extremes),
    )


class _Strips:
    """A tensor's rows, some at a time; one that is all in one strip is dequantized only once."""

    def __init__(self, data: TensorData, tensor: TensorInfo) -> None:
        self._data, self._name = data, tensor.name
        width = tensor.shape[0] if tensor.shape else 1
        self.rows = tensor.elements // width
        self._step = max(1, STRIP // width)
        self._whole: NDArray[np.float32] | None = None

    def __iter__(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """(the first row's number, the rows' values)."""
        if self._step >= self.rows:
            if self._whole is None:
                self._whole = self._data.rows(self._name)
            yield 0, self._whole
            return
        for start in range(0, self.rows, self._step):
            yield start, self._data.rows(self._name, start, min(start + self._step, self.rows))


class _Moments:
    """What one pass adds up: each row in single precision, the rows in double."""

    def __init__(self) -> None:
        self.count = self.zeros = self.not_finite = 0
        self.low, self.high = math.inf, -math.inf
        self._sum = self._squares = 0.0

    def add(self, values: NDArray[np.float32]) -> None:
        with np.errstate(over="ignore", invalid="ignore"):
            sums = values.sum(axis=1)
            squares = np.einsum("ij,ij->i", values, values)
        if not (np.isfinite(sums).all() and np.isfinite(squares).all()):
            self._add_some(values[np.isfinite(values)], values.size)
            return
        self.count += values.size
        self.zeros += values.size - int(np.count_nonzero(values))
        self.low = min(self.low, float(values.min()))
        self.high = max(self.high, float(values.max()))
        self._sum += float(sums.sum(dtype=np.float64))
        self._squares += float(squares.sum(dtype=np.float64))

    def _add_some(self, known: NDArray[np.float32], size: int) -> None:
        """Where some are not finite, or too large to be squared in single precision."""
        self.not_finite += size - known.size
        self.zeros += known.size - int(np.count_nonzero(known))
        if not known.size:
            return
        self.count += known.size
        self.low = min(self.low, float(known.min()))
        self.high = max(self.high, float(known.max()))
        self._sum += float(known.sum(dtype=np.float64))
        self._squares += float(np.square(known, dtype=np.float64).sum())

    @property
    def mean(self) -> float:
        return self._sum / self.count if self.count else 0.0

    @property
    def deviation(self) -> float:
        """Of all values, not of a sample: the root of the mean square less the squared mean."""
        if not self.count:
            return 0.0
        return math.sqrt(max(self._squares / self.count - self.mean**2, 0.0))


class _Counts:
    """What the second pass counts, by the mean and the deviation of the first."""

    def __init__(self, mean: float, deviation: float, extremes: int) -> None:
        self._mean, self._far = mean, OUTLIER * deviation
        self._low, self._width = mean - REACH * (deviation or 1.0), 2 * REACH * (deviation or 1.0)
        self._most = extremes
        self.outliers = 0
        self.dead: list[int] = []
        self.histogram = np.zeros(BINS, np.int64)
        self.extremes: list[Extreme] = []

    def add(self, start: int, values: NDArray[np.float32]) -> None:
        finite = np.isfinite(values)
        whole = bool(finite.all())
        known = values.reshape(-1) if whole else values[finite]
        with np.errstate(over="ignore"):
            place = (known - np.float32(self._low)) * np.float32(BINS / self._width)
            far = np.abs(known - np.float32(self._mean)) > self._far
        self.outliers += int(np.count_nonzero(far))
        bins = np.clip(place, 0, BINS - 1, out=place).astype(np.uint8)
        self.histogram += np.bincount(bins, minlength=BINS)
        sizes = np.abs(values) if whole else np.where(finite, np.abs(values), np.float32(-1))
        largest = sizes.max(axis=1)
        self.dead += [
            start + int(row) for row in np.flatnonzero(largest == 0) if whole or finite[row].all()
        ]
        self._find_extremes(start, values, sizes, largest)

    def _find_extremes(
        self,
        start: int,
        values: NDArray[np.float32],
        sizes: NDArray[np.float32],
        largest: NDArray[np.float32],
    ) -> None:
        """The furthest from zero are in the rows whose own furthest is."""
        for row in _top(largest, self._most):
            for column in _top(sizes[row], self._most):
                if sizes[row, column] >= 0:
                    self.extremes.append(Extreme(start + row, column, float(values[row, column])))
        self.extremes.sort(key=lambda each: (-abs(each.value), each.row, each.column))
        del self.extremes[self._most :]


def _top(sizes: NDArray[np.float32], most: int) -> list[int]:
    """Where the largest are, in no order."""
    most = min(most, sizes.size)
    return [int(index) for index in np.argpartition(sizes, sizes.size - most)[sizes.size - most :]]
