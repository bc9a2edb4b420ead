"""What rows of the residual stream say of the next token, without ever holding all their logits.

A vocabulary of 262,144 tokens for 1,000 rows would be a gigabyte of logits. So they are taken in
strips of the vocabulary: of each strip only its leaders, its sum and a count are kept. It knows
rows, not layers or positions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from freehold.errors import FormatError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freehold.transformer.transformer import Transformer

    Floats = NDArray[np.float32]
    Tokens = NDArray[np.int64]

_STRIP_BYTES = 16_000_000
_FOLDS = 6
_GROUP = 1 << _FOLDS
"""Logits whose largest is looked at first: the leaders of a strip are in the leading groups."""


@dataclass(frozen=True)
class Readout:
    """For each row: its most likely tokens, and how one given token stands."""

    tokens: Tokens
    """(rows, top), the most likely first."""
    probabilities: Floats
    """(rows, top)."""
    asked: Floats
    """(rows,): the probability of the token that was asked about."""
    ranks: Tokens
    """(rows,): its rank, 1 for the most likely. Equals share the better one."""
    totals: Floats
    """(rows,): the logarithm of the sum of exp(logit): a logit less it is a log-probability."""


def read_out(
    model: Transformer,
    rows: Floats,
    asked: Tokens,
    *,
    top: int = 5,
    progress: Progress = SILENT,
) -> Readout:
    """The leaders of `rows` (n, width), and how likely the token `asked` (n,) is in each.

    Raises FormatError where a weight of the file makes a logit that is no number.
    """
    top = min(top, model.config.vocabulary)
    tally = _Tally(asked, logits_of(model, rows, asked), top)
    with progress.task("Reading it off", model.config.vocabulary, "tokens") as task:
        for first, logits in _strips(model, rows):
            tally.add(first, logits)
            task.advance(logits.shape[-1])
    return tally.result()


def logits_of(model: Transformer, rows: Floats, tokens: Tokens) -> Floats:
    """One logit of each row: that of its own token. Both (n,)."""
    different, place = np.unique(tokens, return_inverse=True)
    logits = model.unembed_tokens(rows, [int(each) for each in different])
    return np.asarray(logits[np.arange(len(rows)), place], np.float32)


def leaders(model: Transformer, rows: Floats) -> Tokens:
    """The most likely token of each row (n, width): (n,)."""
    best = np.full(len(rows), -np.inf, np.float32)
    found = np.zeros(len(rows), np.int64)
    for first, logits in _strips(model, rows):
        place = logits.argmax(axis=1)
        here = logits[np.arange(len(rows)), place]
        better = here > best
        best[better], found[better] = here[better], place[better] + first
    return found


def _strips(model: Transformer, rows: Floats) -> Iterator[tuple[int, Floats]]:
    size = max(_GROUP, _STRIP_BYTES // (4 * max(1, len(rows))) // _GROUP * _GROUP)
    for first, logits in model.unembed_parts(rows, min(size, 16_384)):
        if not np.isfinite(logits.max(initial=0.0)):
            token = first + int(np.flatnonzero(~np.isfinite(logits).all(axis=0))[0])
            matrix = "token_embd.weight" if model.config.tied else "output.weight"
            raise FormatError(
                f"The logit of token {token:,} is no number: look at row {token:,} of {matrix!r}.",
                "`freehold verify` tells whether it changed on the disk; else it was made so.",
            )
        yield first, logits


class _Tally:
    """Leaders, sums and counts of the strips so far."""

    def __init__(self, asked: Tokens, logits: Floats, top: int) -> None:
        """`asked` are the tokens asked about, `logits` theirs."""
        rows = len(asked)
        self._places = asked
        self._asked = logits
        self._most = np.full(rows, -np.inf, np.float32)
        self._sum = np.zeros(rows, np.float64)
        """Of exp(logit - most)."""
        self._above = np.zeros(rows, np.int64)
        self._tokens = np.zeros((rows, top), np.int64)
        self._logits = np.full((rows, top), -np.inf, np.float32)

    def add(self, first: int, logits: Floats) -> None:
        """Take in the logits of the tokens from `first` on."""
        above = logits > self._asked[:, None]
        inside = np.flatnonzero((self._places >= first) & (self._places < first + len(logits[0])))
        above[inside, self._places[inside] - first] = False  # its own, rounded in another way
        self._above += above.view(np.int8).sum(axis=1, dtype=np.int32)
        places = _leading(logits, self._tokens.shape[1])
        here = np.take_along_axis(logits, places, axis=1)
        self._merge(places + first, here)
        most = np.maximum(self._most, here.max(axis=1))
        self._sum *= np.exp(self._most - most)
        self._sum += np.exp(logits - most[:, None]).sum(axis=1)
        self._most = most

    def _merge(self, tokens: Tokens, logits: Floats) -> None:
        tokens = np.concatenate([self._tokens, tokens], axis=1)
        logits = np.concatenate([self._logits, logits], axis=1)
        order = np.argsort(-logits, axis=1, kind="stable")[:, : self._tokens.shape[1]]
        self._tokens = np.take_along_axis(tokens, order, axis=1)
        self._logits = np.take_along_axis(logits, order, axis=1)

    def result(self) -> Readout:
        """The whole."""
        total = (self._most + np.log(self._sum)).astype(np.float32)
        return Readout(
            self._tokens,
            np.exp(self._logits - total[:, None]),
            np.exp(self._asked - total),
            self._above + 1,
            total,
        )


def _leading(logits: Floats, top: int) -> NDArray[Any]:
    """Where the `top` largest of each row are, in no order."""
    rows, width = logits.shape
    if width % _GROUP or width // _GROUP <= top:
        top = min(top, width)
        return np.argpartition(logits, width - top, axis=1)[:, width - top :]
    groups = logits
    for _ in range(_FOLDS):  # halves on each other: what is left is as many apart as it is wide
        groups = np.maximum(*np.split(groups, 2, axis=1))
    count = groups.shape[1]
    chosen = np.argpartition(groups, count - top, axis=1)[:, -top:]
    places = (chosen[:, :, None] + count * np.arange(_GROUP)).reshape(rows, -1)
    here = np.take_along_axis(logits, places, axis=1)
    inner = np.argpartition(here, here.shape[1] - top, axis=1)[:, -top:]
    return np.take_along_axis(places, inner, axis=1)
