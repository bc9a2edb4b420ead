"""A model opened up: on real text its logits are the engine's; what it cannot open, it says."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.transformer.engine_truth import divergence, exact_engine, log_probabilities, log_softmax
from tests.transformer.making import BASE, IDS, made

from freehold.errors import ContextExceeded, FormatError, UnsupportedModel, UsageError
from freehold.formats.gguf import read_header
from freehold.formats.gguf_synthetic import SyntheticModel
from freehold.formats.gguf_types import TYPES_BY_NAME, ValueType
from freehold.formats.gguf_write import Entry, NewTensor, entries_of, tensor_of, write_gguf
from freehold.transformer.transformer import Transformer

TEXT = (
    "The capital of France is Paris. A river runs through it, and on both of its banks there are "
    "stalls where old books are sold, as there have been for four hundred years."
)


def changed(
    path: Path,
    *,
    entries: Callable[[list[Entry]], list[Entry]] = lambda given: given,
    tensors: Callable[[list[NewTensor]], list[NewTensor]] = lambda given: given,
) -> Path:
    """The same file with other metadata or tensors."""
    header = read_header(path)
    new = path.with_name("changed.gguf")
    with new.open("wb") as file:
        given = [tensor_of(path, tensor) for tensor in header.tensors]
        write_gguf(file, entries(entries_of(header)), tensors(given))
    return new


@pytest.mark.parametrize("name", ["smollm2", "gemma3"])
def test_on_real_text_it_says_what_the_engine_says(
    name: str, request: pytest.FixtureRequest
) -> None:
    path = request.getfixturevalue(name)
    with exact_engine(path) as engine:
        ids = [*([2] if name == "gemma3" else []), *engine.tokenize(TEXT)]
        ends = range(3, len(ids) + 1, 4)
        truth = log_probabilities(engine, ids, ends, 400)
    with Transformer.open(path) as model:
        trace = model.trace(ids)
    ours = log_softmax(trace.logits[[end - 1 for end in ends]])
    likeliest = truth.argmax(-1)
    # Where two tokens are nearly as likely, either may be first.
    given_up = ours.max(-1) - np.take_along_axis(ours, likeliest[:, None], -1)[:, 0]
    assert given_up.max() < 0.25
    assert divergence(truth, ours).mean() < 0.02


@pytest.mark.parametrize("kind", ["F16", "Q8_0", "Q4_K"])
def test_what_is_kept_dequantized_changes_no_number(kind: str, tmp_path: Path) -> None:
    path = made(tmp_path, replace(BASE, embedding_width=256, head_width=64), kind)
    with Transformer.open(path) as model, Transformer.open(path, cache_bytes=1 << 22) as keeping:
        plain = model.trace(IDS)
        for _ in range(2):
            again = keeping.trace(IDS)
            np.testing.assert_array_equal(again.residual, plain.residual)
            np.testing.assert_array_equal(again.logits, plain.logits)


def test_a_trace_has_the_shapes_it_says(tmp_path: Path) -> None:
    with Transformer.open(made(tmp_path)) as model:
        whole = model.trace(IDS, keep=["residual", "pattern", "layers.*.mlp.hidden"])
        last = model.trace(IDS, keep=[], logits="last")
        none = model.trace(IDS, keep=[], logits=False)
    assert whole.ids == tuple(IDS)
    assert whole.residual.shape == (3, 24, 64)
    assert whole.pattern.shape == (2, 4, 24, 24)
    np.testing.assert_allclose(whole.pattern.sum(-1), 1, atol=1e-5)
    assert not np.triu(whole.pattern, 1).any()
    assert set(whole.activations) >= {"layers.0.mlp.hidden", "layers.1.mlp.hidden"}
    for name in ("residual", "pattern"):
        with pytest.raises(UsageError, match=f"without '{name}'"):
            getattr(last, name)
    np.testing.assert_allclose(last.logits[0], whole.logits[-1], atol=1e-5)
    with pytest.raises(UsageError, match="logits=True"):
        _ = none.logits
    assert whole.residual.dtype == whole.logits.dtype == np.float32


def test_the_last_residual_unembedded_is_the_logits(tmp_path: Path) -> None:
    model_with_cap = replace(BASE, family="gemma2", more=(("final_logit_softcapping", 3.0),))
    with Transformer.open(made(tmp_path, model_with_cap)) as model:
        trace = model.trace(IDS)
        np.testing.assert_allclose(model.unembed(trace.residual[-1]), trace.logits, atol=1e-5)
        parts = list(model.unembed_parts(trace.residual, part_rows=100))
    assert [first for first, _ in parts] == [0, 100, 200, 300, 400, 500]
    assert parts[-1][1].shape == (3, 24, 12)
    joined = np.concatenate([part for _, part in parts], axis=-1)
    np.testing.assert_allclose(joined[-1], trace.logits, atol=1e-5)


def test_a_later_token_changes_nothing_before_it(tmp_path: Path) -> None:
    with Transformer.open(made(tmp_path, replace(BASE, family="gemma3", window=5))) as model:
        short, long = model.trace(IDS[:10]), model.trace(IDS)
    np.testing.assert_allclose(short.logits, long.logits[:10], atol=1e-4)


@pytest.mark.parametrize("ids", [[], [512], [-1]])
def test_tokens_that_are_none_are_refused(ids: list[int], tmp_path: Path) -> None:
    with Transformer.open(made(tmp_path)) as model, pytest.raises(UsageError):
        model.trace(ids)


def test_a_text_beyond_the_context_says_both_numbers(tmp_path: Path) -> None:
    with Transformer.open(made(tmp_path)) as model, pytest.raises(ContextExceeded) as caught:
        model.trace([1] * 65)
    assert (caught.value.prompt_tokens, caught.value.context_tokens) == (65, 64)


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (replace(BASE, family="qwen3moe", experts=4, experts_used=2), "qwen3moe"),
        (replace(BASE, experts=4, experts_used=2), "4 experts"),
        (replace(BASE, more=(("rope.scaling.type", "dynamic"),)), "dynamic"),
        (replace(BASE, rope_width=7), "7 of 16"),
        (replace(BASE, factors=(("mystery", (1.0, 2.0)),)), "mystery"),
    ],
)
def test_what_cannot_be_opened_is_named(model: SyntheticModel, named: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedModel, match=named):
        Transformer.open(made(tmp_path, model))


def test_a_block_type_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    kind = TYPES_BY_NAME["NVFP4"]

    def with_it(given: list[NewTensor]) -> list[NewTensor]:
        first = given[0]
        return [NewTensor(first.name, first.shape, kind, lambda: [bytes(36 * 512)]), *given[1:]]

    path = changed(made(tmp_path), tensors=with_it)
    with pytest.raises(UnsupportedModel, match="NVFP4"):
        Transformer.open(path)


def test_a_part_of_a_split_model_is_refused(tmp_path: Path) -> None:
    count = Entry("split.count", ValueType.UINT16, 2)
    path = changed(made(tmp_path), entries=lambda given: [*given, count])
    with pytest.raises(UnsupportedModel, match="one part of a split model"):
        Transformer.open(path)


@pytest.mark.parametrize("name", ["blk.1.attn_k.weight", "output_norm.weight"])
def test_a_missing_tensor_is_named(name: str, tmp_path: Path) -> None:
    path = changed(
        made(tmp_path), tensors=lambda given: [each for each in given if each.name != name]
    )
    with pytest.raises(FormatError, match=name):
        Transformer.open(path)


def test_a_tensor_of_another_shape_is_named(tmp_path: Path) -> None:
    def halved(given: list[Entry]) -> list[Entry]:
        return [
            replace(each, value=48) if each.key == "llama.feed_forward_length" else each
            for each in given
        ]

    with pytest.raises(FormatError, match=r"blk\.0\.ffn_gate"):
        Transformer.open(changed(made(tmp_path), entries=halved))


@pytest.mark.parametrize("key", ["attention.head_count", "attention.layer_norm_rms_epsilon"])
def test_a_missing_number_is_named(key: str, tmp_path: Path) -> None:
    def without(given: list[Entry]) -> list[Entry]:
        return [each for each in given if each.key != f"llama.{key}"]

    with pytest.raises(FormatError):
        Transformer.open(changed(made(tmp_path), entries=without))


@pytest.mark.parametrize(
    "name", ["token_embd.weight", "blk.1.ffn_down.weight", "output_norm.weight"]
)
def test_weights_that_are_no_numbers_are_named(name: str, tmp_path: Path) -> None:
    path = made(tmp_path)
    tensor = read_header(path).by_name[name]
    raw = bytearray(path.read_bytes())
    raw[tensor.offset + tensor.size - 4 : tensor.offset + tensor.size] = struct.pack("<f", math.nan)
    path.write_bytes(raw)
    with Transformer.open(path) as model, pytest.raises(FormatError, match=name):
        model.trace(IDS)


def test_a_hook_may_put_in_what_is_no_number(tmp_path: Path) -> None:
    with Transformer.open(made(tmp_path)) as model:
        trace = model.trace(IDS, hooks={"layers.0.output": lambda value, _: value * np.nan})
    assert np.isnan(trace.logits).all()
