"""The names that PEFT and llama.cpp have for the same matrices, and the order of their rows.

Models in Hugging Face's order keep the two halves that rotary positions turn against each other
apart; llama.cpp's files of the Llama family have them side by side. The rows of what is added to
queries and keys have to be moved the same way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from freehold.errors import FormatError, UnsupportedModel
from freehold.formats.blocks.layout import Floats
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_lookup import per_layer, text

_PARTS: Mapping[str, str] = MappingProxyType(
    {
        "self_attn.q_proj": "attn_q",
        "self_attn.k_proj": "attn_k",
        "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output",
        "self_attn.qkv_proj": "attn_qkv",
        "mlp.gate_proj": "ffn_gate",
        "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down",
        "mlp.gate_up_proj": "ffn_up",
    }
)
_FAMILIES: Mapping[str, bool] = MappingProxyType(
    {
        "llama": True, "qwen2": False, "qwen3": False, "gemma2": False, "gemma3": False,
        "phi3": False, "olmo2": False, "qwen2moe": False, "qwen3moe": False,
    }
)  # fmt: skip
"""By architecture: whether llama.cpp's file has the rows of queries and keys in another order."""
_THEIRS = re.compile(
    r"(?:.*\.)?layers\.(?P<layer>[0-9]{1,4})\.(?P<part>[a-z_]+\.[a-z_]+)"
    r"\.lora_(?P<side>[AB])(?:\.[\w-]+)?\.weight"
)
_HEAD = re.compile(r"(?:.*\.)?lm_head\.lora_(?P<side>[AB])(?:\.[\w-]+)?\.weight")
_OURS = re.compile(r"blk\.(?P<layer>[0-9]+)\.(?P<part>[a-z_]+)\.weight")


def our_name(theirs: str) -> tuple[str, str]:
    """The tensor that a PEFT tensor changes, by llama.cpp's name, and its side: `A` or `B`.

    Raises UnsupportedModel for a part that no decoder here has.
    """
    if match := _HEAD.fullmatch(theirs):
        return "output.weight", match["side"]
    match = _THEIRS.fullmatch(theirs)
    part = _PARTS.get(match["part"]) if match else None
    if match is None or part is None:
        raise UnsupportedModel(
            f"The adapter changes {theirs!r}, which Freehold has no name for in a GGUF file.",
            "It knows the projections of attention and of the feed-forward part, and lm_head.",
        )
    return f"blk.{match['layer']}.{part}.weight", match["side"]


def their_name(ours: str, architecture: str) -> str:
    """The module that a tensor is in models of Hugging Face's: `model.layers.0.mlp.up_proj`."""
    if ours == "output.weight":
        return "lm_head"
    match = _OURS.fullmatch(ours)
    fused = architecture == "phi3"
    parts = {
        mine: theirs
        for theirs, mine in _PARTS.items()
        if (theirs in {"self_attn.qkv_proj", "mlp.gate_up_proj"}) == fused
        or mine not in {"ffn_up", "attn_qkv"}
    }
    if match is None or match["part"] not in parts:
        raise UnsupportedModel(f"PEFT has no name for the tensor {ours!r}.")
    return f"model.layers.{match['layer']}.{parts[match['part']]}"


def check_family(base: GgufHeader) -> None:
    """Raise UnsupportedModel for an architecture whose order of rows is not known here."""
    architecture = text(base, "general.architecture")
    if architecture not in _FAMILIES:
        raise UnsupportedModel(
            f"How adapters for models of the kind {architecture} are converted is not known here.",
            f"Known are {', '.join(sorted(_FAMILIES))}.",
        )


def to_our_rows(b: Floats, name: str, base: GgufHeader) -> Floats:
    """B of a PEFT adapter, (out, r), with its rows in the order of the GGUF base."""
    heads = _turned_heads(name, base)
    if heads is None:
        return b
    return np.ascontiguousarray(b[turned_rows(heads, len(b))])


def to_their_rows(b: Floats, name: str, base: GgufHeader) -> Floats:
    """The way back."""
    heads = _turned_heads(name, base)
    if heads is None:
        return b
    return np.ascontiguousarray(b[np.argsort(turned_rows(heads, len(b)))])


def turned_rows(heads: int, rows: int) -> NDArray[np.intp]:
    """For each row of llama.cpp's order the row of Hugging Face's that belongs there."""
    apart = np.arange(rows).reshape(heads, 2, rows // heads // 2)
    return apart.swapaxes(1, 2).reshape(-1)


def _turned_heads(name: str, base: GgufHeader) -> int | None:
    """How many heads the rows of a tensor are of, where they are in another order."""
    architecture = text(base, "general.architecture") or ""
    part = name.split(".")[-2]
    if not _FAMILIES[architecture] or part not in {"attn_q", "attn_k"}:
        return None
    heads = per_layer(base, f"{architecture}.attention.head_count")
    if part == "attn_k":
        heads = per_layer(base, f"{architecture}.attention.head_count_kv") or heads
    if isinstance(heads, tuple):
        heads = heads[int(name.split(".")[1])]
    if not heads:
        raise FormatError(f"{base.label} does not say how many heads it has.")
    return heads
