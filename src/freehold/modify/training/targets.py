"""Which matrices of a model learn, how many numbers that is, and how they begin."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from freehold.errors import UsageError
from freehold.formats.gguf import GgufHeader
from freehold.modify.training.low_rank import Learned, fresh
from freehold.modify.training.plan import TrainingPlan

_ATTENTION = ("attn_q", "attn_k", "attn_v", "attn_qkv", "attn_output")
_ALL = (*_ATTENTION, "ffn_gate", "ffn_up", "ffn_down")
CHOICES = {"all": _ALL, "attention": _ATTENTION}
"""Words for several: every matrix of every layer learns best (Biderman et al., 2024)."""

_IN_A_LAYER = re.compile(r"blk\.(?P<layer>[0-9]{1,5})\.(?P<name>\w+)\.weight")


def targets_of(header: GgufHeader, choice: str = "all") -> Mapping[str, tuple[int, int]]:
    """The matrices' names without `.weight` and their shapes, (out, in), layer by layer.

    `choice` is a word of CHOICES or names with commas. Raises UsageError for a name that the model
    has not.
    """
    wanted = CHOICES.get(choice) or tuple(word.strip() for word in choice.split(","))
    matrices = _matrices(header)
    layers = 1 + max((layer for layer, _ in matrices), default=-1)
    found = {
        f"blk.{layer}.{name}": matrices[layer, name]
        for layer in range(layers)
        for name in wanted
        if (layer, name) in matrices
    }
    present = {name.split(".")[2] for name in found}
    if not found or (choice not in CHOICES and present != set(wanted)):
        missing = ", ".join(sorted(set(wanted) - present))
        raise UsageError(
            f"The layers of this model have no {missing}.", f"They have {', '.join(_ALL)}."
        )
    return found


def begin(header: GgufHeader, plan: TrainingPlan) -> dict[str, Learned]:
    """Fresh matrices for all that the plan teaches: the same from the same seed.

    Raises UsageError for more directions than a matrix has.
    """
    chance = np.random.default_rng([plan.seed, 0])
    targets = targets_of(header, plan.targets)
    name, least = min(((name, min(shape)) for name, shape in targets.items()), key=lambda p: p[1])
    if plan.rank > least:
        raise UsageError(
            f"{name} has {least:,} directions; --rank {plan.rank:,} is more.", "Lower --rank."
        )
    return {name: fresh(plan.rank, shape, chance) for name, shape in targets.items()}


def _matrices(header: GgufHeader) -> dict[tuple[int, str], tuple[int, int]]:
    """Of the layers: by layer and name."""
    found: dict[tuple[int, str], tuple[int, int]] = {}
    for tensor in header.tensors:
        if (match := _IN_A_LAYER.fullmatch(tensor.name)) and len(tensor.shape) == 2:
            width, rows = tensor.shape
            found[int(match["layer"]), match["name"]] = rows, width
    return found
