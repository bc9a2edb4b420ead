"""What attention heads look at: a score for each of the habits that heads are known for.

Each score is the share of its attention that a head gives to one kind of place, averaged over the
places that have one. The habits are those of Elhage et al., "A Mathematical Framework for
Transformer Circuits" (2021), and Olsson et al., "In-context Learning and Induction Heads" (2022).
They say what a head does on this prompt, not what it is for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freehold.transformer.transformer import Transformer

    Mask = NDArray[np.bool_]

ENOUGH = 0.3
"""Below this share nothing is what a head mostly looks at."""
SMALL = 32
"""Rows and columns of a pattern that was made small."""


class Habit(StrEnum):
    """One kind of place to look at."""

    PREVIOUS = "previous token"
    FIRST = "first token"
    ITSELF = "itself"
    SAME = "same token before"
    INDUCTION = "what followed it before"
    """The token after an earlier copy of the present one: how a repetition is gone on with."""


SPREAD = "spread"
"""What is said of a head that looks at none of them much."""


@dataclass(frozen=True)
class Heads:
    """How much each head of each layer looks at each kind of place."""

    ids: tuple[int, ...]
    scores: NDArray[np.float32]
    """(layers, heads, habits in the order of `Habit`); NaN where the prompt has no such place."""
    chance: NDArray[np.float32]
    """(habits,): the score of a head that looks at all places alike."""
    small: NDArray[np.float32]
    """(layers, heads, s, s): every pattern made small, each part by its largest."""
    patterns: Mapping[int, NDArray[np.float32]]
    """By layer, for those that were to be kept: (heads, positions, positions), each row being
    where one position looks."""

    def habit(self, layer: int, head: int) -> Habit | None:
        """What it mostly looks at; None when it is spread."""
        return most_seen(self.scores[layer, head])


def read_heads(
    model: Transformer,
    ids: Sequence[int],
    *,
    keep: Collection[int] = (),
    progress: Progress = SILENT,
) -> Heads:
    """Run `ids` through the model and score every head, keeping the patterns of some layers.

    A pattern is looked at when its layer is run and then let go. Raises ContextExceeded,
    FormatError.
    """
    scores, small, kept = [], [], {}

    def look(pattern: NDArray[np.float32], name: str) -> None:
        scores.append(score(ids, pattern))
        small.append(smaller(pattern))
        if (layer := len(small) - 1) in keep:
            kept[layer] = pattern.copy()

    hooks = {f"layers.{layer}.attention.pattern": look for layer in range(model.config.layers)}
    model.trace(ids, keep=(), hooks=hooks, logits=False, progress=progress)
    chance = score(ids, _even(len(ids)))
    return Heads(tuple(ids), np.stack(scores), chance, np.stack(small), kept)


def score(ids: Sequence[int], pattern: NDArray[np.float32]) -> NDArray[np.float32]:
    """(…, positions, positions) to (…, habits): the shares that go to each kind of place."""
    return np.stack([_share(pattern, _places(habit, ids)) for habit in Habit], axis=-1)


def most_seen(scores: NDArray[np.float32]) -> Habit | None:
    """The habit with the highest score (habits,), where that is enough to speak of."""
    known = np.nan_to_num(scores, nan=-1.0)
    best = int(known.argmax())
    return list(Habit)[best] if known[best] >= ENOUGH else None


def _places(habit: Habit, ids: Sequence[int]) -> Mask:
    """(positions, positions): which places count for the habit, seen from each position.

    The first two positions are left out where they could not be told apart: from the second, the
    previous token is the first.
    """
    count = len(ids)
    tokens = np.asarray(ids)
    earlier = np.tril(np.ones((count, count), bool), -1)
    same = (tokens[:, None] == tokens[None, :]) & earlier
    if habit is Habit.SAME:
        return np.asarray(same)
    if habit is Habit.INDUCTION:
        followed = np.zeros((count, count), bool)
        followed[:, 1:] = same[:, :-1]
        return np.logical_and(followed, earlier)
    mask = {
        Habit.PREVIOUS: np.eye(count, k=-1, dtype=bool),
        Habit.FIRST: np.eye(1, count, dtype=bool).repeat(count, axis=0),
        Habit.ITSELF: np.eye(count, dtype=bool),
    }[habit]
    mask[:2] = False
    return mask


def _share(pattern: NDArray[np.float32], mask: Mask) -> NDArray[np.float32]:
    """The attention that goes to the marked places, averaged over positions that have any."""
    having = mask.any(axis=1)
    if not having.any():
        return np.full(pattern.shape[:-2], np.nan, np.float32)
    there = (pattern * mask).sum(axis=-1)
    return np.asarray(there[..., having].mean(axis=-1), np.float32)


def _even(count: int) -> NDArray[np.float32]:
    """The pattern of a head that looks at all places alike."""
    seen = np.arange(1, count + 1, dtype=np.float32)
    return np.tril(np.ones((count, count), np.float32)) / seen[:, None]


def smaller(pattern: NDArray[np.float32]) -> NDArray[np.float32]:
    """(heads, positions, positions) to (heads, s, s): thin lines stay to be seen."""
    count = pattern.shape[-1]
    if count <= SMALL:
        return pattern.copy()
    edges = np.arange(SMALL) * count // SMALL
    lower = np.maximum.reduceat(pattern, edges, axis=1)
    return np.asarray(np.maximum.reduceat(lower, edges, axis=2), np.float32)
