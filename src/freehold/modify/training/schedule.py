"""How long each training step is: a short warm-up, then half a cosine down (Loshchilov, 2017)."""

from __future__ import annotations

import math


def rate_at(step: int, steps: int, peak: float, warm_up: float = 0.05) -> float:
    """The learning rate of step 0 to `steps` - 1; it ends at a tenth of `peak`."""
    warm = max(1, round(steps * warm_up))
    if step < warm:
        return peak * (step + 1) / warm
    done = (step - warm) / max(1, steps - warm)
    return peak * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * done)))
