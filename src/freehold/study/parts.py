"""Which part of a network a tensor belongs to, by its name.

Names are those of GGUF files (`blk.0.attn_q.weight`) and of the Hub's safetensors files
(`model.layers.0.self_attn.q_proj.weight`). What neither knows is "other", never a guess by shape.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Part(StrEnum):
    """A part of the network."""

    EMBEDDING = "embedding"
    """A row for each token, position or kind of token."""
    ATTENTION = "attention"
    MLP = "MLP"
    EXPERTS = "experts"
    """The MLPs among which a router chooses, with the router and those that always run."""
    STATE = "state space"
    """What stands in for attention in recurrent layers."""
    NORMS = "norms"
    OUTPUT = "output"
    """What turns the last layer into a score for each token."""
    VISION = "vision"
    """Towers for pictures or sound, and what joins them to the model."""
    OTHER = "other"


_RULES: tuple[tuple[Part, str], ...] = (
    (Part.VISION, r"^(v|mm|a)\.|vision|visual|image_newline|multi_modal|audio"),
    (Part.NORMS, r"norm|(^|\.)ln_|layer_?norm"),
    (Part.EXPERTS, r"_exps|_shexp|ffn_gate_inp|exp_probs|experts|\.router\.|block_sparse_moe"),
    (Part.EXPERTS, r"mlp\.gate\.(weight|e_score)"),
    (Part.STATE, r"ssm_|time_mix|channel_mix|shortconv|\.mamba|\.mixer\.|linear_attn|\.conv\."),
    (Part.ATTENTION, r"attn|attention|\.sinks"),
    (Part.MLP, r"ffn|mlp|feed_forward|fc[12]\."),
    (Part.EMBEDDING, r"tok.*_embd|position_embd|token_types|embed_tokens|embeddings?\.|wte|wpe"),
    (Part.OUTPUT, r"^output\.|lm_head|^cls|classifier|^score"),
)
_COMPILED = tuple((part, re.compile(rule)) for part, rule in _RULES)
_LAYER = re.compile(r"(?:^|\.)(?:blk|layers|layer|h|blocks)\.(\d{1,4})\.", re.ASCII)


def part_of(name: str) -> Part:
    """The part a tensor belongs to."""
    return next((part for part, rule in _COMPILED if rule.search(name)), Part.OTHER)


def layer_of(name: str) -> int | None:
    """The layer it is in, from 0; None outside of layers, and in the layers of a vision tower."""
    match = _LAYER.search(name)
    return int(match[1]) if match and part_of(name) is not Part.VISION else None
