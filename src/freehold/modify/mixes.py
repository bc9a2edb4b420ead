"""What each tensor of a file becomes under a quantization's name: the rules of `formats.mixes`, by
the tensors' own names, in llama.cpp's order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType

from freehold.errors import FormatError, UnsupportedModel, UsageError
from freehold.formats.blocks.quantize import QUANTIZED
from freehold.formats.gguf import GgufHeader, TensorInfo
from freehold.formats.gguf_lookup import integer, per_layer, text
from freehold.formats.gguf_types import BlockType
from freehold.formats.mixes import MIXES, Mix, Part, Place
from freehold.formats.split import split_facts
from freehold.modify.writing import Target

WRITABLE = tuple(name for name, base in MIXES.items() if base in QUANTIZED)
"""The quantizations that can be made here, about the largest first."""
LADDER = (
    "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q5_K_S", "Q4_K_M", "Q4_K_S", "IQ4_XS", "Q3_K_L", "Q3_K_M",
    "Q3_K_S", "Q2_K",
)  # fmt: skip
"""Those among which a size or a quality chooses. Left out are the older ones: at their size one of
these is better."""
NEEDS_IMPORTANCE = frozenset({"Q2_K_S"})
"""What llama.cpp makes with an importance matrix only."""

_MEANT = MappingProxyType({"Q3_K": "Q3_K_M", "Q4_K": "Q4_K_M", "Q5_K": "Q5_K_M"})
_PARTS = (
    ("attn_qkv.weight", Part.QUERY_KEY_VALUE),
    ("attn_kv_b.weight", Part.LATENT_OUT),
    ("attn_v.weight", Part.VALUE),
    ("attn_k.weight", Part.KEY),
    ("attn_q.weight", Part.QUERY),
    ("attn_output.weight", Part.ATTENTION_OUTPUT),
    ("ffn_up", Part.UP),
    ("ffn_gate", Part.GATE),
    ("ffn_down", Part.DOWN),
)
"""What a tensor is for, by the first of these that its name has in it."""
_EMBEDDINGS = ("token_embd.weight", "per_layer_token_embd.weight")
_KEPT = (
    "_norm.weight", "ffn_gate_inp.weight", "ffn_gate_tid2eid.weight", "altup", "laurel",
    "per_layer_model_proj", "ssm_conv1d", "shortconv.conv.weight", "indexer.k_proj.weight",
    "indexer.q_proj.weight", "time_mix_first.weight", "time_mix_w0.weight", "time_mix_w1.weight",
    "time_mix_w2.weight", "time_mix_v0.weight", "time_mix_v1.weight", "time_mix_v2.weight",
    "time_mix_a0.weight", "time_mix_a1.weight", "time_mix_a2.weight", "time_mix_g1.weight",
    "time_mix_g2.weight", "time_mix_decay_w1.weight", "time_mix_decay_w2.weight",
    "time_mix_lerp_fused.weight", "attn_rel_b.weight", ".position_embd", "sam.pos_embd",
    "sam.neck.", "sam.net_", ".rel_pos", ".patch_embd", ".patch_merger", "a.rvq.codebook",
    "mm.a.code_embd",
)  # fmt: skip
"""Names with one of these in them are not quantized: norms, routers, small or delicate tables."""
_KEPT_WHOLE = frozenset({"position_embd.weight", "token_types.weight"})
_OWN_RULES = frozenset({"glm5-next"})
"""Families for which llama.cpp has further rules."""
_LAYER = re.compile(r"blk\.(\d+)\.", re.ASCII)


@dataclass(frozen=True)
class Mixed(Target):
    """Every tensor with a block type of its own; `type` is the name of the mixture."""

    types: Mapping[str, BlockType] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Whether its types can be written, `mixed` has made sure."""

    def of(self, tensor: TensorInfo) -> BlockType:
        """What one tensor becomes."""
        return self.types[tensor.name]


def read_mix(words: str) -> str:
    """The name of a quantization as it is typed. Raises UsageError with the nearest for others."""
    name = words.strip().upper()
    name = _MEANT.get(name, name)
    if name in WRITABLE:
        return name
    near = get_close_matches(name, WRITABLE, 3, 0.5)
    hint = f"Did you mean {' or '.join(near)}? " if near else ""
    known = name in MIXES or name.startswith(("IQ", "TQ", "MXFP", "NVFP", "Q1_", "Q2_"))
    raise UsageError(
        f"Freehold cannot make {words}." if known else f"{words} is no quantization.",
        f"{hint}It can make {', '.join(WRITABLE)}.",
    )


def check_quantizable(header: GgufHeader, name: str) -> None:
    """Raise UsageError or UnsupportedModel for a file whose weights cannot be quantized."""
    kind = text(header, "general.type") or "model"
    if kind in {"adapter", "control_vector", "imatrix"}:
        raise UsageError(f"{name} is no model: its header says {kind}.", "Name the model itself.")
    if (split := split_facts(header)) is not None:
        raise UnsupportedModel(
            f"{name} is one part of {split.count}: a model in parts is not quantized.",
            "Get it as a single .gguf file.",
        )
    family = text(header, "general.architecture")
    if family in _OWN_RULES:
        raise UnsupportedModel(f"How {family} models are quantized is not known here.")
    if not any(_can_be_quantized(each) for each in header.tensors):
        raise UsageError(f"{name} holds no weights to quantize.", "It may be a vocabulary alone.")


def mixed(header: GgufHeader, mix: str, *, weighed: bool = False) -> Mixed:
    """What every tensor becomes; `weighed` says that there is an importance matrix.

    Raises FormatError for a header that does not say what the choice depends on.
    """
    rules = _rules(header, mix, weighed)
    types: dict[str, BlockType] = {}
    before = downs = 0
    for tensor in sorted(header.tensors, key=_order):
        if not _can_be_quantized(tensor):
            types[tensor.name] = tensor.type
            continue
        part, layer = _part(tensor.name), downs
        if part is Part.DOWN and rules.experts > 1:
            layer = _layer(tensor.name, rules.layers)
        types[tensor.name] = rules.type_of(Place(part, tensor.shape[0], False, layer, before))
        before += part.is_value
        downs += part is Part.DOWN
    return Mixed(mix, types)


def changed(header: GgufHeader, target: Target) -> Iterable[TensorInfo]:
    """The tensors that get another block type."""
    return (each for each in header.tensors if target.of(each) != each.type)


def _rules(header: GgufHeader, mix: str, weighed: bool) -> Mix:
    family = text(header, "general.architecture")
    names = header.by_name
    heads = _first(header, f"{family}.attention.head_count")
    kv_heads = _first(header, f"{family}.attention.head_count_kv")
    layers = integer(header, f"{family}.block_count")
    if family is None or layers is None:
        raise FormatError(f"{header.label} does not say which family it is of, or how many layers.")
    return Mix(
        mix,
        layers=layers,
        values=sum(_part(name).is_value for name in names),
        heads=heads or 0,
        kv_heads=(heads or 0) if kv_heads is None else kv_heads,
        experts=integer(header, f"{family}.expert_count") or 0,
        tied="output.weight" not in names,
        family=family,
        weighed=weighed,
    )


def _first(header: GgufHeader, key: str) -> int | None:
    """The first layer's number: that is the one that llama.cpp goes by."""
    found = per_layer(header, key)
    return found[0] if isinstance(found, tuple) else found


def _order(tensor: TensorInfo) -> tuple[int, str]:
    """llama.cpp's order: what is of no layer first, then layer by layer, by name."""
    found = _LAYER.match(tensor.name)
    return (int(found[1]) if found else -1, tensor.name)


def _part(name: str) -> Part:
    if name == "output.weight":
        return Part.OUTPUT
    if name in _EMBEDDINGS:
        return Part.EMBEDDING
    return next((part for piece, part in _PARTS if piece in name), Part.OTHER)


def _layer(name: str, layers: int) -> int:
    found = _LAYER.match(name)
    if found is None or int(found[1]) >= layers:
        raise FormatError(f"The layer of {name} is not one of {layers}.")
    return int(found[1])


def _can_be_quantized(tensor: TensorInfo) -> bool:
    matrix = any(length > 1 for length in tensor.shape[1:])
    name = tensor.name
    return (
        matrix
        and name.endswith("weight")
        and name not in _KEPT_WHOLE
        and not any(piece in name for piece in _KEPT)
    )
