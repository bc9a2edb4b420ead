"""How likely each next token was, and how far two models' expectations lie apart.

A vocabulary of 262,144 for 255 positions is a quarter of a gigabyte of logits a model; they are
taken in strips of the vocabulary, and of each strip only running sums are kept. Logits are float32,
the sums float64.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from freehold.errors import FormatError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freehold.transformer.transformer import Transformer

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Tokens = NDArray[np.int64]

_STRIP = 8192
"""Tokens of the vocabulary at a time."""


@dataclass(frozen=True, eq=False)
class Likelihood:
    """For each of n positions."""

    log_probability: Doubles
    """Natural logarithm of the next token's probability: (n,)."""
    likeliest: Tokens
    """The token with the highest: (n,)."""


@dataclass(frozen=True, eq=False)
class Divergence:
    """For each of n positions, of two models that read the same text."""

    kl: Doubles
    """KL(P ‖ Q) = Σ P · log(P / Q), in nats: what is lost by expecting Q where P is right."""
    reference: Likelihood
    """P."""
    model: Likelihood
    """Q."""


def likelihood(model: Transformer, rows: Floats, targets: Tokens) -> Likelihood:
    """Score the `targets` (n,) by the last layer's `rows` (n, width).

    Raises FormatError where a weight makes a logit that is no number.
    """
    sums = _Sums(targets)
    for first, logits in _strips(model, rows):
        sums.add(first, logits)
    return sums.result()


def divergence(
    reference: Transformer, its_rows: Floats, model: Transformer, rows: Floats, targets: Tokens
) -> Divergence:
    """Both models' likelihoods of `targets` (n,), and the KL divergence at each position.

    The vocabularies must be the same; whoever calls has made sure. Raises FormatError.
    """
    p, q = _Sums(targets), _Sums(targets)
    gap = np.zeros(len(targets))
    """Of exp(a - most) * (a - b), where a and b are the logits: the sum behind KL."""
    strips = zip(_strips(reference, its_rows), _strips(model, rows), strict=True)
    for (first, a), (_, b) in strips:
        weights, kept = p.add(first, a)
        gap = gap * kept + np.multiply(weights, a - b).sum(axis=1, dtype=np.float64)
        q.add(first, b)
    kl = gap / p.total - p.log_total + q.log_total
    return Divergence(np.maximum(kl, 0.0), p.result(), q.result())


class _Sums:
    """The sum of exp(logit) in strips, kept small by the largest logit so far."""

    def __init__(self, targets: Tokens) -> None:
        n = len(targets)
        self._targets = targets
        self._rows = np.arange(n)
        self._most = np.full(n, -np.inf, np.float32)
        self._likeliest = np.zeros(n, np.int64)
        self._hit = np.zeros(n)
        self.total = np.zeros(n)
        """Of exp(logit - most)."""

    @property
    def log_total(self) -> Doubles:
        """Of exp(logit)."""
        return np.log(self.total) + self._most

    def add(self, first: int, logits: Floats) -> tuple[Floats, Doubles]:
        """Take in the logits of the tokens from `first` on.

        Returns exp(logit - most), and what older sums are to be multiplied by.
        """
        place = logits.argmax(axis=1)
        largest = logits[self._rows, place]
        self._likeliest = np.where(largest > self._most, place + first, self._likeliest)
        most = np.maximum(self._most, largest)
        kept = np.exp((self._most - most).astype(np.float64))
        weights = np.exp(logits - most[:, None])
        self.total = self.total * kept + weights.sum(axis=1, dtype=np.float64)
        self._most = most
        inside = (self._targets >= first) & (self._targets < first + logits.shape[1])
        self._hit[inside] = logits[inside, self._targets[inside] - first]
        return weights, kept

    def result(self) -> Likelihood:
        """The whole."""
        return Likelihood(self._hit - self.log_total, self._likeliest)


def _strips(model: Transformer, rows: Floats) -> Iterator[tuple[int, Floats]]:
    for first, logits in model.unembed_parts(rows, _STRIP):
        if not np.isfinite(logits).all():
            # What came this far was made of numbers: the trace has looked.
            matrix = "token_embd.weight" if model.config.tied else "output.weight"
            raise FormatError(
                f"output_norm.weight or {matrix} has weights that are not numbers.",
                "`freehold study tensors` says where. Fetch the file again, or another one.",
            )
        yield first, logits
