"""Each family's logits are the engine's, on synthetic weights that leave nothing out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.transformer.engine_truth import divergence, exact_engine, log_probabilities, log_softmax
from tests.transformer.making import BASE, IDS, made

from freehold.transformer.transformer import Transformer

ALL_MATRICES = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
OLMO = replace(BASE, family="olmo2", tied=False)
GEMMA = replace(BASE, head_width=24, window=5)
RISING = tuple(1.0 + i for i in range(8))
YARN = (
    ("rope.scaling.type", "yarn"),
    ("rope.scaling.factor", 4.0),
    ("rope.scaling.original_context_length", 16),
)
MODELS = {
    "llama": BASE,
    "llama with an output matrix": replace(BASE, tied=False),
    "llama with biases": replace(BASE, biased=ALL_MATRICES),
    "llama, linear": replace(
        BASE, more=(("rope.scaling.type", "linear"), ("rope.scaling.factor", 4.0))
    ),
    "llama 3": replace(BASE, factors=(("rope_freqs", RISING),)),
    "llama, yarn": replace(BASE, more=YARN),
    "llama with an unused window": replace(BASE, window=5),
    "qwen2": replace(BASE, family="qwen2"),
    "qwen3": replace(BASE, family="qwen3", head_width=24),
    "gemma2": replace(
        GEMMA,
        family="gemma2",
        layers=3,
        more=(("attn_logit_softcapping", 2.0), ("final_logit_softcapping", 3.0)),
    ),
    "gemma3": replace(GEMMA, family="gemma3", layers=7, more=(("rope.scaling.factor", 8.0),)),
    "gemma3 with a base for windows": replace(
        GEMMA, family="gemma3", layers=2, more=(("rope.freq_base_swa", 500.0),)
    ),
    "phi3": replace(BASE, family="phi3", tied=False, window=5),
    "phi3, part of a head": replace(BASE, family="phi3", rope_width=8),
    "phi3 with biases": replace(BASE, family="phi3", biased=("attn_qkv",)),
    "phi3, short factors": replace(
        BASE,
        family="phi3",
        more=(
            ("rope.scaling.original_context_length", 4096),
            ("rope.scaling.attn_factor", 1.25),
        ),
        factors=(("rope_factors_long", RISING[::-1]), ("rope_factors_short", RISING)),
    ),
    "phi3, long factors": replace(
        BASE,
        family="phi3",
        more=(("rope.scaling.original_context_length", 16),),
        factors=(("rope_factors_long", RISING[::-1]), ("rope_factors_short", RISING)),
    ),
    "olmo2": OLMO,
    "olmo2 with windows": replace(OLMO, layers=4, window=5, more=YARN),
}
LIMITS = {"gemma2": 1e-3, "gemma3": 1e-3}
"""Of the divergence. The engine looks GELU up in a table of half precision."""
ENDS = (1, 2, 9, 24)


@pytest.mark.parametrize("name", MODELS)
def test_its_logits_are_the_engines(name: str, tmp_path: Path) -> None:
    path = made(tmp_path, MODELS[name])
    with exact_engine(path, context=64) as engine:
        truth = log_probabilities(engine, IDS, ENDS, 512)
    with Transformer.open(path) as model:
        logits = model.trace(IDS).logits
    assert logits is not None
    ours = log_softmax(logits[[end - 1 for end in ENDS]])
    assert np.isfinite(truth).all()
    assert (truth.argmax(-1) == ours.argmax(-1)).all()
    assert divergence(truth, ours).max() < LIMITS.get(MODELS[name].family, 1e-5)
