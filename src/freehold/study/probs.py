"""How a model expects a text: for each token its probability, its rank, and what else it might be.

Surprise is -log2 of the probability, in bits: 0 for what was certain, 1 for one of two that were
equally likely. It adds up: a text's bits are what it would take to write it down with this model.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from freehold.errors import UsageError
from freehold.progress import SILENT, Progress
from freehold.study.readout import Readout, read_out
from freehold.study.residual import last_residual
from freehold.study.subject import Subject
from freehold.study.tokens import Token, token_of

_LEAST = 2.0**-126
"""Below this a float32 is no longer exact: what is less likely still counts as 126 bits."""


@dataclass(frozen=True)
class Alternative:
    """What might have stood there."""

    token: Token
    probability: float


@dataclass(frozen=True)
class Expected:
    """One token of a text, and how the model expected it from those before."""

    token: Token
    probability: float | None
    """None for the first token: there is nothing before it."""
    rank: int | None
    """1 where no other token was more likely."""
    bits: float | None
    """Its surprise."""
    alternatives: tuple[Alternative, ...]
    """The most likely tokens at this place, the likeliest first."""


@dataclass(frozen=True)
class Expectation:
    """A whole text."""

    model: str
    tokens: tuple[Expected, ...]
    next: tuple[Alternative, ...]
    """What would most likely come after it."""
    bits: float
    """Of all tokens but the first."""
    bytes: int
    """That those tokens stand for."""

    @property
    def perplexity(self) -> float:
        """2 to the bits a token: between how many equally likely tokens it had to choose."""
        scored = sum(each.bits is not None for each in self.tokens)
        return float(2 ** (self.bits / scored)) if scored else 1.0

    @property
    def bits_per_byte(self) -> float:
        """What is comparable between models that cut differently."""
        return self.bits / max(1, self.bytes)


def expectation(
    subject: Subject, ids: Sequence[int], *, top: int = 5, progress: Progress = SILENT
) -> Expectation:
    """How the model expects the tokens `ids`, each from all before it.

    Raises UsageError without a token, ContextExceeded for more than the model's context holds,
    FormatError where weights are no numbers.
    """
    if not ids:
        raise UsageError("The text is empty.", "Give some to look at.")
    subject.check_length(ids)
    model = subject.transformer
    rows = last_residual(model, ids, progress)
    asked = np.array([*ids[1:], 0], np.int64)
    said = read_out(model, rows, asked, top=top)
    tokens = tuple(_expected(subject, ids, said))
    return Expectation(
        subject.name,
        tokens,
        tuple(_alternatives(subject, said, len(ids) - 1)),
        bits=sum(each.bits for each in tokens if each.bits is not None),
        bytes=sum(len(each.token.piece) for each in tokens[1:]),
    )


def _expected(subject: Subject, ids: Sequence[int], said: Readout) -> Iterator[Expected]:
    yield Expected(token_of(subject, ids[0]), None, None, None, ())
    for row, token in enumerate(ids[1:]):
        probability = float(said.asked[row])
        yield Expected(
            token_of(subject, token),
            probability,
            int(said.ranks[row]),
            -math.log2(max(probability, _LEAST)) + 0.0,
            tuple(_alternatives(subject, said, row)),
        )


def _alternatives(subject: Subject, said: Readout, row: int) -> Iterator[Alternative]:
    for token, probability in zip(said.tokens[row], said.probabilities[row], strict=True):
        yield Alternative(token_of(subject, int(token)), float(probability))
