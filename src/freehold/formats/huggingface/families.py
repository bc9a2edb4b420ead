"""What each family of decoders is called in Hugging Face's library, and how its tensors differ.

The names of configurations and modules are those of transformers (its files models/*/modeling_*.py
and configuration_*.py, version 5); those of GGUF are llama.cpp's (gguf-py/gguf/constants.py and
tensor_mapping.py). A family stands here once its logits after converting were compared with
torch's on the same weights (tests/formats/huggingface).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from freehold.errors import UnsupportedModel

_BEFORE = (("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm"))
_AFTER = (
    ("post_attention_layernorm", "post_attention_norm"),
    ("post_feedforward_layernorm", "post_ffw_norm"),
)
_BOTH = (
    ("input_layernorm", "attn_norm"),
    ("post_attention_layernorm", "post_attention_norm"),
    ("pre_feedforward_layernorm", "ffn_norm"),
    ("post_feedforward_layernorm", "post_ffw_norm"),
)


@dataclass(frozen=True)
class Family:
    """One row of the table. The defaults are Llama's."""

    name: str
    """`general.architecture`."""
    class_name: str
    model_type: str
    norms: tuple[tuple[str, str], ...] = _BEFORE
    """Of a layer: their name and ours."""
    head_norms: Literal["none", "head", "whole"] = "none"
    """What queries and keys are normed over."""
    fused: bool = False
    """Query, key and value are one matrix, and so are gate and up."""
    turned: bool = False
    """llama.cpp has the rows of queries and keys in another order."""
    shift: float = 0.0
    """What a GGUF file's norms have added to them."""
    activation: str = "silu"
    biases: tuple[str, ...] = ()
    """Our names of the matrices that may have one; all of them or none."""
    always_biased: bool = False
    """They have it whatever the configuration says."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """What a configuration means by leaving a number out."""


_ATTENTION = ("attn_q", "attn_k", "attn_v", "attn_output")
_PLAIN = {"tie_word_embeddings": False, "rms_norm_eps": 1e-6, "rope_theta": 10_000.0}

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        family.name: family
        for family in (
            Family("llama", "LlamaForCausalLM", "llama", turned=True, biases=_ATTENTION,
                   defaults={**_PLAIN, "max_position_embeddings": 2048}),
            Family("qwen2", "Qwen2ForCausalLM", "qwen2", biases=_ATTENTION[:3], always_biased=True,
                   defaults={**_PLAIN, "max_position_embeddings": 32768,
                             "num_key_value_heads": 32}),
            Family("qwen3", "Qwen3ForCausalLM", "qwen3", head_norms="head",
                   defaults={**_PLAIN, "max_position_embeddings": 32768, "head_dim": 128,
                             "num_key_value_heads": 32}),
            Family("gemma2", "Gemma2ForCausalLM", "gemma2", norms=_BOTH, shift=1.0,
                   activation="gelu_pytorch_tanh",
                   defaults={**_PLAIN, "tie_word_embeddings": True, "head_dim": 256,
                             "max_position_embeddings": 8192, "sliding_window": 4096,
                             "query_pre_attn_scalar": 256, "attn_logit_softcapping": 50.0,
                             "final_logit_softcapping": 30.0, "vocab_size": 256000}),
            Family("gemma3", "Gemma3ForCausalLM", "gemma3_text", norms=_BOTH, shift=1.0,
                   head_norms="head", activation="gelu_pytorch_tanh",
                   defaults={**_PLAIN, "tie_word_embeddings": True, "head_dim": 256,
                             "max_position_embeddings": 131072, "rope_theta": 1_000_000.0,
                             "rope_local_base_freq": 10_000.0, "sliding_window": 4096,
                             "query_pre_attn_scalar": 256, "num_attention_heads": 8,
                             "num_key_value_heads": 4, "vocab_size": 262208}),
            Family("phi3", "Phi3ForCausalLM", "phi3", fused=True,
                   defaults={**_PLAIN, "rms_norm_eps": 1e-5, "max_position_embeddings": 4096}),
            Family("olmo2", "Olmo2ForCausalLM", "olmo2", norms=_AFTER, head_norms="whole",
                   defaults={**_PLAIN, "rms_norm_eps": 1e-5, "max_position_embeddings": 2048}),
        )
    }
)  # fmt: skip
"""By `general.architecture`."""
_BY_TYPE: Mapping[str, str] = MappingProxyType(
    {
        **{family.model_type: name for name, family in FAMILIES.items()},
        "mistral": "llama",  # the same network
        "gemma3": "gemma3",  # its part for text
    }
)


def family_of_config(config: Mapping[str, Any], label: str) -> Family:
    """The row of a configuration. Raises UnsupportedModel with the names of those there are."""
    kind = config.get("model_type")
    name = _BY_TYPE.get(kind) if isinstance(kind, str) else None
    if name is None:
        what = f"of the kind {kind!r}" if isinstance(kind, str) else "of no kind that it names"
        known = ", ".join(sorted(_BY_TYPE))
        raise UnsupportedModel(
            f"{label} is {what[:80]}, which Freehold cannot convert.", f"It can convert {known}."
        )
    return FAMILIES[name]


def family_of_file(architecture: str | None, label: str) -> Family:
    """The row of a GGUF file. Raises UnsupportedModel."""
    if architecture is None or architecture not in FAMILIES:
        raise UnsupportedModel(
            f"{label} is of the family {architecture!r}, which Freehold cannot convert.",
            f"It can convert {', '.join(sorted(FAMILIES))}.",
        )
    return FAMILIES[architecture]
