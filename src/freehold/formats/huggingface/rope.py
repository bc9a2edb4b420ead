"""How positions are told by a configuration, and by a GGUF file: bases, and ways to stretch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from freehold.errors import FormatError, UnsupportedModel
from freehold.formats.blocks.layout import Floats

_KINDS = {"default", "linear", "llama3", "yarn", "longrope"}
_ALSO = {"su": "longrope"}


@dataclass(frozen=True)
class Rope:
    """Rotary positions of one model."""

    base: float
    kind: str = "default"
    factor: float = 1.0
    original: int = 0
    """Positions it was trained with before it was stretched."""
    low: float = 1.0
    high: float = 4.0
    magnitude: float | None = None
    """By which queries and keys are made larger; None: as follows from the rest."""
    beta_fast: float | None = None
    beta_slow: float | None = None
    long: tuple[float, ...] = ()
    short: tuple[float, ...] = ()
    window_base: float | None = None
    """Of layers with a window."""
    share: float = 1.0
    """Of a head's numbers, those that take part."""


def read_rope(config: Mapping[str, Any], base: float, context: int) -> Rope:
    """What a configuration says, in the way of any version. Raises UnsupportedModel, FormatError.

    `base` is used where it says none; so is `context` for what it was trained with.
    """
    said, window = _tables(config)
    kind = said.get("rope_type", said.get("type", "default"))
    kind = _ALSO.get(kind, kind) if isinstance(kind, str) else kind
    if kind not in _KINDS:
        raise UnsupportedModel(
            f"Its rotary positions are stretched by {str(kind)[:40]!r}, which is not converted.",
            f"Known are {', '.join(sorted(_KINDS))}.",
        )
    strange = {"mscale", "mscale_all_dim"} & said.keys()
    if strange or said.get("truncate", True) is not True:
        raise UnsupportedModel(f"Its rotary positions have {min(strange or {'truncate'})!r}.")
    rope = Rope(
        base=_number(said.get("rope_theta", config.get("rope_theta")), base),
        kind=kind,
        window_base=window,
        share=_number(said.get("partial_rotary_factor", config.get("partial_rotary_factor")), 1.0),
    )
    if kind == "default":
        return rope
    original = config.get("original_max_position_embeddings") or context
    magnitude = said.get("attention_factor")
    return replace(
        rope,
        factor=_number(said.get("factor"), 1.0),
        original=int(_number(said.get("original_max_position_embeddings"), original)),
        low=_number(said.get("low_freq_factor"), 1.0),
        high=_number(said.get("high_freq_factor"), 4.0),
        magnitude=None if magnitude is None else _number(magnitude, 1.0),
        beta_fast=_optional(said.get("beta_fast")),
        beta_slow=_optional(said.get("beta_slow")),
        long=_factors(said.get("long_factor"), kind),
        short=_factors(said.get("short_factor"), kind),
    )


def llama3_factors(rope: Rope, width: int) -> Floats:
    """By what each frequency of a head is divided (Llama Team, 2024): `rope_freqs` in a GGUF file.

    Frequencies that turn often within the trained length stay, slow ones are divided by `factor`,
    those between by a mean of both.
    """
    frequency = 1.0 / rope.base ** (np.arange(0, width, 2, dtype=np.float32) / width)
    turns = rope.original * frequency / (2 * math.pi)
    share = np.clip((turns - rope.low) / (rope.high - rope.low), 0.0, 1.0)
    factors = 1.0 / ((1.0 - share) / rope.factor + share)
    out: Floats = factors.astype(np.float32)
    return out


def usual_magnitude(rope: Rope, context: int) -> float:
    """What transformers computes where a configuration leaves the attention factor out."""
    if rope.kind == "yarn":
        return 0.1 * math.log(rope.factor) + 1.0 if rope.factor > 1 else 1.0
    if rope.kind == "longrope" and rope.original and context > rope.original:
        return math.sqrt(1 + math.log(context / rope.original) / math.log(rope.original))
    return 1.0


def _tables(config: Mapping[str, Any]) -> tuple[Mapping[str, Any], float | None]:
    """The table for all layers, and the base of those with a window."""
    local = config.get("rope_local_base_freq")
    table = config.get("rope_parameters") or config.get("rope_scaling") or {}
    if not isinstance(table, dict):
        raise FormatError("Its rotary positions are not described by a table.")
    if isinstance(full := table.get("full_attention"), dict):
        sliding = table.get("sliding_attention") or {}
        if sliding.get("rope_type", "default") != "default":
            raise UnsupportedModel("The rotary positions of its windows are stretched.")
        return full, _optional(sliding.get("rope_theta", local))
    return table, _optional(local)


def _optional(value: Any) -> float | None:
    return None if value is None else _number(value, 1.0)


def _number(value: Any, default: float) -> float:
    if value is None:
        return float(default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FormatError(f"Its rotary positions have {value!r} where a number should be.")
    if not math.isfinite(value) or value <= 0:
        raise FormatError(f"Its rotary positions have the impossible number {value}.")
    return float(value)


def _factors(value: Any, kind: str) -> tuple[float, ...]:
    if kind != "longrope":
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str) or not 0 < len(value) <= 4096:
        raise FormatError("Its rotary positions have no list of factors, which longrope needs.")
    return tuple(_number(each, 1.0) for each in value)
