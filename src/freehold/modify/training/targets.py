"""Which matrices of a model learn, and how many numbers that is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from freehold.errors import UsageError
from freehold.modify.training.low_rank import Learned, fresh
from freehold.transformer.transformer import Transformer

_ATTENTION = ("attn_q", "attn_k", "attn_v", "attn_qkv", "attn_output")
_ALL = (*_ATTENTION, "ffn_gate", "ffn_up", "ffn_down")
CHOICES = {"all": _ALL, "attention": _ATTENTION}
"""Words for several: every matrix of every layer learns best (Biderman et al., 2024)."""


def targets_of(model: Transformer, choice: str = "all") -> tuple[str, ...]:
    """The tensors' names without `.weight`, for a word of CHOICES or names with commas.

    Raises UsageError for a name that the model has not.
    """
    wanted = CHOICES.get(choice) or tuple(word.strip() for word in choice.split(","))
    found = tuple(
        f"blk.{layer}.{name}"
        for layer in range(model.config.layers)
        for name in wanted
        if model.weights.has(f"blk.{layer}.{name}.weight")
    )
    present = {name.split(".")[2] for name in found}
    if not found or (choice not in CHOICES and present != set(wanted)):
        missing = ", ".join(sorted(set(wanted) - present))
        raise UsageError(
            f"The layers of this model have no {missing}.", f"They have {', '.join(_ALL)}."
        )
    return found


def begin(
    model: Transformer, names: Iterable[str], rank: int, chance: np.random.Generator
) -> dict[str, Learned]:
    """Fresh matrices for each of these."""
    found: dict[str, Learned] = {}
    for name in names:
        rows, width = model.weights.shape(f"{name}.weight")
        found[name] = fresh(min(rank, rows, width), (rows, width), chance)
    return found
