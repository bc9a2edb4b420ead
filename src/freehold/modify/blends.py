"""Several models of one shape made into one: linear, SLERP, TIES; a few rows at a time.

Linear averages weights (Wortsman et al., 2022). SLERP goes along the sphere between two (Shoemake,
1985), tensor by tensor. TIES keeps the largest changes against a base, lets each number's sign be
elected, and averages those that agree (Yadav et al., 2023). What has to be known of a whole tensor
first, an angle or a threshold, is gathered in passes over its rows, so that no tensor is ever held.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from freehold.formats.blocks.layout import Floats
from freehold.formats.tensor_data import TensorData
from freehold.modify.numbers import Blend, strips

_NEARLY_PARALLEL = 0.9995


@dataclass(frozen=True)
class Part:
    """One model in a blend."""

    data: TensorData
    weight: float = 1.0
    density: float = 1.0
    """TIES: the share of its changes that is kept."""


class _OfModels(Blend):
    def __init__(self, base: TensorData, parts: Sequence[Part]) -> None:
        super().__init__(base)
        self._parts = parts

    def changes(self, name: str) -> bool:
        """Every tensor is blended."""
        return name in self._infos

    def let_go(self, name: str) -> None:
        """The same of all of them."""
        super().let_go(name)
        for part in self._parts:
            part.data.let_go(name)

    def close(self) -> None:
        """Let go of all files."""
        super().close()
        for part in self._parts:
            part.data.close()


class Linear(_OfModels):
    """A weighted sum; `normalize` divides it by the weights' own."""

    def __init__(self, base: TensorData, parts: Sequence[Part], normalize: bool = True) -> None:
        super().__init__(base, parts)
        total = sum(part.weight for part in parts) if normalize else 1.0
        self._shares = [np.float32(part.weight / total) for part in parts]

    def _blended(self, name: str, start: int, stop: int) -> Floats:
        pairs = zip(self._parts, self._shares, strict=True)
        mixed = [part.data.rows(name, start, stop) * share for part, share in pairs]
        total: Floats = np.add.reduce(mixed)
        return total


class Slerp(_OfModels):
    """From the first of two at `t` = 0 to the second at 1."""

    def __init__(self, base: TensorData, parts: Sequence[Part], t: float) -> None:
        super().__init__(base, parts)
        self._t = t
        self._known: dict[str, tuple[float, float]] = {}

    def _blended(self, name: str, start: int, stop: int) -> Floats:
        if name not in self._known:
            self._known[name] = self._shares(name)
        first, second = self._known[name]
        one, other = (part.data.rows(name, start, stop) for part in self._parts)
        return one * np.float32(first) + other * np.float32(second)

    def _shares(self, name: str) -> tuple[float, float]:
        """What each is multiplied by: a straight line where the angle is too small to divide by."""
        product = squares_of_one = squares_of_other = 0.0
        for start, stop in strips(self._infos[name]):
            one, other = (
                part.data.rows(name, start, stop).astype(np.float64) for part in self._parts
            )
            product += float((one * other).sum())
            squares_of_one += float(np.square(one).sum())
            squares_of_other += float(np.square(other).sum())
        lengths = math.sqrt(squares_of_one * squares_of_other)
        cosine = max(-1.0, min(1.0, product / lengths)) if lengths else 1.0
        if abs(cosine) > _NEARLY_PARALLEL:
            return 1 - self._t, self._t
        angle = math.acos(cosine)
        whole = math.sin(angle)
        return math.sin((1 - self._t) * angle) / whole, math.sin(self._t * angle) / whole


class Ties(_OfModels):
    """A base and what several models made of it, trimmed, elected, averaged."""

    def __init__(
        self, base: TensorData, parts: Sequence[Part], normalize: bool = True, scale: float = 1.0
    ) -> None:
        super().__init__(base, parts)
        self._normalize = normalize
        self._scale = np.float32(scale)
        self._known: dict[str, list[int]] = {}

    def _blended(self, name: str, start: int, stop: int) -> Floats:
        if name not in self._known:
            self._known[name] = [self._threshold(name, part) for part in self._parts]
        base = self._base.rows(name, start, stop)
        changes: list[Floats] = []
        for part, least in zip(self._parts, self._known[name], strict=True):
            change = part.data.rows(name, start, stop) - base
            change[_sizes(change) < least] = 0
            changes.append(change * np.float32(part.weight))
        elected = np.sign(np.add.reduce(changes))
        agreed = [np.where(np.sign(change) == elected, change, 0) for change in changes]
        total: Floats = np.add.reduce(agreed)
        if self._normalize:
            shares = [
                np.where(each != 0, np.float32(part.weight), np.float32(0))
                for each, part in zip(agreed, self._parts, strict=True)
            ]
            weight = np.add.reduce(shares)
            total = np.divide(total, weight, out=np.zeros_like(total), where=weight != 0)
        return base + total * self._scale

    def _threshold(self, name: str, part: Part) -> int:
        """The size, as bits of a float, of the smallest change of a tensor that is kept.

        Sizes of floats are in the order of their bits: their upper half is counted first, then the
        lower half of those that the threshold is among.
        """
        elements = self._infos[name].elements
        wanted = max(1, round(part.density * elements))
        if wanted >= elements:
            return 0
        upper = np.zeros(1 << 16, np.int64)
        for sizes in self._sizes_of(name, part):
            upper += np.bincount(sizes >> np.uint32(16), minlength=1 << 16)
        among, left = _at(upper, wanted)
        lower = np.zeros(1 << 16, np.int64)
        for sizes in self._sizes_of(name, part):
            here = sizes[sizes >> np.uint32(16) == among] & np.uint32(0xFFFF)
            lower += np.bincount(here, minlength=1 << 16)
        return among << 16 | _at(lower, left)[0]

    def _sizes_of(self, name: str, part: Part) -> Iterator[NDArray[np.uint32]]:
        for start, stop in strips(self._infos[name]):
            change = part.data.rows(name, start, stop) - self._base.rows(name, start, stop)
            yield _sizes(change).reshape(-1)


def _sizes(change: Floats) -> NDArray[np.uint32]:
    """How large numbers are, as the bits of their absolute values."""
    return np.abs(change).view(np.uint32)


def _at(counts: NDArray[np.int64], wanted: int) -> tuple[int, int]:
    """The bin that the `wanted` largest end in, and how many of it are among them."""
    from_top = np.cumsum(counts[::-1])
    place = int(np.searchsorted(from_top, wanted))
    before = int(from_top[place - 1]) if place else 0
    return len(counts) - 1 - place, wanted - before
