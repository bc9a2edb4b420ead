"""Norms: bring a vector to one size, then weigh its parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def rms_norm(
    x: NDArray[np.float32], weight: NDArray[np.float32], epsilon: float
) -> NDArray[np.float32]:
    """Root mean square norm (Zhang and Sennrich, 2019): x / sqrt(mean(x²) + epsilon) · weight.

    `x` is (…, n) and `weight` (n,); the mean is taken over the last axis. Gemma's "1 + weight" is
    already added in a GGUF file.
    """
    mean = np.einsum("...i,...i->...", x, x) / np.float32(x.shape[-1])
    normed: NDArray[np.float32] = (x / np.sqrt(mean + np.float32(epsilon))[..., None]) * weight
    return normed


def soft_cap(x: NDArray[np.float32], cap: float | None) -> NDArray[np.float32]:
    """Squash numbers softly to between -cap and cap (Gemma Team, 2024): cap · tanh(x / cap)."""
    if cap is None:
        return x
    limit = np.float32(cap)
    capped: NDArray[np.float32] = np.tanh(x / limit) * limit
    return capped
