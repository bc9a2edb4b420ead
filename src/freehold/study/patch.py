"""Activation patching: which layer and position carry the difference between two prompts?

The model reads prompt B, but at one layer and one position it is given what it computed there for
prompt A. How much of A's answer comes back says how much of the difference passed through that
place (Meng et al., "Locating and Editing Factual Associations in GPT", 2022; Heimersheim and Nanda,
"How to use and interpret activation patching", 2024). A place that changes nothing may still know
it; what several places say together is not tried.

All the copies of B go on through the layers together, so that each weight is read once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from freehold.errors import UsageError
from freehold.progress import SILENT, Progress
from freehold.study.readout import leaders

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freehold.transformer.trace import Trace
    from freehold.transformer.transformer import Transformer

    Floats = NDArray[np.float32]

_ROWS = 4096
"""Positions, over all copies, that go through a layer at once: this bounds the memory."""
_LEAST = 1e-3
"""A smaller difference between the prompts is none that could be traced."""


class Part(StrEnum):
    """What is taken from A."""

    RESIDUAL = "residual"
    """The whole stream after a layer."""
    ATTENTION = "attention"
    """What a layer's attention adds to it."""
    MLP = "mlp"
    """What its feed-forward part adds."""


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
    """By part: (layers, positions of the contrast). 0: as after B; 1: as after A. The residual
    has one row more, its first one being the embedding."""


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
    """Try every layer and position. Raises ContextExceeded, FormatError."""
    width, layers = model.config.width, model.config.layers
    copies = np.empty((0, len(between.b), width), np.float32)
    with progress.task("Patching", layers, unit="layers") as task:
        for layer, planted in enumerate(_planted(model, between, parts, progress)):
            if layer:
                copies = _go_on(model, copies, layer - 1)
                task.advance(1)
            copies = np.concatenate([copies, planted])
    logits = model.unembed_tokens(copies[:, -1], (between.answer, between.other))
    difference = logits[:, 0] - logits[:, 1]
    span = between.a_difference - between.b_difference
    shares = ((difference - between.b_difference) / span).astype(np.float32)
    return Patching(between, _sorted(shares, parts, layers, len(between.positions)))


def _end(model: Transformer, ids: Sequence[int], progress: Progress) -> Floats:
    trace = model.trace(ids, keep=("residual",), logits=False, progress=progress)
    return np.asarray(trace.residual[-1, -1])


def _planted(
    model: Transformer, between: Contrast, parts: Sequence[Part], progress: Progress
) -> Iterator[Floats]:
    """After the embedding, then after each layer: the copies of B that are changed there.

    Each is (positions, width) with one row changed; in the order of `parts`, then of positions.
    """
    of_a = ("residual", "layers.*.attention.output", "layers.*.mlp.output")
    of_b = ("residual", "layers.*.middle")
    a = model.trace(between.a, keep=of_a, logits=False, progress=progress)
    b = model.trace(between.b, keep=of_b, logits=False, progress=progress)
    places = list(between.positions) if Part.RESIDUAL in parts else []
    yield _copies(b.residual[0], a.residual[0], places)
    for layer in range(model.config.layers):
        changed = [_changed(model, part, layer, a, b) for part in parts]
        whole, places = b.residual[layer + 1], list(between.positions)
        yield np.concatenate([_copies(whole, each, places) for each in changed])


def _changed(model: Transformer, part: Part, layer: int, a: Trace, b: Trace) -> Floats:
    """What B has after a layer (positions, width) where every position is given A's `part`.

    Up to the end of the layer each position is by itself then: one row is one position's change.
    """
    if part is Part.RESIDUAL:
        return np.asarray(a.residual[layer + 1])
    if part is Part.MLP:
        added = a.activations[f"layers.{layer}.mlp.output"]
        return np.asarray(b.activations[f"layers.{layer}.middle"] + added)
    name = f"layers.{layer}.attention.output"
    hooks = {name: lambda _, name: a.activations[name]}
    return np.asarray(model.run_layer(b.residual[layer][None], layer, hooks)[0])


def _copies(whole: Floats, changed: Floats, places: Sequence[int]) -> Floats:
    """A copy of `whole` (positions, width) for each of `places`, which it has from `changed`."""
    copies = np.repeat(whole[None], len(places), axis=0)
    copies[np.arange(len(places)), places] = changed[places]
    return copies


def _go_on(model: Transformer, copies: Floats, layer: int) -> Floats:
    """All copies through one layer, as many at a time as the memory is meant for."""
    at_once = max(1, _ROWS // copies.shape[1])
    for start in range(0, len(copies), at_once):
        some = slice(start, start + at_once)
        copies[some] = model.run_layer(copies[some], layer)
    return copies


def _sorted(
    shares: Floats, parts: Sequence[Part], layers: int, positions: int
) -> dict[Part, Floats]:
    """What came back for each copy, by part: (layers, positions)."""
    first = positions if Part.RESIDUAL in parts else 0
    rows = shares[first:].reshape(layers, len(parts), positions)
    found = {part: rows[:, at] for at, part in enumerate(parts)}
    if first:
        embedded = shares[None, :first]
        found[Part.RESIDUAL] = np.concatenate([embedded, found[Part.RESIDUAL]])
    return found
