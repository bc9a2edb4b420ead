"""A GGUF header's shape of the network as a config.json that transformers loads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from freehold.errors import FormatError, UnsupportedModel
from freehold.formats.families import WINDOWS
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_lookup import integer, number, text
from freehold.formats.huggingface.config_read import compared_width, layer_types
from freehold.formats.huggingface.families import family_of_file
from freehold.formats.huggingface.parts import FEED_FORWARD, Dimensions
from freehold.formats.huggingface.rope import Rope, llama3_factors, read_rope, usual_magnitude
from freehold.formats.shape_of import shape_of

_LLAMA3 = (8192, 4096, 32768)
"""Trained lengths that are tried where a file does not say its own; its factors prove one right."""


def dimensions_of(header: GgufHeader) -> Dimensions:
    """The shape that a header states. Raises UnsupportedModel, FormatError."""
    family = family_of_file(text(header, "general.architecture"), header.label)
    shape = shape_of(header)
    names = header.by_name
    if shape.experts or (integer(header, "split.count") or 1) > 1:
        raise UnsupportedModel(f"{header.label} has experts, or is one part of several.")
    if not shape.layers or not shape.vocabulary or not shape.embedding_width:
        raise FormatError(f"{header.label} does not say its shape.")
    first = shape.layers[0]
    if (
        not first.heads
        or not first.kv_heads
        or any(
            (each.heads, each.kv_heads, each.key_width, each.feed_forward_width)
            != (first.heads, first.kv_heads, first.key_width, first.feed_forward_width)
            for each in shape.layers
        )
    ):
        raise UnsupportedModel(f"{header.label} has layers of different shapes.")
    known = (*family.biases, *(FEED_FORWARD if family.name == "llama" else ()))
    found = [part for part in known if f"blk.0.{part}.bias" in names]
    table = names.get("token_embd.weight")
    return Dimensions(
        family=family,
        layers=len(shape.layers),
        width=shape.embedding_width,
        hidden=first.feed_forward_width,
        heads=first.heads,
        kv_heads=first.kv_heads,
        head_width=first.key_width,
        vocabulary=shape.vocabulary if table is None else table.shape[-1],
        tied="output.weight" not in names,
        biases=tuple(found),
    )


def rope_of_file(
    header: GgufHeader, dim: Dimensions, tensors: Mapping[str, Any], old: Mapping[str, Any]
) -> Rope:
    """How positions are told. `tensors` has the rows of factors, by name; `old` what was kept of
    a configuration. Raises UnsupportedModel.
    """
    at = dim.family.name

    def given(key: str, default: float) -> float:
        found = number(header, f"{at}.rope.{key}")
        return default if found is None else found

    width = integer(header, f"{at}.rope.dimension_count") or dim.head_width
    kind = text(header, f"{at}.rope.scaling.type") or "none"
    factor = given("scaling.factor", 0.0) or given("scale_linear", 0.0) or 1.0
    base = given("freq_base", 10_000.0)
    context = integer(header, f"{at}.context_length") or 0
    original = integer(header, f"{at}.rope.scaling.original_context_length") or context
    more = number(header, f"{at}.rope.scaling.attn_factor")
    windows = number(header, f"{at}.rope.freq_base_swa")
    if at == "gemma3":
        windows = windows or 10_000.0
    rope = Rope(base, factor=factor, original=original, window_base=windows,
                share=width / dim.head_width)  # fmt: skip
    if "rope_freqs" in tensors:
        return _llama3(rope, width, tensors["rope_freqs"], old, header.label)
    if "rope_factors_long" in tensors:
        return Rope(
            base, "longrope", original=original, magnitude=more, share=rope.share,
            long=tuple(map(float, tensors["rope_factors_long"])),
            short=tuple(map(float, tensors["rope_factors_short"])),
        )  # fmt: skip
    if kind in {"none", "linear"}:
        stretched = kind == "linear" and factor != 1
        return rope if not stretched else _with(rope, "linear")
    if kind != "yarn":
        raise UnsupportedModel(f"{header.label} stretches positions by {kind!r}.")
    usual = usual_magnitude(_with(rope, "yarn"), context)
    return Rope(
        base, "yarn", factor, original,
        magnitude=None if more in {None, 1.0} else (more or 1.0) * usual,
        beta_fast=number(header, f"{at}.rope.scaling.yarn_beta_fast"),
        beta_slow=number(header, f"{at}.rope.scaling.yarn_beta_slow"),
    )  # fmt: skip


def config_of(header: GgufHeader, dim: Dimensions, rope: Rope, dtype: str) -> dict[str, Any]:
    """The configuration, without tokens."""
    at = dim.family.name
    context = integer(header, f"{at}.context_length")
    epsilon = number(header, f"{at}.attention.layer_norm_rms_epsilon")
    if not context or epsilon is None:
        raise FormatError(f"{header.label} does not say its context or its epsilon.")
    config: dict[str, Any] = {
        "architectures": [dim.family.class_name],
        "model_type": dim.family.model_type,
        "hidden_size": dim.width,
        "intermediate_size": dim.hidden,
        "num_hidden_layers": dim.layers,
        "num_attention_heads": dim.heads,
        "num_key_value_heads": dim.kv_heads,
        "head_dim": dim.head_width,
        "vocab_size": dim.vocabulary,
        "max_position_embeddings": context,
        "rms_norm_eps": short(epsilon),
        "tie_word_embeddings": dim.tied,
        "attention_bias": _all_or_none(dim, dim.family.biases, header.label),
        "hidden_act": dim.family.activation,
        "torch_dtype": dtype,
        **_rope(rope, context),
    }
    if at == "llama":
        config["mlp_bias"] = _all_or_none(dim, FEED_FORWARD, header.label)
    if at == "phi3" and rope.share != 1:
        config["partial_rotary_factor"] = rope.share
    window = integer(header, f"{at}.attention.sliding_window")
    if at in WINDOWS or at == "phi3":
        rule = WINDOWS.get(at)
        config["sliding_window"] = window or (rule.default if rule else None)
    if at == "qwen2" and window:
        config |= {"sliding_window": window, "use_sliding_window": False}
    if at.startswith("gemma"):
        config |= {
            "hidden_activation": dim.family.activation,
            "query_pre_attn_scalar": compared_width(dim),
            "layer_types": layer_types(dim.family, dim.layers),
        }
    if at == "gemma2":
        for key, usual in (("attn_logit_softcapping", 50.0), ("final_logit_softcapping", 30.0)):
            said = number(header, f"{at}.{key}")
            config[key] = usual if said is None else short(said)
    return config


def short(value: float) -> float:
    """The shortest decimal number that is the same float32: 1e-05, not 9.999999747378752e-06."""
    return float(str(np.float32(value)))


def _rope(rope: Rope, context: int) -> dict[str, Any]:
    said: dict[str, Any] = {"rope_theta": short(rope.base)}
    if rope.window_base is not None:
        said["rope_local_base_freq"] = short(rope.window_base)
    if rope.kind == "default":
        return said
    table: dict[str, Any] = {"rope_type": rope.kind}
    if rope.kind == "longrope":
        table |= {
            "long_factor": [*map(short, rope.long)],
            "short_factor": [*map(short, rope.short)],
        }
        said["original_max_position_embeddings"] = rope.original
        usual = usual_magnitude(rope, context)
        if rope.magnitude is not None and not math.isclose(rope.magnitude, usual, rel_tol=1e-6):
            table["attention_factor"] = short(rope.magnitude)
    else:
        table["factor"] = short(rope.factor)
    if rope.kind in {"llama3", "yarn"}:
        table["original_max_position_embeddings"] = rope.original
    if rope.kind == "llama3":
        table |= {"low_freq_factor": rope.low, "high_freq_factor": rope.high}
    if rope.kind == "yarn":
        more = {
            "attention_factor": rope.magnitude,
            "beta_fast": rope.beta_fast,
            "beta_slow": rope.beta_slow,
        }
        table |= {key: short(value) for key, value in more.items() if value is not None}
    said["rope_scaling"] = table
    return said


def _llama3(rope: Rope, width: int, factors: Any, old: Mapping[str, Any], label: str) -> Rope:
    """The four numbers that a tensor of factors follows from, if they are known."""
    guesses = [
        replace(rope, kind="llama3", factor=float(np.max(factors)), original=original)
        for original in _LLAMA3
    ]
    with suppress(FormatError):
        guesses.insert(0, read_rope(old, rope.base, rope.original))
    for tried in guesses:
        if tried.kind != "llama3" or tried.high <= tried.low:
            continue
        if np.allclose(llama3_factors(tried, width), factors, rtol=1e-4):
            return tried
    raise UnsupportedModel(
        f"{label} stretches each frequency by a factor of its own, from numbers that are not "
        "Llama 3's."
    )


def _with(rope: Rope, kind: str) -> Rope:
    return replace(rope, kind=kind)


def _all_or_none(dim: Dimensions, names: tuple[str, ...], label: str) -> bool:
    found = set(names) & set(dim.biases)
    if found and found != set(names):
        raise UnsupportedModel(
            f"{label} has biases on {', '.join(sorted(found))} alone, which no {dim.family.name} "
            "of transformers has."
        )
    return bool(found)
