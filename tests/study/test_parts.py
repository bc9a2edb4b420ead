"""Which part of a network a tensor is, by names of both worlds."""

from __future__ import annotations

import pytest

from freehold.study.parts import Part, layer_of, part_of

NAMES = {
    Part.EMBEDDING: ["token_embd.weight", "model.embed_tokens.weight", "position_embd.weight"],
    Part.OUTPUT: ["output.weight", "lm_head.weight", "cls.output.weight"],
    Part.NORMS: [
        "output_norm.weight",
        "blk.3.attn_q_norm.weight",
        "blk.0.post_ffw_norm.weight",
        "model.layers.7.input_layernorm.weight",
        "model.norm.weight",
    ],
    Part.ATTENTION: [
        "blk.0.attn_q.weight",
        "blk.0.attn_qkv.bias",
        "blk.9.attn_kv_a_mqa.weight",
        "model.layers.3.self_attn.o_proj.weight",
    ],
    Part.MLP: ["blk.0.ffn_down.weight", "model.layers.0.mlp.gate_proj.weight"],
    Part.EXPERTS: [
        "blk.0.ffn_gate_exps.weight",
        "blk.0.ffn_gate_inp.weight",
        "blk.0.ffn_up_shexp.weight",
        "model.layers.1.mlp.experts.31.up_proj.weight",
        "model.layers.1.mlp.gate.weight",
        "model.layers.1.block_sparse_moe.experts.0.w1.weight",
    ],
    Part.STATE: ["blk.0.ssm_in.weight", "blk.2.shortconv.conv.weight"],
    Part.VISION: ["v.blk.0.attn_q.weight", "mm.0.weight", "vision_tower.layers.0.fc1.weight"],
    Part.OTHER: ["rope_freqs.weight", "whatever"],
}


@pytest.mark.parametrize("part", NAMES)
def test_names_of_both_worlds(part: Part) -> None:
    assert {name: part_of(name) for name in NAMES[part]} == dict.fromkeys(NAMES[part], part)


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("blk.12.attn_q.weight", 12),
        ("model.layers.3.mlp.up_proj.weight", 3),
        ("transformer.h.0.mlp.c_fc.weight", 0),
        ("token_embd.weight", None),
        ("v.blk.3.attn_q.weight", None),
        ("blk.99999.attn_q.weight", None),
    ],
)
def test_which_layer_it_is_in(name: str, layer: int | None) -> None:
    assert layer_of(name) == layer
