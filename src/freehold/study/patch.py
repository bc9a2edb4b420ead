"""Activation patching: which layer and position carry the difference between two prompts?

The model reads prompt B, but at one layer and one position it is given what it computed there for
prompt A, or one head is. How much of A's answer comes back says how much of the difference passed
through there (Meng et al., "Locating and Editing Factual Associations in GPT", 2022; Heimersheim
and Nanda, "How to use and interpret activation patching", 2024). A place that changes nothing may
still know it; what several places say together is not tried.

All the copies of B go on through the layers together, so that each weight is read once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from freehold.errors import UsageError
from freehold.progress import SILENT, Progress, Task
from freehold.study.planting import OF_A, OF_B, Part, planted, planted_heads
from freehold.study.readout import leaders
from freehold.study.residual import last_residual

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freehold.transformer.transformer import Transformer

    Floats = NDArray[np.float32]

_ROWS = 4096
"""Positions, over all copies, that go through a layer at once: this bounds the memory."""
_COPIES = 256_000_000
"""Bytes of copies that are kept at once."""
_LEAST = 1e-3
"""A smaller difference between the prompts is none that could be traced."""


@dataclass(frozen=True)
class Contrast:
    """Two prompts of one length, and the two answers that tell them apart."""

    a: tuple[int, ...]
    b: tuple[int, ...]
    answer: int
    """A's."""
    other: int
    """B's."""
    a_difference: float
    """The logit of `answer` less that of `other`, after A."""
    b_difference: float
    """After B."""

    @property
    def positions(self) -> tuple[int, ...]:
        """Those from the first token on that is not the same: before it, nothing can differ."""
        pairs = zip(self.a, self.b, strict=True)
        first = next(at for at, (one, two) in enumerate(pairs) if one != two)
        return tuple(range(first, len(self.a)))


@dataclass(frozen=True)
class Patching:
    """What came back of A's answer."""

    contrast: Contrast
    recovered: Mapping[Part, Floats]
    """By part: (layers, positions of the contrast), or (layers, heads). 0: as after B; 1: as after
    A. The residual has one row more, its first one being the embedding."""


def contrast(
    model: Transformer,
    a: Sequence[int],
    b: Sequence[int],
    *,
    answer: int | None = None,
    other: int | None = None,
    progress: Progress = SILENT,
) -> Contrast:
    """What the two prompts differ in. Each one's most likely next token is its answer unless given.

    Raises UsageError where the prompts are of two lengths, are the same, or have one answer.
    """
    if len(a) != len(b):
        raise UsageError(
            f"The prompts are {len(a)} and {len(b)} tokens: each position needs its counterpart.",
            "Change words for others of as many tokens.",
        )
    if tuple(a) == tuple(b):
        raise UsageError("The prompts are the same.", "Change a word in one of them.")
    ends = np.stack([_end(model, each, progress) for each in (a, b)])
    best = leaders(model, ends)
    answer = int(best[0]) if answer is None else answer
    other = int(best[1]) if other is None else other
    if answer == other:
        raise UsageError(
            "Both prompts have the same answer.", "Say which to compare: --answer X --other Y."
        )
    logits = model.unembed_tokens(ends, (answer, other))
    difference = logits[:, 0] - logits[:, 1]
    if abs(difference[0] - difference[1]) < _LEAST:
        raise UsageError(
            "The prompts make no difference between the two answers.",
            "Choose others with --answer X --other Y.",
        )
    return Contrast(tuple(a), tuple(b), answer, other, float(difference[0]), float(difference[1]))


def patch(
    model: Transformer,
    between: Contrast,
    parts: Sequence[Part] = tuple(Part),
    *,
    progress: Progress = SILENT,
) -> Patching:
    """Try every layer and position, and every head, as many at a time as there is memory meant for.

    Raises ContextExceeded, FormatError.
    """
    a = model.trace(between.a, keep=OF_A, logits=False, progress=progress)
    b = model.trace(between.b, keep=OF_B, logits=False, progress=progress)
    at_places = tuple(part for part in parts if part is not Part.HEADS)
    places = _groups(model, between, between.positions, len(at_places))
    heads = _groups(model, between, range(model.config.heads), int(Part.HEADS in parts))
    found: dict[Part, list[Floats]] = {part: [] for part in parts}
    total = model.config.layers * (len(places) + len(heads))
    with progress.task("Patching", total, unit="layers") as task:
        for group in places:
            shares = _shares(model, between, planted(model, at_places, a, b, group), task)
            for part, rows in _sorted(shares, at_places, len(group)).items():
                found[part].append(rows)
        for group in heads:
            shares = _shares(model, between, planted_heads(model, a, b, group), task)
            found[Part.HEADS].append(shares.reshape(-1, len(group)))
    whole = {part: np.concatenate(rows, axis=1) for part, rows in found.items()}
    return Patching(between, whole)


def _groups(
    model: Transformer, between: Contrast, things: Sequence[int], copies: int
) -> list[Sequence[int]]:
    """Positions or heads, of each of which a layer makes so many copies, in parts that fit."""
    if not copies:
        return []
    each = 4 * len(between.b) * model.config.width * (model.config.layers + 1) * copies
    at_once = max(1, _COPIES // each)
    return [things[start : start + at_once] for start in range(0, len(things), at_once)]


def _end(model: Transformer, ids: Sequence[int], progress: Progress) -> Floats:
    return np.asarray(last_residual(model, ids, progress)[-1])


def _shares(model: Transformer, between: Contrast, planted: Iterable[Floats], task: Task) -> Floats:
    """How much of the way to A's answer each copy comes at its end, as they were planted."""
    copies: Floats | None = None
    for layer, more in enumerate(planted):
        if copies is None:
            copies = more
            continue
        copies = np.concatenate([_go_on(model, copies, layer - 1), more])
        task.advance(1)
    ends = np.asarray(copies)[:, -1]
    logits = model.unembed_tokens(ends, (between.answer, between.other))
    span = between.a_difference - between.b_difference
    shares = (logits[:, 0] - logits[:, 1] - between.b_difference) / span
    return np.asarray(shares, np.float32)


def _go_on(model: Transformer, copies: Floats, layer: int) -> Floats:
    """All copies through one layer, as many at a time as the memory is meant for."""
    at_once = max(1, _ROWS // copies.shape[1])
    for start in range(0, len(copies), at_once):
        some = slice(start, start + at_once)
        copies[some] = model.run_layer(copies[some], layer)
    return copies


def _sorted(shares: Floats, parts: Sequence[Part], positions: int) -> dict[Part, Floats]:
    """What came back for each copy, by part: (layers, positions)."""
    first = positions if Part.RESIDUAL in parts else 0
    rows = shares[first:].reshape(-1, len(parts), positions)
    found = {part: rows[:, at] for at, part in enumerate(parts)}
    if first:
        embedded = shares[None, :first]
        found[Part.RESIDUAL] = np.concatenate([embedded, found[Part.RESIDUAL]])
    return found
