"""A decoder that learns: the loss of some texts, and its slope along all that is learned.

Positions of several texts are laid end to end without padding. Each sees its own text alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from freehold.modify.training.layer import DecoderLayer, Passed
from freehold.modify.training.low_rank import Layers, Learned
from freehold.modify.training.slopes import rms_norm_slope, soft_cap_slope
from freehold.transformer.attention import Turn
from freehold.transformer.config import TransformerConfig
from freehold.transformer.norm import rms_norm, soft_cap
from freehold.transformer.rope import RopeSettings
from freehold.transformer.transformer import Transformer

Array = NDArray[np.float32]

_LOGITS = 128 << 20
"""Bytes of logits held at once."""


@dataclass(frozen=True)
class Example:
    """One text as tokens. `learned[i]` says whether token i is to be learned: the answer's are."""

    ids: tuple[int, ...]
    learned: tuple[bool, ...]

    @property
    def count(self) -> int:
        """Tokens that are learned. The first of a text has nothing before it to come from."""
        return sum(self.learned[1:])


@dataclass(frozen=True)
class Losses:
    """What some texts cost: for each text the sum over its learned tokens, in nats."""

    sums: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def mean(self) -> float:
        """For each learned token."""
        return sum(self.sums) / max(1, sum(self.counts))


class Network:
    """A model and what is learned on top of it."""

    def __init__(
        self,
        model: Transformer,
        learned: Mapping[str, Learned],
        scale: float,
        *,
        remember: bool = True,
    ) -> None:
        """`scale` is alpha / rank. Without `remember` a layer is computed again on the way back:
        slower by about a third, and only each layer's input is held.
        """
        self._model = model
        self._config: TransformerConfig = model.config
        self._parts = Layers(model.weights, learned, scale)
        self._layers = [
            DecoderLayer(index, self._config, self._parts) for index in range(self._config.layers)
        ]
        self._remember = remember

    def untrained(self) -> Network:
        """The same model with nothing learned."""
        return Network(self._model, {}, 1.0)

    def losses(self, examples: Sequence[Example]) -> Losses:
        """What the texts cost, learning nothing."""
        x, texts, turns = self._begin(examples)
        for index, layer in enumerate(self._layers):
            x, _ = layer.forward(x, self._turn(index, turns), texts)
        return self._loss(x, examples, None)

    def learn(self, examples: Sequence[Example]) -> Losses:
        """The same, adding the slopes of the mean loss to all that is learned."""
        x, texts, turns = self._begin(examples)
        inputs: list[Array] = []
        passed: list[Passed | None] = []
        for index, layer in enumerate(self._layers):
            inputs.append(x)
            x, found = layer.forward(x, self._turn(index, turns), texts)
            passed.append(found if self._remember else None)
        slope = np.zeros_like(x)
        losses = self._loss(x, examples, slope)
        for index in reversed(range(len(self._layers))):
            layer, turn = self._layers[index], self._turn(index, turns)
            found = passed.pop() or layer.forward(inputs[index], turn, texts)[1]
            back = layer.backward(slope, found, turn, texts, through=index > 0)
            if back is not None:
                slope = back
        return losses

    def _begin(
        self, examples: Sequence[Example]
    ) -> tuple[Array, tuple[slice, ...], dict[RopeSettings, Turn]]:
        """Embeddings of all positions, where each text is, and the rotations of each position."""
        ends = np.cumsum([len(example.ids) for example in examples]).tolist()
        texts = tuple(slice(a, b) for a, b in zip([0, *ends], ends, strict=False))
        positions = np.concatenate([np.arange(len(example.ids)) for example in examples])
        turns = {
            rope: (cosine[positions], sine[positions])
            for rope, (cosine, sine) in self._model.layers.turns(int(positions.max()) + 1).items()
        }
        return (
            self._model.layers.embed([id_ for each in examples for id_ in each.ids]),
            texts,
            turns,
        )

    def _turn(self, layer: int, turns: dict[RopeSettings, Turn]) -> Turn:
        return turns[self._config.rope_of(layer)]

    def _loss(self, x: Array, examples: Sequence[Example], slope: Array | None) -> Losses:
        """The loss, and its slope along `x` written into `slope` if that is wanted."""
        rows, targets, owners = _learned_positions(examples)
        counts = tuple(example.count for example in examples)
        sums = np.zeros(len(examples))
        for part in self._pieces(len(rows)):
            lost = self._cross_entropy(x, rows[part], targets[part], slope, sum(counts))
            np.add.at(sums, owners[part], lost)
        return Losses(tuple(sums.tolist()), counts)

    def _cross_entropy(
        self,
        x: Array,
        rows: NDArray[np.intp],
        targets: NDArray[np.intp],
        slope: Array | None,
        count: int,
    ) -> Array:
        """Each row's loss, in nats."""
        weights, config = self._parts.weights, self._config
        norm, matrix = weights.vector("output_norm.weight"), self._model.unembedding.matrix
        normed = rms_norm(x[rows], norm, config.epsilon)
        logits = np.empty((len(rows), config.vocabulary), x.dtype)
        for start, strip in weights.strips(matrix):
            np.matmul(normed, strip.T, out=logits[:, start : start + len(strip)])
        if weights.has("output.bias"):
            logits += weights.vector("output.bias")
        logits = soft_cap(logits, config.logit_cap)
        largest = logits.max(axis=1, keepdims=True)
        total = np.exp(logits - largest).sum(axis=1, keepdims=True)
        at = np.arange(len(rows)), targets
        lost: Array = (largest + np.log(total))[:, 0] - logits[at]
        if slope is None:
            return lost
        along = np.exp(logits - largest) / total
        along[at] -= 1
        along /= count
        along = soft_cap_slope(along, logits, config.logit_cap)
        back = np.zeros_like(normed)
        for start, strip in weights.strips(matrix):
            back += along[:, start : start + len(strip)] @ strip
        slope[rows] = rms_norm_slope(back, x[rows], norm, config.epsilon)
        return lost

    def _pieces(self, rows: int) -> Iterator[slice]:
        step = max(1, _LOGITS // (4 * self._config.vocabulary))
        for start in range(0, rows, step):
            yield slice(start, start + step)


def _learned_positions(
    examples: Sequence[Example],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Positions whose next token is learned, those tokens, and which text each is of."""
    rows, targets, owners, start = [], [], [], 0
    for owner, example in enumerate(examples):
        for at in range(1, len(example.ids)):
            if example.learned[at]:
                rows.append(start + at - 1)
                targets.append(example.ids[at])
                owners.append(owner)
        start += len(example.ids)
    return np.array(rows, np.intp), np.array(targets, np.intp), np.array(owners, np.intp)
