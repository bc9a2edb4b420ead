"""What the last layer leaves for the next token to be read from, for every position of a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from freehold.transformer.hooks import Hook
    from freehold.transformer.transformer import Transformer

_NO_HOOKS: Mapping[str, Hook] = MappingProxyType({})


def last_residual(
    model: Transformer,
    ids: Sequence[int],
    progress: Progress = SILENT,
    hooks: Mapping[str, Hook] = _NO_HOOKS,
) -> NDArray[np.float32]:
    """(positions, width): what `Transformer.unembed` makes the logits of. Nothing else is kept.

    Raises ContextExceeded, and FormatError where weights are no numbers.
    """
    name = f"layers.{model.config.layers - 1}.output"
    trace = model.trace(ids, keep=(name,), hooks=hooks, logits=False, progress=progress)
    return trace.activations[name]
