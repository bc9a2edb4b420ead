"""Which tensors a model has: by Hugging Face's name and llama.cpp's, in which shape and order."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from freehold.formats.huggingface.families import Family
from freehold.formats.huggingface.stored import Order
from freehold.formats.peft_names import turned_rows

_ATTENTION = (
    ("self_attn.q_proj", "attn_q"),
    ("self_attn.k_proj", "attn_k"),
    ("self_attn.v_proj", "attn_v"),
)
_FUSED = (("self_attn.qkv_proj", "attn_qkv"),)
FEED_FORWARD = ("ffn_gate", "ffn_up", "ffn_down")


@dataclass(frozen=True)
class Dimensions:
    """The shape of one decoder. Widths are in numbers."""

    family: Family
    layers: int
    width: int
    hidden: int
    """Inside the feed-forward part."""
    heads: int
    kv_heads: int
    head_width: int
    vocabulary: int
    """Rows of the embedding."""
    tied: bool
    """The embedding is the output matrix too."""
    biases: tuple[str, ...] = ()
    """Our names of the matrices that have one."""


@dataclass(frozen=True)
class Part:
    """One tensor, in both."""

    theirs: str
    ours: str
    shape: tuple[int, ...]
    """As in NumPy: (out, in)."""
    heads: int | None = None
    """Of how many heads its rows are, where llama.cpp has them in another order."""
    shift: float = 0.0
    """What is added to each number on the way into a GGUF file."""

    @property
    def turned(self) -> Order | None:
        """For each row of a GGUF file the row of a checkpoint that belongs there."""
        return None if self.heads is None else turned_rows(self.heads, self.shape[0])


def parts(dim: Dimensions) -> Iterator[Part]:
    """All tensors of a model of this shape."""
    table = (dim.vocabulary, dim.width)
    shift = dim.family.shift
    yield Part("model.embed_tokens.weight", "token_embd.weight", table)
    yield Part("model.norm.weight", "output_norm.weight", (dim.width,), shift=shift)
    if not dim.tied:
        yield Part("lm_head.weight", "output.weight", table)
    for layer in range(dim.layers):
        theirs, ours = f"model.layers.{layer}.", f"blk.{layer}."
        for name, mine in dim.family.norms:
            yield Part(f"{theirs}{name}.weight", f"{ours}{mine}.weight", (dim.width,), shift=shift)
        yield from _head_norms(dim, theirs, ours)
        for name, mine, shape, heads in _matrices(dim):
            yield Part(f"{theirs}{name}.weight", f"{ours}{mine}.weight", shape, heads)
            if mine in dim.biases:
                yield Part(f"{theirs}{name}.bias", f"{ours}{mine}.bias", shape[:1], heads)


def biased(names: Collection[str], family: Family, layers: int) -> tuple[str, ...]:
    """Which of a checkpoint's matrices have a bias in some layer, by our names."""
    every = dict([*_ATTENTION, *_FUSED, *_REST, *_SPLIT_FEED])
    found = {name for name in names if name.endswith(".bias")}
    return tuple(
        mine
        for theirs, mine in every.items()
        if any(f"model.layers.{layer}.{theirs}.bias" in found for layer in range(layers))
    )


_REST = (("self_attn.o_proj", "attn_output"), ("mlp.down_proj", "ffn_down"))
_SPLIT_FEED = (("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"))


def _head_norms(dim: Dimensions, theirs: str, ours: str) -> Iterator[Part]:
    if dim.family.head_norms == "none":
        return
    for letter, heads in (("q", dim.heads), ("k", dim.kv_heads)):
        width = dim.head_width * (heads if dim.family.head_norms == "whole" else 1)
        yield Part(
            f"{theirs}self_attn.{letter}_norm.weight",
            f"{ours}attn_{letter}_norm.weight",
            (width,),
            shift=dim.family.shift,
        )


def _matrices(dim: Dimensions) -> Iterator[tuple[str, str, tuple[int, int], int | None]]:
    """Of one layer: their name, ours, (out, in), and of how many turned heads the rows are."""
    query, key = dim.heads * dim.head_width, dim.kv_heads * dim.head_width
    turned = dim.family.turned
    if dim.family.fused:
        yield "self_attn.qkv_proj", "attn_qkv", (query + 2 * key, dim.width), None
        yield "mlp.gate_up_proj", "ffn_up", (2 * dim.hidden, dim.width), None
    else:
        for (theirs, ours), rows, heads in zip(
            _ATTENTION, (query, key, key), (dim.heads, dim.kv_heads, None), strict=True
        ):
            yield theirs, ours, (rows, dim.width), heads if turned else None
        for theirs, ours in _SPLIT_FEED:
            yield theirs, ours, (dim.hidden, dim.width), None
    yield "self_attn.o_proj", "attn_output", (dim.width, query), None
    yield "mlp.down_proj", "ffn_down", (dim.width, dim.hidden), None
