"""What adapters and control vectors do here is what they do in the engine."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.modifying import MATRICES, write_random_lora, write_random_vector
from tests.transformer.engine_truth import divergence, log_probabilities, log_softmax
from tests.transformer.making import BASE, IDS, made

from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.engine.load_plan import Addition, LoadPlan
from freehold.errors import UsageError
from freehold.formats.gguf import read_header
from freehold.formats.gguf_synthetic import SyntheticModel
from freehold.formats.lora import write_lora
from freehold.formats.peft import read_peft
from freehold.transformer.adapters import Scaled, steering_hooks
from freehold.transformer.transformer import Transformer

ENDS = (1, 9, 24)
FAMILIES = {
    "llama": replace(BASE, layers=3, tied=False),
    "qwen2": replace(BASE, family="qwen2"),
    "gemma3": replace(BASE, family="gemma3", layers=3, head_width=24, window=5),
}


def engine(
    path: Path, ids: list[int], ends: tuple[int, ...], adapters: Scaled, vectors: Scaled, most: int
) -> NDArray[np.float64]:
    plan = LoadPlan(
        path,
        128,
        threads=2,
        key_type="F32",
        value_type="F32",
        flash_attention=False,
        repack=False,
        adapters=tuple(Addition(Path(each), scale) for each, scale in adapters),
        vectors=tuple(Addition(Path(each), scale) for each, scale in vectors),
    )
    with LlamaCppEngine().load(plan) as model:
        return log_probabilities(model, ids, ends, most)


def ours(
    path: Path, ids: list[int], ends: tuple[int, ...], adapters: Scaled, vectors: Scaled
) -> NDArray[np.float64]:
    hooks = steering_hooks(read_header(path), vectors)
    with Transformer.open(path, adapters=adapters) as model:
        logits = model.trace(ids, keep=(), hooks=hooks).logits
    assert logits is not None
    return log_softmax(logits[[end - 1 for end in ends]])


@pytest.mark.parametrize("name", FAMILIES)
def test_adapters_and_vectors_are_the_engines(name: str, tmp_path: Path) -> None:
    model: SyntheticModel = FAMILIES[name]
    path = made(tmp_path, model)
    parts = MATRICES if model.tied else (*MATRICES, "output")
    first = write_random_lora(tmp_path / "first.gguf", path, parts=parts, rank=3)
    second = write_random_lora(tmp_path / "second.gguf", path, parts=("attn_v",), alpha=0, seed=1)
    push = write_random_vector(tmp_path / "push.gguf", path)
    given: tuple[Scaled, Scaled] = (((first, 0.7), (second, -0.5)), ((push, 1.5),))
    truth = engine(path, IDS, ENDS, *given, most=512)
    assert divergence(truth, ours(path, IDS, ENDS, *given)).max() < 1e-4
    assert divergence(truth, ours(path, IDS, ENDS, (), ())).min() > 0.05  # they do something


def test_one_that_peft_wrote_gives_torchs_logits_in_both(tmp_path: Path) -> None:
    """The folder and torch's logarithms were recorded by tests/formats/record_peft.py."""
    recorded = Path(__file__).parent.parent / "formats" / "recorded_peft"
    path = made(tmp_path)
    lora = tmp_path / "lora.gguf"
    with lora.open("wb") as file:
        write_lora(file, read_peft(recorded, read_header(path)))
    torchs = np.array([json.loads((recorded / "log_probabilities.json").read_text())])
    ends, given = (len(IDS),), ((lora, 1.0),)
    assert divergence(torchs, ours(path, IDS, ends, given, ())).max() < 1e-4
    assert divergence(torchs, engine(path, IDS, ends, given, (), most=512)).max() < 1e-4
    assert divergence(torchs, ours(path, IDS, ends, (), ())).min() > 0.05  # it does something


def test_of_a_real_model(smollm2: Path, tmp_path: Path) -> None:
    lora = write_random_lora(tmp_path / "lora.gguf", smollm2, rank=8, alpha=16, size=0.02)
    push = write_random_vector(tmp_path / "push.gguf", smollm2, size=0.3)
    ids = [1, 504, 3575, 282, 4649, 314, 253, 1104, 3575, 351]
    given: tuple[Scaled, Scaled] = (((lora, 1.0),), ((push, 1.0),))
    truth = engine(smollm2, ids, (5, 10), *given, most=2000)
    assert divergence(truth, ours(smollm2, ids, (5, 10), *given)).max() < 0.01
    assert divergence(truth, ours(smollm2, ids, (5, 10), (), ())).min() > 0.05


def test_an_adapter_leaves_the_model_as_it_was(tmp_path: Path) -> None:
    path = made(tmp_path)
    lora = write_random_lora(tmp_path / "lora.gguf", path)
    with Transformer.open(path) as model:
        plain = model.trace(IDS).logits
    with Transformer.open(path, adapters=[(lora, 0.0)], cache_bytes=1 << 24) as model:
        np.testing.assert_allclose(model.trace(IDS).logits, plain, atol=1e-5)


def test_logits_of_a_few_tokens_have_the_adapter_too(tmp_path: Path) -> None:
    path = made(tmp_path, replace(BASE, tied=False))
    lora = write_random_lora(tmp_path / "lora.gguf", path, parts=("output",))
    for kept in (0, 1 << 24):
        with Transformer.open(path, adapters=[(lora, 1.0)], cache_bytes=kept) as model:
            trace = model.trace(IDS)
            few = model.unembed_tokens(trace.residual[-1], (7, 300, 7))
        np.testing.assert_allclose(few, trace.logits[:, [7, 300, 7]], atol=1e-4)


def test_one_for_another_model_is_refused(tmp_path: Path, smollm2: Path) -> None:
    path = made(tmp_path)
    lora = write_random_lora(tmp_path / "lora.gguf", smollm2, parts=("attn_q",))
    with pytest.raises(UsageError, match="does not fit"):
        Transformer.open(path, adapters=[(lora, 1.0)])
