"""Slopes are those that finite differences find, for every family and every part that learns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.transformer.making import BASE, made

from freehold.formats.gguf_synthetic import SyntheticModel
from freehold.modify.training.low_rank import Learned
from freehold.modify.training.network import Example, Network
from freehold.modify.training.targets import targets_of
from freehold.transformer.layers import Layers
from freehold.transformer.transformer import Transformer
from freehold.transformer.weights import Weights

GEMMA = replace(BASE, head_width=24, window=5)
FAMILIES: dict[str, SyntheticModel] = {
    "llama": BASE,
    "llama with an output matrix": replace(BASE, tied=False),
    "llama with biases": replace(BASE, biased=("attn_q", "attn_output", "ffn_down")),
    "qwen2": replace(BASE, family="qwen2"),
    "qwen3": replace(BASE, family="qwen3", head_width=24),
    "gemma2": replace(
        GEMMA,
        family="gemma2",
        more=(("attn_logit_softcapping", 2.0), ("final_logit_softcapping", 3.0)),
    ),
    "gemma3": replace(GEMMA, family="gemma3", layers=7),
    "phi3": replace(BASE, family="phi3", tied=False, window=5),
    "olmo2": replace(BASE, family="olmo2", tied=False),
}
TEXTS = tuple(
    Example(
        tuple((7 * i * i + k * i + 3) % 500 + 1 for i in range(n)), tuple(i > 3 for i in range(n))
    )
    for n, k in ((13, 11), (8, 5))
)


class PreciseWeights(Weights):
    """Weights in double precision: finite differences of single precision are mostly noise."""

    def vector(self, name: str) -> Any:
        return super().vector(name).astype(np.float64)

    def rows(self, name: str, ids: Sequence[int]) -> Any:
        return super().rows(name, ids).astype(np.float64)

    def strips(self, name: str, rows: int | None = None) -> Iterator[tuple[int, Any]]:
        for start, strip in super().strips(name, rows):
            yield start, strip.astype(np.float64)


@pytest.mark.parametrize("family", FAMILIES)
def test_slopes_are_those_of_finite_differences(family: str, tmp_path: Path) -> None:
    """Of every kind of matrix, along a random direction in all layers at once."""
    with Transformer.open(made(tmp_path, FAMILIES[family])) as model:
        model.weights = PreciseWeights(model.data, 1 << 30)
        model.layers = Layers(model.config, model.weights)
        chance = np.random.default_rng(5)
        learned = _learned(model, chance)
        network = Network(model, learned, 0.7)
        network.learn(TEXTS)
        for kind in {name.split(".")[2] for name in learned}:
            parts = [part for name, part in learned.items() if name.endswith(f".{kind}")]
            for side in ("a", "b"):
                values = [getattr(part, side) for part in parts]
                slopes = [getattr(part, f"slope_{side}") for part in parts]
                directions = [chance.standard_normal(each.shape) for each in values]
                told = sum(float((s * d).sum()) for s, d in zip(slopes, directions, strict=True))
                assert _rise(network, values, directions) == pytest.approx(told, rel=1e-5), kind


def test_computing_again_gives_the_same_slopes(tmp_path: Path) -> None:
    with Transformer.open(made(tmp_path, FAMILIES["gemma3"])) as model:
        found = []
        for remember in (True, False):
            learned = _learned(model, np.random.default_rng(5), np.float32)
            Network(model, learned, 0.7, remember=remember).learn(TEXTS)
            found.append(
                [slope for part in learned.values() for slope in (part.slope_a, part.slope_b)]
            )
        assert all(np.array_equal(one, other) for one, other in zip(*found, strict=True))


def _learned(
    model: Transformer, chance: np.random.Generator, kind: type = np.float64
) -> dict[str, Learned]:
    return {
        name: _random(chance, model.weights.shape(f"{name}.weight"), kind)
        for name in targets_of(model.data.header)
    }


def _random(chance: np.random.Generator, shape: tuple[int, ...], kind: type) -> Learned:
    rows, width = shape
    a: Any = chance.standard_normal((3, width)) / np.sqrt(width)
    b: Any = chance.standard_normal((rows, 3)) / 3
    return Learned(a.astype(kind), b.astype(kind))


def _rise(network: Network, values: list[Any], directions: list[Any], step: float = 1e-7) -> float:
    """How fast the loss rises along a direction, from both sides."""
    befores = [each.copy() for each in values]
    found = []
    for sign in (1, -1):
        for each, before, direction in zip(values, befores, directions, strict=True):
            each[...] = before + sign * step * direction
        found.append(network.losses(TEXTS).mean)
    for each, before in zip(values, befores, strict=True):
        each[...] = before
    return (found[0] - found[1]) / (2 * step)


def test_texts_do_not_see_each_other(tmp_path: Path) -> None:
    with Transformer.open(made(tmp_path, replace(GEMMA, family="gemma3"))) as model:
        network = Network(model, {}, 1.0)
        together = network.losses(TEXTS)
        alone = [network.losses([text]) for text in TEXTS]
        assert together.counts == tuple(each.counts[0] for each in alone)
        assert together.sums == pytest.approx([each.sums[0] for each in alone], rel=1e-5)


def test_the_loss_is_the_decoders(tmp_path: Path) -> None:
    with Transformer.open(made(tmp_path)) as model:
        text = TEXTS[0]
        logits = model.trace(text.ids).logits.astype(np.float64)
        shares = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        wanted = -sum(shares[at - 1, text.ids[at]] for at in range(4, len(text.ids)))
        losses = Network(model, {}, 1.0).losses([text])
        assert losses.sums[0] == pytest.approx(wanted, rel=1e-5)
        assert losses.counts == (len(text.ids) - 4,)
