"""Which tensors a decoder has, by name and shape, and that a file has them all and no others.

A tensor that nothing here would use is a refusal, not a remark: a forgotten bias gives wrong
numbers that look like right ones.
"""

from __future__ import annotations

from collections.abc import Iterator

from freehold.errors import FormatError, UnsupportedModel
from freehold.formats.gguf import GgufHeader
from freehold.transformer.config import TransformerConfig
from freehold.transformer.families import QueryKeyNorm

Shape = tuple[int, ...]
"""As NumPy has it: (out, in) of a matrix."""


def check_tensors(header: GgufHeader, config: TransformerConfig) -> None:
    """Raise FormatError for a missing or misshapen tensor, UnsupportedModel for a strange one."""
    present = {name: tensor.shape[::-1] for name, tensor in header.by_name.items()}
    left = set(present)
    for name, shape, optional in _expected(config, present):
        left.discard(name)
        found = present.get(name)
        if found is None and not optional:
            raise FormatError(
                f"{header.label} has no tensor {name!r}, which a {config.family} model needs.",
                "It may be damaged (`freehold verify` tells), or one part of several.",
            )
        if found is not None and found != shape:
            raise FormatError(
                f"{header.label} has {name!r} of shape {found}, where {shape} is needed.",
                "It may be damaged: `freehold verify` tells.",
            )
    if left:
        raise UnsupportedModel(
            f"{header.label} has the tensor {min(left)!r}, which Freehold's {config.family} "
            "decoder would not use.",
            "It is a variant that Freehold cannot open up. `freehold run` may run it.",
        )


def _expected(
    config: TransformerConfig, present: dict[str, Shape]
) -> Iterator[tuple[str, Shape, bool]]:
    """Name, shape, and whether a model can do without."""
    table = (config.vocabulary, config.width)
    yield "token_embd.weight", table, False
    yield "output.weight", table, True
    yield "output.bias", (config.vocabulary,), True
    yield "output_norm.weight", (config.width,), False
    for name in config.differences.rope_factors:
        yield f"{name}.weight", (config.rope.width // 2,), True
    for layer in range(config.layers):
        at = f"blk.{layer}."
        for part in (_norms(config), _attention(config, at, present), _feed_forward(config)):
            for name, shape, optional in part:
                yield at + name, shape, optional


def _norms(config: TransformerConfig) -> Iterator[tuple[str, Shape, bool]]:
    family = config.differences
    if family.norm_before:
        yield "attn_norm.weight", (config.width,), False
        yield "ffn_norm.weight", (config.width,), False
    if family.norm_after:
        yield "post_attention_norm.weight", (config.width,), False
        yield "post_ffw_norm.weight", (config.width,), False
    if family.query_key_norm is not QueryKeyNorm.NONE:
        whole = family.query_key_norm is QueryKeyNorm.WHOLE
        for name, heads in (("attn_q_norm", config.heads), ("attn_k_norm", config.kv_heads)):
            yield f"{name}.weight", (config.head_width * (heads if whole else 1),), False


def _attention(
    config: TransformerConfig, at: str, present: dict[str, Shape]
) -> Iterator[tuple[str, Shape, bool]]:
    query, key = config.heads * config.head_width, config.kv_heads * config.head_width
    if f"{at}attn_qkv.weight" in present:
        yield from _linear("attn_qkv", query + 2 * key, config.width)
    else:
        for name, rows in (("attn_q", query), ("attn_k", key), ("attn_v", key)):
            yield from _linear(name, rows, config.width)
    yield from _linear("attn_output", config.width, query)


def _feed_forward(config: TransformerConfig) -> Iterator[tuple[str, Shape, bool]]:
    if config.differences.fused_gate:
        yield from _linear("ffn_up", 2 * config.hidden, config.width)
    else:
        yield from _linear("ffn_gate", config.hidden, config.width)
        yield from _linear("ffn_up", config.hidden, config.width)
    yield from _linear("ffn_down", config.width, config.hidden)


def _linear(name: str, rows: int, width: int) -> Iterator[tuple[str, Shape, bool]]:
    yield f"{name}.weight", (rows, width), False
    yield f"{name}.bias", (rows,), True
