"""Synthetic models: the engine runs every family, and the weights of every type are sane."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from freehold.engine.interface import Delta, Finished, LoadPlan, Sampling, TextRequest
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.errors import UsageError
from freehold.formats.gguf import parse_header
from freehold.formats.gguf_facts import read_facts
from freehold.formats.gguf_synthetic import SyntheticModel, write_synthetic
from freehold.formats.gguf_types import TYPES_BY_NAME
from freehold.formats.synthetic_weights import random_weights

LLAMA = SyntheticModel("llama", 2, 256, 512, 4, 2, 64, vocabulary=2000, context_length=2048)
FAMILIES = {
    "llama": (LLAMA, "F16"),
    "qwen2": (replace(LLAMA, family="qwen2"), "Q8_0"),
    "qwen3": (replace(LLAMA, family="qwen3", head_width=128), "Q4_0"),
    "qwen3moe": (replace(LLAMA, family="qwen3moe", experts=8, experts_used=2), "Q4_K"),
    "gemma3": (replace(LLAMA, family="gemma3", layers=6, window=128), "Q6_K"),
    "phi3": (replace(LLAMA, family="phi3", tied=False), "Q5_1"),
}
RECIPES = ["F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K"]
RECIPES += ["Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS", "IQ3_XXS", "IQ2_XXS", "MXFP4"]


def made(model: SyntheticModel, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    assert write_synthetic(out, model, kind, **options) == len(out.getvalue())
    return out.getvalue()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_engine_runs_it(family: str, tmp_path: Path) -> None:
    path = tmp_path / f"{family}.gguf"
    path.write_bytes(made(*FAMILIES[family]))
    with LlamaCppEngine().load(LoadPlan(path, 256, threads=2)) as model:
        text = "One token for each character, it is said."
        assert len(model.tokenize(text)) == len(text)
        answer = list(model.complete(TextRequest(text, Sampling(max_tokens=40, seed=7))))
    assert "".join(piece.text for piece in answer if isinstance(piece, Delta))
    assert isinstance(answer[-1], Finished)
    assert answer[-1].reason == "length"  # it never ends by itself


def test_it_has_the_shape_that_was_asked_for() -> None:
    model, kind = FAMILIES["qwen3moe"]
    raw = made(model, kind, embedding_type="Q6_K")
    header = parse_header(raw, len(raw))
    facts = read_facts(header)
    assert (facts.network.layers, facts.network.kv_heads, facts.network.experts) == (2, 2, 8)
    assert facts.tokenizer.vocabulary == 2000
    types = {tensor.name: tensor.type.name for tensor in header.tensors}
    assert types["token_embd.weight"] == "Q6_K"
    assert types["blk.1.ffn_up_exps.weight"] == "Q4_K"


def test_rows_too_narrow_for_a_type_get_the_next_one() -> None:
    raw = made(replace(LLAMA, embedding_width=192, head_width=48), "Q4_K")
    header = parse_header(raw, len(raw))
    assert {tensor.type.name for tensor in header.tensors} == {"F32", "Q5_0", "Q4_K"}


def test_a_seed_gives_the_same_file() -> None:
    assert made(LLAMA, "Q4_K", seed=3) == made(LLAMA, "Q4_K", seed=3)
    assert made(LLAMA, "Q4_K", seed=3) != made(LLAMA, "Q4_K", seed=4)


@pytest.mark.parametrize("name", RECIPES)
def test_weights_are_finite_and_small(name: str) -> None:
    import numpy
    from gguf import GGMLQuantizationType, quants

    block = TYPES_BY_NAME[name]
    raw = b"".join(random_weights(block, 256 * 400, seed=1))
    assert len(raw) == 256 * 400 // block.elements * block.bytes
    values: Any = quants.dequantize(numpy.frombuffer(raw, "uint8"), GGMLQuantizationType[name])
    values = values.astype("float64")
    assert numpy.isfinite(values).all()
    assert 0.01 < values.std() < 0.04
    assert abs(values.mean()) < 0.005


@pytest.mark.parametrize(
    ("model", "kind"), [(LLAMA, "Q9"), (LLAMA, "I8"), (replace(LLAMA, vocabulary=100), "F16")]
)
def test_what_cannot_be_made_is_said(model: SyntheticModel, kind: str) -> None:
    with pytest.raises(UsageError):
        made(model, kind)
