"""Which of several quantizations to get: the largest that the memory free now can hold.

A rough rule from sizes alone, for sources whose headers cannot be read from afar: weights, a cache
of a seventh of their size, and what the engine takes. Caches differ more than that: a small model
with many key and value heads takes up to twice as much. The smallest loss of quality that fits is
the best choice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from freehold.actions.load import ENGINE_OVERHEAD
from freehold.device.memory import memory
from freehold.errors import NotEnoughMemory, UsageError
from freehold.sources.choice import Candidate, candidates
from freehold.sources.interface import Offer, Role
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.names import ModelRef

_CACHE_SHARE = 1.15


def best_fit(offer: Offer) -> ModelRef:
    """The reference of the largest model on offer that fits into the memory that is free now.

    Raises NotEnoughMemory with the numbers when none does, UsageError when sizes are not stated.
    """
    every = [file for file in (*offer.files, *offer.alternatives) if file.role == Role.WEIGHTS]
    sized = [(needed, model) for model in candidates(every) if (needed := _needed(model))]
    if not sized:
        raise UsageError(f"{offer.ref} states no sizes to choose by.", "Name a file: REF:file.")
    free = memory().available
    fitting = [pair for pair in sized if pair[0] <= free]
    if not fitting:
        least, model = min(sized, key=lambda pair: pair[0])
        raise NotEnoughMemory(
            f"Nothing of {offer.ref} fits: {model.name}, the smallest, needs about "
            f"{human_bytes(least)} of memory and {human_bytes(free)} is free."
        )
    return replace(offer.ref, file=max(fitting, key=lambda pair: pair[0])[1].name)


def _needed(model: Candidate) -> int | None:
    """Bytes of memory, roughly; None where a size is not stated or a part is missing."""
    sizes = [file.size for file in model.files]
    if model.missing is not None or None in sizes:
        return None
    return int(sum(size for size in sizes if size) * _CACHE_SHARE) + ENGINE_OVERHEAD
