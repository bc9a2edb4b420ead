"""The logit lens: what each layer would say next if it were the last one.

The residual stream after a layer goes through the model's own final norm and output matrix, as if
the layers above were not there (nostalgebraist, "interpreting GPT: the logit lens", 2020). It shows
what can be read off in the last layer's terms; an early layer may know what it cannot show so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from freehold.errors import UsageError
from freehold.progress import SILENT, Progress
from freehold.study.readout import leaders, read_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freehold.transformer.transformer import Transformer


@dataclass(frozen=True)
class Lens:
    """What was read off, layer by position. A position speaks of the token after it."""

    ids: tuple[int, ...]
    """The whole prompt."""
    layers: tuple[int, ...]
    """The rows, as `Trace.residual` has them: 0 is the embedding, i + 1 what layer i leaves."""
    positions: tuple[int, ...]
    """The columns: places in `ids`."""
    tokens: NDArray[np.int64]
    """(layers, positions, top): the most likely next tokens, the first one coming first."""
    probabilities: NDArray[np.float32]
    """(layers, positions, top): theirs."""
    answers: tuple[int, ...]
    """By position: what the last layer says, which is the model's answer."""
    answer_probabilities: NDArray[np.float32]
    """(layers, positions): how likely that answer is at each layer."""
    answer_ranks: NDArray[np.int64]
    """(layers, positions): its rank there, 1 for the most likely."""
    totals: NDArray[np.float32]
    """(layers, positions): the log-sum-exp of the logits: any token's probability follows."""

    @property
    def first(self) -> tuple[int | None, ...]:
        """By position: the first of `layers` at which the answer is the most likely."""
        return tuple(
            next((at for at, rank in zip(self.layers, ranks, strict=True) if rank == 1), None)
            for ranks in self.answer_ranks.T
        )

    @property
    def settled(self) -> tuple[int | None, ...]:
        """By position: the layer from which on the answer stays the most likely."""
        return tuple(_settled(self.layers, ranks) for ranks in self.answer_ranks.T)


def logit_lens(
    model: Transformer,
    ids: Sequence[int],
    *,
    top: int = 5,
    layers: Sequence[int] | None = None,
    positions: Sequence[int] | None = None,
    progress: Progress = SILENT,
) -> Lens:
    """Run `ids` through the model and read every layer off.

    `layers` (0 being the embedding) and `positions` choose some; negative ones count from the end.
    Raises UsageError for those that there are not, ContextExceeded, FormatError.
    """
    rows = chosen(layers, model.config.layers + 1, "layer")
    columns = chosen(positions, len(ids), "position")
    trace = model.trace(ids, keep=("residual",), logits=False, progress=progress)
    return read_lens(model, ids, trace.residual, rows, columns, top=top, progress=progress)


def read_lens(
    model: Transformer,
    ids: Sequence[int],
    residual: NDArray[np.float32],
    layers: Sequence[int],
    positions: Sequence[int],
    *,
    top: int = 5,
    progress: Progress = SILENT,
) -> Lens:
    """The lens of a residual stream (layers + 1, positions, width) that was kept."""
    width, shape = residual.shape[-1], (len(layers), len(positions))
    answers = leaders(model, residual[-1, list(positions)])
    rows = residual[np.ix_(list(layers), list(positions))].reshape(-1, width)
    found = read_out(model, rows, np.tile(answers, len(layers)), top=top, progress=progress)
    return Lens(
        ids=tuple(ids),
        layers=tuple(layers),
        positions=tuple(positions),
        tokens=found.tokens.reshape(*shape, -1),
        probabilities=found.probabilities.reshape(*shape, -1),
        answers=tuple(int(each) for each in answers),
        answer_probabilities=found.asked.reshape(shape),
        answer_ranks=found.ranks.reshape(shape),
        totals=found.totals.reshape(shape),
    )


def token_probabilities(
    model: Transformer, residual: NDArray[np.float32], lens: Lens, token: int
) -> NDArray[np.float32]:
    """How likely one token is everywhere in the lens of `residual`: (layers, positions)."""
    rows = residual[np.ix_(lens.layers, lens.positions)]
    logits = model.unembed_tokens(rows, (token,))[..., 0]
    return np.asarray(np.exp(logits - lens.totals), np.float32)


def chosen(wanted: Sequence[int] | None, count: int, what: str) -> tuple[int, ...]:
    """Those of `count` that are wanted, from the first to the last; all of them for None."""
    if wanted is None:
        return tuple(range(count))
    for each in wanted:
        if not -count <= each < count:
            raise UsageError(f"There is no {what} {each}: there are {count}, from 0 on.")
    return tuple(sorted({each % count for each in wanted}))


def _settled(layers: Sequence[int], ranks: NDArray[np.int64]) -> int | None:
    found = None
    for layer, rank in zip(reversed(layers), reversed(ranks.tolist()), strict=True):
        if rank != 1:
            break
        found = layer
    return found
