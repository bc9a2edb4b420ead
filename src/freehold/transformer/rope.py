"""Rotary positions (Su et al., 2021): a query and a key are turned by an angle for each position.

Two numbers of a head make a pair; pair i at position p is rotated by p · base^(-2i/n). A longer
context than a model was trained with is had by turning more slowly ("stretching"):

- linear: every angle divided by one factor (Chen et al., 2023);
- by a factor for each pair, from the file (Llama 3's `rope_freqs`; LongRoPE, Ding et al., 2024);
- YaRN (Peng et al., 2023): fast pairs stay, slow pairs are divided, a ramp between them; and what
  is compared is made a little larger.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class RopeSettings:
    """How a layer turns its queries and keys."""

    width: int
    """How many of a head's numbers take part, from the first on."""
    interleaved: bool
    """Pairs are neighbours; otherwise number i goes with i + width / 2."""
    base: float
    stretch: float = 1.0
    """Angles are divided by this."""
    yarn: bool = False
    """Slow pairs only."""
    yarn_fast: float = 32.0
    """A pair that turns more often than this within `original_context` is not stretched."""
    yarn_slow: float = 1.0
    """One that turns less often is stretched in full."""
    original_context: int = 0
    """Positions that the model was trained with before it was stretched."""
    magnitude: float = 1.0
    """Queries and keys are made larger by this."""


def rotations(
    rope: RopeSettings, positions: int, factors: NDArray[np.float32] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cosines and sines, each (positions, width / 2). `factors`, (width / 2,), divide each pair."""
    frequency = rope.base ** (-np.arange(0, rope.width, 2) / rope.width)
    if factors is not None:
        frequency = frequency / factors
    magnitude = rope.magnitude
    if rope.yarn:
        kept = _unstretched(rope)
        frequency = frequency * (kept + (1 - kept) / rope.stretch)
        magnitude *= 1 + 0.1 * math.log(rope.stretch)
    else:
        frequency = frequency / rope.stretch
    angle = np.arange(positions)[:, None] * frequency
    cosine, sine = np.cos(angle) * magnitude, np.sin(angle) * magnitude
    return cosine.astype(np.float32), sine.astype(np.float32)


def rotate(
    x: NDArray[np.float32],
    turn: tuple[NDArray[np.float32], NDArray[np.float32]],
    rope: RopeSettings,
) -> NDArray[np.float32]:
    """Turn `x`, (positions, heads, head width), by what `rotations` gave for its positions."""
    cosine, sine = (part[:, None, :] for part in turn)
    half = rope.width // 2
    if rope.interleaved:
        first, second = slice(0, rope.width, 2), slice(1, rope.width, 2)
    else:
        first, second = slice(0, half), slice(half, rope.width)
    a, b = x[..., first], x[..., second]
    turned = x.copy()  # numbers past `width` stay as they are
    turned[..., first] = a * cosine - b * sine
    turned[..., second] = a * sine + b * cosine
    return turned


def _unstretched(rope: RopeSettings) -> NDArray[np.float64]:
    """Which share of each pair keeps its speed: 1 for fast pairs, 0 for slow ones."""

    def pair_that_turns(times: float) -> float:
        turns = rope.original_context / (times * 2 * math.pi)
        return rope.width * math.log(turns) / (2 * math.log(rope.base))

    low = max(0, math.floor(pair_that_turns(rope.yarn_fast)))
    high = min(rope.width - 1, math.ceil(pair_that_turns(rope.yarn_slow)))
    pairs = np.arange(rope.width // 2)
    kept: NDArray[np.float64] = 1 - np.clip((pairs - low) / max(0.001, high - low), 0, 1)
    return kept
