"""Which quantization: the best that fits into a size, or the smallest that is close enough.

Sizes are known from shapes alone; what a quantization costs is measured on the finished file, since
it differs from model to model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from freehold.errors import UsageError
from freehold.units import human_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from freehold.study.quality import Cost

_LOOKED_AT = 2
"""Of those that fit into a size, so many of the largest are measured: the largest is not always the
best."""


@dataclass(frozen=True)
class Candidate:
    """One quantization that was made."""

    mix: str
    path: Path
    size: int
    cost: Cost | None
    """None where it was not measured."""

    @property
    def kl(self) -> float:
        """Nats a token from the model that it was made from; infinite where not measured."""
        return float("inf") if self.cost is None else self.cost.kl.mean.value


class Bench(Protocol):
    """Where candidates are made."""

    @property
    def sizes(self) -> Mapping[str, int]:
        """Bytes of every quantization that can be chosen, the smallest first."""

    def make(self, mix: str) -> Candidate:
        """Write one, and measure it."""

    def drop(self, candidate: Candidate) -> None:
        """Let go of one that is not wanted."""


def best_within(bench: Bench, size: int, *, measured: bool) -> Candidate:
    """The closest to the original among the largest that have at most `size` bytes.

    Raises UsageError where none is small enough.
    """
    _check_any(bench)
    fitting = [mix for mix, bytes_ in bench.sizes.items() if bytes_ <= size]
    if not fitting:
        mix, smallest = next(iter(bench.sizes.items()))
        raise UsageError(
            f"Nothing that can be made of it fits into {human_bytes(size)}: the smallest, {mix}, "
            f"has {human_bytes(smallest)}. Nothing was kept.",
            "Give a larger --target-size, or start from a smaller model.",
        )
    best = bench.make(fitting[-1])
    for mix in fitting[-_LOOKED_AT:-1] if measured else ():
        best = _closer(bench, best, bench.make(mix))
    return best


def smallest_within(bench: Bench, most: float) -> Candidate:
    """The smallest whose KL is at most `most`, found by halving: KL is taken to fall with size.

    Raises UsageError where even the largest is further off.
    """
    _check_any(bench)
    mixes = list(bench.sizes)
    found: Candidate | None = None
    nearest = (float("inf"), "")
    low, high = 0, len(mixes)
    while low < high:
        middle = (low + high) // 2
        candidate = bench.make(mixes[middle])
        nearest = min(nearest, (candidate.kl, candidate.mix))
        if candidate.kl <= most:
            if found is not None:
                bench.drop(found)
            found, high = candidate, middle
        else:
            bench.drop(candidate)
            low = middle + 1
    if found is None:
        raise UsageError(
            f"Nothing smaller is within {most:g} nats a token: the nearest, {nearest[1]}, is "
            f"{nearest[0]:.4f} away. Nothing was kept.",
            "Allow more with --max-kl, or give --importance with a text.",
        )
    return found


def _check_any(bench: Bench) -> None:
    """Raise UsageError for a model that is smaller than all that can be made of it."""
    if not bench.sizes:
        raise UsageError(
            "Nothing smaller can be made of it: it has fewer bits a weight than any of them has.",
            "Start from a model with more: F16, BF16, Q8_0.",
        )


def _closer(bench: Bench, one: Candidate, other: Candidate) -> Candidate:
    """Of two; the other is let go."""
    better, worse = (one, other) if one.kl <= other.kl else (other, one)
    bench.drop(worse)
    return better
