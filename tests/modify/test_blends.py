"""Blends of models, against the same arithmetic done on whole tensors at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.modifying import random_lora
from tests.studying import SMALL, synthetic

from freehold.errors import FormatError, UsageError
from freehold.formats.tensor_data import TensorData
from freehold.modify import numbers
from freehold.modify.blending import open_blend
from freehold.modify.merge_recipe import Ingredient, MergeOrder, read_order
from freehold.modify.numbers import WithAdapters

NAMES = ("blk.0.ffn_up.weight", "token_embd.weight", "output_norm.weight")
Models = dict[str, Path]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """Three of one shape, every tensor different."""
    folder, shape = tmp_path_factory.mktemp("blend"), replace(SMALL, varied=True)
    return {
        name: synthetic(folder / f"{name}.gguf", shape, "F32", seed=seed)
        for seed, name in enumerate(("base", "one", "other"))
    }


@pytest.fixture(autouse=True)
def _small_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that every tensor is worked on in several strips."""
    monkeypatch.setattr(numbers, "STRIP", 4 * 64 * 7)


def arrays(models: Models, name: str) -> list[np.ndarray]:
    found = []
    for path in models.values():
        with TensorData.open(path) as data:
            found.append(data.array(name).astype(np.float64))
    return found


def blended(models: Models, order: MergeOrder, name: str) -> np.ndarray:
    wanted = [*(each.model for each in order.models), *([order.base] if order.base else [])]
    blend = open_blend(order, {each: models[each] for each in wanted})
    try:
        whole = blend.array(name)
        rows = blend.rows(name)
        np.testing.assert_array_equal(blend.rows(name, 0, 1), rows[:1])
    finally:
        blend.close()
    return whole


@pytest.mark.parametrize("name", NAMES)
def test_linear(models: Models, name: str) -> None:
    order = MergeOrder("linear", (Ingredient("one", 3.0), Ingredient("other", 1.0)))
    _, one, other = arrays(models, name)
    np.testing.assert_allclose(blended(models, order, name), (3 * one + other) / 4, atol=1e-6)
    plain = replace(order, normalize=False)
    np.testing.assert_allclose(blended(models, plain, name), 3 * one + other, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_slerp(models: Models, name: str) -> None:
    order = MergeOrder("slerp", (Ingredient("one"), Ingredient("other")), t=0.3)
    _, one, other = arrays(models, name)
    cosine = (one * other).sum() / np.linalg.norm(one) / np.linalg.norm(other)
    if abs(cosine) > 0.9995:
        wanted = 0.7 * one + 0.3 * other
    else:
        angle = np.arccos(cosine)
        wanted = (np.sin(0.7 * angle) * one + np.sin(0.3 * angle) * other) / np.sin(angle)
    np.testing.assert_allclose(blended(models, order, name), wanted, atol=1e-5)
    np.testing.assert_allclose(blended(models, replace(order, t=0.0), name), one, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_ties(models: Models, name: str) -> None:
    density = 0.2
    order = MergeOrder(
        "ties", (Ingredient("one", 2.0, density), Ingredient("other", 1.0, density)), base="base"
    )
    base, *others = (each.astype(np.float32) for each in arrays(models, name))
    kept = []
    for each in others:
        change = each - base
        count = max(1, round(density * change.size))
        least = np.sort(np.abs(change).ravel())[-count]
        kept.append(np.where(np.abs(change) >= least, change, 0))
    weighted = [2 * kept[0], kept[1]]
    sign = np.sign(weighted[0] + weighted[1])
    agree = [np.sign(each) == sign for each in weighted]
    total = sum(
        np.where(ok & (each != 0), each, 0) for ok, each in zip(agree, weighted, strict=True)
    )
    weight = sum(
        np.where(ok & (each != 0), w, 0)
        for ok, each, w in zip(agree, weighted, (2.0, 1.0), strict=True)
    )
    wanted = base + np.divide(total, weight, out=np.zeros_like(base), where=weight != 0)
    np.testing.assert_allclose(blended(models, order, name), wanted, atol=1e-6)


def test_adapters_multiplied_out(models: Models) -> None:
    lora = random_lora(models["one"], parts=("ffn_up",))
    with TensorData.open(models["one"]) as plain:
        blend = WithAdapters(TensorData.open(models["one"]), [(lora, 0.5), (lora, 0.25)])
        name = "blk.1.ffn_up.weight"
        pair = lora.pairs[name]
        wanted = plain.array(name) + 0.75 * 8 / 4 * pair.b @ pair.a
        np.testing.assert_allclose(blend.array(name), wanted, atol=1e-5)
        out = np.empty((3, 64), np.float32)
        blend.rows(name, 5, 8, out)
        np.testing.assert_allclose(out, wanted[5:8], atol=1e-5)
        assert not blend.changes("blk.1.attn_q.weight")
        blend.close()


def test_models_of_other_shapes_or_tokens_are_refused(models: Models, tmp_path: Path) -> None:
    order = MergeOrder("linear", (Ingredient("one"), Ingredient("strange")))
    for change, reason in (
        ({"layers": 1}, r"blk\.1\.attn_k\.weight is missing in the one"),
        ({"vocabulary": 601}, "token_embd.weight is"),
        ({"family": "qwen2"}, "strange is of the kind qwen2, and one of llama"),
    ):
        path = synthetic(tmp_path / "strange.gguf", replace(SMALL, varied=True, **change), "F32")
        with pytest.raises(UsageError, match=reason):
            open_blend(order, {"one": models["one"], "strange": path})


def test_an_order_from_a_file() -> None:
    text = """
merge_method: slerp
base_model: b
models:
  - model: a
  - model: b
parameters: {t: 0.5}
"""
    order = read_order(text.replace("0.5", "0.25"), "m.yaml")
    assert [each.model for each in order.models] == ["b", "a"]
    assert order.t == 0.25


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("merge_method: [", r"m\.yaml, line 1 is not YAML"),
        ("a: 1\nb: !!python/object/apply:os.getcwd []", "line 2 is not YAML: could not determine"),
        ("[" * 5000, "is not YAML"),
    ],
)
def test_what_is_no_plain_yaml_is_named_by_line(text: str, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        read_order(text, "m.yaml")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("merge_method: dare\nmodels: []", "asks for 'dare': known are linear, slerp, ties"),
        ("merge_method: linear\nslices: 1", "says 'slices', which is not understood"),
        ("merge_method: linear\nmodels:\n- model: a", "needs two models"),
        ("merge_method: linear\nmodels:\n- model: a\n- model: a", "named twice"),
        (
            "merge_method: slerp\nmodels:\n- model: a\n- model: b\nparameters:\n  t: [0, 1]",
            "a t that is no single number",
        ),
        ("merge_method: ties\nmodels:\n- model: a\n- model: b", "TIES needs the model"),
    ],
)
def test_orders_that_make_no_sense(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        read_order(text, "m.yaml")
