"""Hold some examples out, to see on them what training is worth.

Samples that share a question stay together: an answer that was learned must not be asked for in the
test. Which are held out follows from the seed alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from freehold.errors import UsageError
from freehold.modify.data.sample import Sample


def split(
    samples: Sequence[Sample], share: float, seed: int
) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
    """What is trained on, and about `share` of all held out, at least one of each.

    Raises UsageError where there are fewer than two different questions.
    """
    groups: dict[object, list[Sample]] = {}
    for sample in samples:
        groups.setdefault(sample.question, []).append(sample)
    if len(groups) < 2:
        raise UsageError(
            "There is only one example, and none can be held out to see what training is worth.",
            "Give more examples, or others to test with: --held-out FILE.",
        )
    wanted = min(len(samples) - 1, max(1, round(share * len(samples))))
    order = np.random.default_rng([seed, 2]).permutation(len(groups))
    keys = list(groups)
    held_out: set[int] = set()
    for index in order[:-1]:
        if len(held_out) >= wanted:
            break
        held_out |= {id(sample) for sample in groups[keys[index]]}
    return (
        tuple(sample for sample in samples if id(sample) not in held_out),
        tuple(sample for sample in samples if id(sample) in held_out),
    )
