"""The axis of a chart: where values lie on it, and round numbers to mark it with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Axis:
    """From `low` to `high` in the values' own unit."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    """(value, label), rising."""
    doubling: bool = False
    """Whether each doubling takes the same room."""

    def share(self, value: float) -> float:
        """Where a value lies: 0 at the low end, 1 at the high end."""
        low, high = self.low, self.high
        if self.doubling:
            low, high, value = math.log2(low), math.log2(high), math.log2(value)
        return 0.5 if high == low else (value - low) / (high - low)


def linear_axis(values: Sequence[float], *, from_zero: bool = True, wanted: int = 5) -> Axis:
    """An axis that ends on round numbers, with about `wanted` steps. It begins at zero unless the
    values do not allow it or are not to.
    """
    low, high = min(values, default=0.0), max(values, default=1.0)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high == low:
        high = low + (abs(low) or 1.0)
    step = _round_step((high - low) / wanted)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    size, letter = _unit(max(abs(first), abs(last)) * step)
    ticks = tuple(
        (n * step, number(n * step / size, step / size) + letter if n else "0")
        for n in range(first, last + 1)
    )
    return Axis(first * step, last * step, ticks)


def doubling_axis(values: Sequence[float]) -> Axis:
    """An axis on which each doubling takes the same room, marked at powers of two: 512, 1k, 2k.

    All values must be above zero. Raises ValueError otherwise.
    """
    if not values or min(values) <= 0:
        raise ValueError("a doubling axis needs values above zero")
    first, last = math.floor(math.log2(min(values))), math.ceil(math.log2(max(values)))
    last += first == last
    stride = 1 + (last - first) // 12
    ticks = tuple((2.0**n, binary(2**n)) for n in range(first, last + 1, stride))
    return Axis(2.0**first, 2.0**last, ticks, doubling=True)


def number(value: float, step: float) -> str:
    """A number with as many decimals as steps of this size need, and commas."""
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    if digits and f"{step:.1e}"[2] != "0":  # 0.25
        digits += 1
    elif not digits and step % 1:
        digits = 1
    return f"{value:,.{digits}f}"


def binary(value: int) -> str:
    """A power of two as people say it: 512, 4k, 1M."""
    for size, letter in ((1 << 20, "M"), (1 << 10, "k")):
        if value >= size and value % size == 0:
            return f"{value // size}{letter}"
    return str(value)


def _unit(largest: float) -> tuple[float, str]:
    """Numbers of six digits and more are shown in thousands, millions, thousand millions."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if largest >= max(size, 1e5):
            return size, letter
    return 1.0, ""


def _round_step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next((step * power for step in _STEPS if step * power >= rough * 0.999), 10 * power)
