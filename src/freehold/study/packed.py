"""Many short texts scored in few traces: laid end to end, each seeing only itself.

A trace dequantizes every layer once, whether it is for ten tokens or for five hundred. So texts are
packed, and in every head the scores between two texts are set to minus infinity before the softmax.
Positions are told apart by rotation, in which only distances count: a text that begins at position
300 is read as it would be at 0. The numbers are those of separate traces but for their last digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from freehold.progress import SILENT, Progress
from freehold.study.likelihood import Likelihood, likelihood
from freehold.study.residual import last_residual

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freehold.transformer.hooks import Hook
    from freehold.transformer.transformer import Transformer

POSITIONS = 512
"""Of one trace, unless a single text is longer."""


@dataclass(frozen=True)
class Scored:
    """A text to score: the tokens from `first` on, by those before them. `first` is 1 or more."""

    ids: tuple[int, ...]
    first: int

    @property
    def places(self) -> tuple[int, ...]:
        """Where the scored tokens stand."""
        return tuple(range(self.first, len(self.ids)))


@dataclass(frozen=True)
class Marked:
    """The same for tokens that stand anywhere: `places`, each 1 or more, rising."""

    ids: tuple[int, ...]
    places: tuple[int, ...]


def log_probabilities(
    model: Transformer, texts: Sequence[Scored], progress: Progress = SILENT
) -> tuple[float, ...]:
    """Of each text, the natural logarithm of the probability of its scored tokens together.

    Raises ContextExceeded, and FormatError where weights are no numbers.
    """
    found = likelihoods(model, texts, progress)
    return tuple(float(each.log_probability.sum()) for each in found)


def likelihoods(
    model: Transformer, texts: Sequence[Scored | Marked], progress: Progress = SILENT
) -> tuple[Likelihood, ...]:
    """Of each text, how likely each of its scored tokens was. Raises the same."""
    found: list[Likelihood] = []
    with progress.task("Scoring", len(texts), "texts") as task:
        for pack in _packs(texts, min(POSITIONS, model.config.context)):
            found += _score(model, pack)
            task.advance(len(pack))
    return tuple(found)


def _packs(texts: Sequence[Scored | Marked], most: int) -> Iterator[list[Scored | Marked]]:
    pack: list[Scored | Marked] = []
    length = 0
    for text in texts:
        if pack and length + len(text.ids) > most:
            yield pack
            pack, length = [], 0
        pack.append(text)
        length += len(text.ids)
    if pack:
        yield pack


def read_apart(model: Transformer, texts: Sequence[tuple[int, ...]]) -> list[NDArray[np.float32]]:
    """What `last_residual` has of each text, all read in one trace. Raises the same."""
    lengths = [len(text) for text in texts]
    owners = np.repeat(np.arange(len(texts)), lengths)
    hooks = {"layers.*.attention.scores": _apart(owners)} if len(texts) > 1 else {}
    rows = last_residual(model, [token for text in texts for token in text], hooks=hooks)
    return np.split(rows, np.cumsum(lengths)[:-1])


def _score(model: Transformer, pack: list[Scored | Marked]) -> list[Likelihood]:
    read = read_apart(model, [text.ids for text in pack])
    places = [np.array(text.places, np.intp) for text in pack]
    scored = [rows[place - 1] for rows, place in zip(read, places, strict=True)]
    targets = [np.array(text.ids)[place] for text, place in zip(pack, places, strict=True)]
    each = likelihood(model, np.concatenate(scored), np.concatenate(targets))
    ends = np.cumsum([len(place) for place in places])[:-1]
    parts = zip(np.split(each.log_probability, ends), np.split(each.likeliest, ends), strict=True)
    return [Likelihood(*part) for part in parts]


def _apart(owners: NDArray[np.intp]) -> Hook:
    """A hook that lets every position see its own text alone."""
    unseen = owners[:, None] != owners

    def hook(scores: NDArray[np.float32], _: str) -> NDArray[np.float32]:
        return np.where(unseen, np.float32(-np.inf), scores)

    return hook
