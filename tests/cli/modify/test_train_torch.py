"""`modify train --with torch`: what it teaches is what runs, in the engine and in the decoder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import Say
from tests.cli.modify.conftest import path_of
from tests.studying import SMALL, synthetic
from tests.transformer.engine_truth import divergence, log_probabilities, log_softmax

from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.engine.load_plan import Addition, LoadPlan
from freehold.formats.gguf import read_header
from freehold.formats.gguf_synthetic import SyntheticModel
from freehold.formats.lora import read_lora
from freehold.modify.training.low_rank import Learned
from freehold.modify.training.plan import TrainingPlan
from freehold.transformer.transformer import Transformer

for needed in ("torch", "transformers", "peft", "gguf", "accelerate"):
    pytest.importorskip(needed, reason="the extra freehold[torch] is not installed")

PAIRS = [{"prompt": f"count {n}", "completion": f"{n} {n + 1} {n + 2}"} for n in range(12)]
OPTIONS = ("--rank", "2", "--rate", "0.02", "--with", "torch", "--device", "cpu")
IDS = [(7 * i * i + 11 * i + 3) % 500 + 1 for i in range(16)]
MODELS: dict[str, SyntheticModel] = {
    "llama": replace(SMALL, varied=True, norms=(0.5, 2.0)),
    "qwen3moe": replace(SMALL, family="qwen3moe", feed_forward_width=64, experts=4,
                        experts_used=2, varied=True, norms=(0.5, 2.0)),
}  # fmt: skip


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(map(json.dumps, PAIRS)))
    return path


@pytest.mark.parametrize("family", MODELS)
def test_what_is_taught_is_what_runs(say: Say, data: Path, tmp_path: Path, family: str) -> None:
    """A family that the decoder does not know is compared with torch's own logits."""
    base = synthetic(tmp_path / f"{family}.gguf", MODELS[family], "F32")
    assert say("get", base, "--name", "pupil").code == 0
    made = say(
        "modify", "train", "pupil", "--data", data, "--name", "taught", "--steps", "20", "--json",
        *OPTIONS,
    )  # fmt: skip
    assert made.code == 0, made.err
    told = made.json["held_out"]
    assert told["loss_after"] < told["loss_before"] - 0.1
    adapter = path_of(say, "taught")
    truth, plain = engine(base, adapter), engine(base)
    if family == "llama":
        with Transformer.open(base, adapters=[(adapter, 1.0)]) as model:
            logits = model.trace(IDS, keep=()).logits
            assert logits is not None
            found = log_softmax(logits[[-1]])
    else:
        found = torchs(base, adapter)
    assert divergence(truth, found).max() < 0.01
    assert divergence(truth, plain).min() > 0.05  # it does something
    assert b"torch" in adapter.read_bytes()  # the recipe says what computed it


def engine(base: Path, *adapters: Path) -> np.ndarray:
    plan = LoadPlan(base, 128, threads=2, repack=False,
                    adapters=tuple(Addition(each, 1.0) for each in adapters))  # fmt: skip
    with LlamaCppEngine().load(plan) as model:
        return log_probabilities(model, IDS, (len(IDS),), 600)


def torchs(base: Path, adapter: Path) -> np.ndarray:
    from freehold.modify.torch_training.torch_learner import TorchLearner

    pairs = read_lora(adapter).pairs
    learned = {
        name.removesuffix(".weight"): Learned(pair.a, pair.b) for name, pair in pairs.items()
    }
    plan = TrainingPlan(rank=2, alpha=4.0)
    learner = TorchLearner(base, read_header(base), learned, plan, memory=1 << 30, device="cpu")
    found = np.full((1, 600), -100.0)
    for token, chance in learner.expected(IDS, untrained=False, count=600):
        found[0, token] = chance
    return found


def test_a_model_that_torch_takes_for_another_is_refused(
    say: Say, data: Path, tmp_path: Path
) -> None:
    """Positions stretched by a rule of the file's that transformers passes over."""
    stretched = replace(MODELS["llama"], norms=(4.0, 8.0), more=(("rope.scaling.type", "linear"),
                                               ("rope.scaling.factor", 8.0)))  # fmt: skip
    base = synthetic(tmp_path / "stretched.gguf", stretched, "F32")
    refused = say("modify", "train", base, "--data", data, "--name", "no", *OPTIONS)
    assert refused.code == 7
    assert "torch computes something else of stretched" in refused.err
