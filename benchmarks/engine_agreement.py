"""Does the NumPy decoder compute what the engine computes? Family by family, on the same file.

The engine is asked for each token of a text, one request each: given all before it, what are the
log-probabilities of the 2,000 likeliest tokens, and of the one that does come (which a bias forces;
probabilities are told from before it)? All other tokens are taken together as one. Divergence is
KL(engine || decoder) over these 2,001 outcomes, in nats: never more than over the whole vocabulary,
and the same but for the differences among tokens that together are nearly impossible. Perplexity is
over all tokens of the text but the first.

llama.cpp rounds what flows through a model to 8 bits before each product with a quantized matrix,
and keys and values to half precision; the decoder rounds nothing. So each real model is compared
twice: as it is, and written out as F32, which the engine then runs without rounding. The engine is
also compared with itself over the two: where that differs, no other program can agree better.

Families without real weights here have random ones, in which no norm is one and no bias zero: as
F32 against an engine that rounds nothing, with norms large enough to make attention sharp; and in a
quantized type against the engine as everyone runs it, with norms of an ordinary size. Their
likeliest token is one guess among thousands: the divergence is what counts. With F32, too, the
engine looks GELU up in a table of half precision; sharp attention makes much of that. So families
with GELU are compared a second time with hooks that look it up as the engine does, and that counts.

Bars: real weights as F32: top-1 agreement of at least 0.98, mean divergence at most 0.001; real
weights as they are: mean divergence at most 0.02, top-1 agreement at most 0.01 below the engine's
with itself; random weights: at most 0.001 as F32, 0.02 quantized.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from freehold.actions.measured_texts import prose
from freehold.engine.interface import LoadPlan
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.engine.llama_model import LlamaCppModel
from freehold.formats.gguf_synthetic import SyntheticModel, write_synthetic
from freehold.formats.gguf_types import BLOCK_TYPES
from freehold.formats.gguf_write import NewTensor, entries_of, write_gguf
from freehold.formats.tensor_data import TensorData
from freehold.transformer.hooks import Hook
from freehold.transformer.mlp import gelu
from freehold.transformer.transformer import Transformer
from measure import report
from shapes import REAL

LIKELIEST = 2000
BAR = (
    "mean KL at most 0.001 where nothing is rounded (or GELU alone, and here as there), 0.02 where "
    "the engine rounds; top-1 on real weights at least 0.98 where nothing is rounded, else within "
    "0.01 of the engine with itself"
)
_BASE = SyntheticModel("llama", 6, 256, 512, 4, 2, 64, 4096, 4096, varied=True)
_RISING = tuple(1.0 + pair / 8 for pair in range(32))
_YARN = (
    ("rope.scaling.type", "yarn"),
    ("rope.scaling.factor", 4.0),
    ("rope.scaling.original_context_length", 64),
)
_SYNTHETIC: dict[str, SyntheticModel] = {
    "llama": replace(_BASE, tied=False, factors=(("rope_freqs", _RISING),)),
    "qwen2": replace(_BASE, family="qwen2"),
    "qwen3": replace(_BASE, family="qwen3", head_width=128),
    "gemma2": replace(_BASE, family="gemma2", head_width=128, window=48),
    "gemma3": replace(_BASE, family="gemma3", layers=8, window=48),
    "phi3": replace(
        _BASE,
        family="phi3",
        tied=False,
        more=(("rope.scaling.original_context_length", 64),),
        factors=(("rope_factors_long", _RISING), ("rope_factors_short", _RISING[::-1])),
    ),
    "olmo2": replace(_BASE, family="olmo2", tied=False, window=48, more=_YARN),
}
"""One of each family, with what makes it different where the text is long enough to show it."""


@dataclass(frozen=True)
class Told:
    """What the engine said after one beginning of a text."""

    ids: NDArray[np.int64]
    logprobs: NDArray[np.float64]
    next_logprob: float


@dataclass(frozen=True)
class Heard:
    """What the engine said of one text, token by token."""

    ids: tuple[int, ...]
    told: tuple[Told, ...]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True, help="the folder of the real ones")
    parser.add_argument("--tokens", type=int, default=192, help="of the text")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the result here")
    args = parser.parse_args()
    cases: dict[str, dict[str, Any]] = {}
    met = True
    with tempfile.TemporaryDirectory() as folder:
        for name, file in REAL.items():
            several = real(args.models / file, args.tokens, Path(folder))
            cases |= {f"{name}, {how}": figures for how, figures in several.items()}
            alone, rounded, itself = several.values()
            met &= alone["top1"] >= 0.98 and alone["mean_kl"] <= 0.001
            met &= rounded["mean_kl"] <= 0.02 and rounded["top1"] >= itself["top1"] - 0.01
        for family, model in _SYNTHETIC.items():
            for kind, most in (("F32", 0.001), ("Q8_0", 0.02), ("Q4_K", 0.02)):
                several = random_weights(model, kind, args.tokens, Path(folder))
                cases |= {f"{family}, random {kind}{how}": each for how, each in several.items()}
                met &= list(several.values())[-1]["mean_kl"] <= most
    figures: dict[str, Any] = {"tokens": args.tokens, "likeliest": LIKELIEST, "cases": cases}
    return report("engine_agreement", BAR, figures, args.json, met=met)


def real(path: Path, tokens: int, folder: Path) -> dict[str, dict[str, Any]]:
    """A model's three comparisons."""
    wide = written_as_f32(path, folder)
    plain, exact = heard(path, tokens), heard(wide, tokens, exact=True)
    wide.unlink()
    with Transformer.open(path) as model:
        ours = log_softmax(model.trace(plain.ids).logits[:-1])
    return {
        "nothing rounded": against(exact, ours),
        "as it is": against(plain, ours),
        "the engine with itself": between(plain, exact),
    }


def random_weights(
    model: SyntheticModel, kind: str, tokens: int, folder: Path
) -> dict[str, dict[str, Any]]:
    """One comparison of a family; with F32 and GELU, another that looks it up."""
    if kind != "F32":
        model = replace(model, norms=(0.5, 1.5))
    path = folder / f"{model.family}-{kind}.gguf"
    with path.open("wb") as out:
        write_synthetic(out, model, kind)
    said = heard(path, tokens, exact=kind == "F32")
    with Transformer.open(path) as opened:
        found = {"": against(said, log_softmax(opened.trace(said.ids).logits[:-1]))}
        if kind == "F32" and opened.config.differences.activation == "gelu":
            logits = opened.trace(said.ids, hooks=gelu_looked_up()).logits
            found[", GELU looked up"] = against(said, log_softmax(logits[:-1]))
    path.unlink()
    return found


def gelu_looked_up() -> dict[str, Hook]:
    """Hooks for GELU as llama.cpp has it: of a half, as a half; beyond ten, the number or zero."""
    seen: dict[str, NDArray[np.float32]] = {}

    def keep(value: NDArray[np.float32], name: str) -> NDArray[np.float32]:
        seen[name.rpartition(".")[2]] = value
        return value

    def look_up(_: NDArray[np.float32], name: str) -> NDArray[np.float32]:
        gate = seen["gate"]
        looked_up = half(gelu(half(gate)))
        beyond = np.where(gate > 0, gate, np.float32(0))
        return np.where(np.abs(gate) < 10, looked_up, beyond) * seen["up"]

    names = {"gate": keep, "up": keep, "hidden": look_up}
    return {f"layers.*.mlp.{name}": hook for name, hook in names.items()}


def half(numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rounded to half precision."""
    return numbers.astype(np.float16).astype(np.float32)


def written_as_f32(path: Path, folder: Path) -> Path:
    """The same weights, dequantized, as a file."""
    wide = folder / f"{path.stem}-F32.gguf"
    with TensorData.open(path) as data, wide.open("wb") as out:

        def dequantized(name: str) -> Iterator[bytes]:
            yield data.array(name).tobytes()

        tensors = [
            NewTensor(each.name, each.shape, BLOCK_TYPES[0], partial(dequantized, each.name))
            for each in data.header.tensors
        ]
        write_gguf(out, entries_of(data.header), tensors)
    return wide


def heard(path: Path, tokens: int, *, exact: bool = False) -> Heard:
    """The engine's word on a text, as everyone runs it or with nothing rounded."""
    plan = LoadPlan(path, 512)
    if exact:
        plan = replace(plan, key_type="F32", value_type="F32", flash_attention=False, repack=False)
    with LlamaCppEngine().load(plan) as engine:
        ids = engine.tokenize(prose(engine, tokens), begin=True)[:tokens]
        return Heard(tuple(ids), tuple(ask(engine, ids, end) for end in range(1, len(ids))))


def against(said: Heard, ours: NDArray[np.float64]) -> dict[str, Any]:
    """The decoder's log-probabilities, (positions, vocabulary), beside the engine's word."""
    kl = [divergence(each, row) for each, row in zip(said.told, ours, strict=True)]
    engine_perplexity = math.exp(-float(np.mean([each.next_logprob for each in said.told])))
    perplexity = math.exp(-float(ours[np.arange(len(ours)), np.array(said.ids[1:])].mean()))
    return {
        **agreement(said, ours.argmax(-1)),
        "mean_kl": float(f"{np.mean(kl):.3g}"),
        "largest_kl": float(f"{np.max(kl):.3g}"),
        "perplexity": round(perplexity, 3),
        "engine_perplexity": round(engine_perplexity, 3),
        "perplexity_difference": round(perplexity / engine_perplexity - 1, 5),
    }


def between(plain: Heard, exact: Heard) -> dict[str, Any]:
    """The engine that rounds beside the engine that does not, by what both name."""
    kl = []
    for mine, theirs in zip(exact.told, plain.told, strict=True):
        known = dict(zip(mine.ids.tolist(), mine.logprobs.tolist(), strict=True))
        kept = [at for at, each in enumerate(theirs.ids.tolist()) if each in known]
        other = np.array([known[int(theirs.ids[at])] for at in kept])
        kl.append(float(np.sum(np.exp(theirs.logprobs[kept]) * (theirs.logprobs[kept] - other))))
    first = np.array([each.ids[each.logprobs.argmax()] for each in exact.told])
    return {**agreement(plain, first), "mean_kl": float(f"{np.mean(kl):.3g}")}


def agreement(said: Heard, first: NDArray[np.int64]) -> dict[str, Any]:
    """How often the likeliest token is the same, and how clear it was where it is not."""
    theirs = np.array([each.ids[each.logprobs.argmax()] for each in said.told])
    lead = np.array([-np.diff(np.sort(each.logprobs)[-2:][::-1])[0] for each in said.told])
    same = theirs == first
    return {
        "positions": len(theirs),
        "top1": round(float(same.mean()), 4),
        "widest_lead_where_top1_differs": round(float(lead[~same].max(initial=0)), 4),
    }


def ask(engine: LlamaCppModel, ids: Sequence[int], end: int) -> Told:
    """What the engine expects after the first `end` tokens."""
    body = {
        "prompt": list(ids[:end]),
        "n_predict": 1,
        "n_probs": LIKELIEST,
        "logit_bias": [[ids[end], 1000.0]],
        "temperature": 0,
        "cache_prompt": True,
        "stream": False,
    }
    chance = engine._server.ask("/completion", body)["completion_probabilities"][0]
    if chance["id"] != ids[end]:
        raise RuntimeError(f"the engine chose {chance['id']}, not {ids[end]}, which was forced")
    top = chance["top_logprobs"]
    return Told(
        np.array([each["id"] for each in top]),
        np.array([each["logprob"] for each in top]),
        float(chance["logprob"]),
    )


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Logits as log-probabilities, along the last axis."""
    shifted = logits - logits.max(-1, keepdims=True).astype(np.float64)
    out: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return out


def divergence(told: Told, ours: NDArray[np.float64]) -> float:
    """KL(engine || decoder) in nats, all tokens that the engine did not name taken as one."""
    theirs, mine = told.logprobs, ours[told.ids]
    kl = float(np.sum(np.exp(theirs) * (theirs - mine)))
    rest, our_rest = 1 - float(np.exp(theirs).sum()), 1 - float(np.exp(mine).sum())
    if rest > 1e-6 and our_rest > 1e-9:
        kl += rest * math.log(rest / our_rest)
    return kl


if __name__ == "__main__":
    sys.exit(main())
