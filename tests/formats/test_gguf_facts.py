"""The facts of two real models, of made-up ones, and of files that say odd things."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from freehold.formats.gguf import ValueType, parse_header, read_header
from freehold.formats.gguf_facts import GgufFacts, at_layer, read_facts

Build = Callable[..., bytes]

STRING, ARRAY, UINT32, INT32, BOOL, FLOAT32 = (
    ValueType.STRING,
    ValueType.ARRAY,
    ValueType.UINT32,
    ValueType.INT32,
    ValueType.BOOL,
    ValueType.FLOAT32,
)


def facts(build: Build, *entries: tuple[str, int, Any], tensors: Any = ()) -> GgufFacts:
    data = build(entries, tensors)
    return read_facts(parse_header(data, len(data)))


def test_smollm2(smollm2: Path) -> None:
    found = read_facts(read_header(smollm2))
    assert (found.kind, found.architecture) == ("model", "llama")
    assert found.name == "Smollm2 135M 8k Lc100K Mix1 Ep2"
    network = found.network
    assert (network.layers, network.heads, network.kv_heads) == (30, 9, 3)
    assert (network.key_width, network.value_width) == (64, 64)
    assert (network.embedding_width, network.feed_forward_width) == (576, 1536)
    assert (network.context_length, network.sliding_window) == (8192, None)
    assert network.rope_base == 100_000
    assert found.weights.parameters == 134_515_008
    assert found.weights.quantization == "Q4_1"
    assert [share.type for share in found.weights.shares] == ["Q4_1", "Q8_0", "F32"]
    assert found.weights.bits_per_weight == pytest.approx(5.7437, abs=1e-4)
    tokenizer = found.tokenizer
    assert (tokenizer.model, tokenizer.pre, tokenizer.vocabulary) == ("gpt2", "smollm", 49_152)
    assert (tokenizer.bos, tokenizer.eos, tokenizer.padding) == (1, 2, 2)
    assert (tokenizer.add_bos, tokenizer.add_eos) == (False, None)
    assert found.chat_template is not None
    assert "<|im_start|>" in found.chat_template
    assert (found.origin.licence, found.origin.languages) == ("apache-2.0", ("en",))
    assert found.origin.base_models == ()


def test_gemma3(gemma3: Path) -> None:
    found = read_facts(read_header(gemma3))
    assert found.architecture == "gemma3"
    network = found.network
    assert (network.layers, network.heads, network.kv_heads) == (18, 4, 1)
    assert (network.key_width, network.value_width) == (256, 256)  # not 640 / 4
    assert (network.sliding_window, network.sliding_pattern) == (512, None)
    assert found.weights.parameters == 268_098_176
    assert found.weights.quantization == "Q4_K_M"
    assert found.tokenizer.vocabulary == 262_144
    assert found.chat_template is None
    assert found.origin.licence == "gemma"


def test_a_file_that_says_nothing(build: Build) -> None:
    found = facts(build)
    assert (found.kind, found.architecture, found.name) == ("model", None, None)
    assert found.chat_template is None
    assert found.weights.parameters == 0
    assert found.weights.quantization is None
    assert found.weights.bits_per_weight is None
    assert found.network.kv_heads is None
    assert found.tokenizer.vocabulary is None
    assert found.origin.base_models == ()


def test_facts_of_the_wrong_type_are_unknown(build: Build) -> None:
    found = facts(
        build,
        ("general.architecture", STRING, "llama"),
        ("general.name", UINT32, 5),
        ("general.license", ARRAY, (UINT32, [1])),
        ("general.file_type", STRING, "Q4_K_M"),
        ("general.tags", ARRAY, (UINT32, [1, 2])),
        ("llama.block_count", STRING, "many"),
        ("llama.context_length", BOOL, True),
        ("llama.embedding_length", FLOAT32, 64.0),
        ("llama.attention.head_count", INT32, -4),
        ("llama.attention.head_count_kv", ARRAY, (STRING, ["a"])),
        ("llama.rope.freq_base", STRING, "x"),
        ("tokenizer.ggml.tokens", STRING, "not a list"),
        ("tokenizer.ggml.eos_token_id", INT32, -1),
        ("tokenizer.chat_template", ARRAY, (STRING, ["x"])),
    )
    assert (found.name, found.origin.licence, found.chat_template) == (None, None, None)
    assert found.weights.quantization is None
    assert found.origin.tags == ()
    network = found.network
    assert network.layers is None
    assert network.context_length is None
    assert network.embedding_width is None
    assert (network.heads, network.kv_heads, network.key_width) == (None, None, None)
    assert network.rope_base is None
    assert (found.tokenizer.vocabulary, found.tokenizer.eos) == (None, None)


def test_numbers_that_differ_by_layer(build: Build) -> None:
    network = facts(
        build,
        ("general.architecture", STRING, "hybrid"),
        ("hybrid.embedding_length", UINT32, 64),
        ("hybrid.attention.head_count", ARRAY, (INT32, [4, 8, 0])),
        ("hybrid.attention.head_count_kv", ARRAY, (UINT32, [2, 4, 0])),
        ("hybrid.attention.sliding_window", UINT32, 1024),
        ("hybrid.attention.sliding_window_pattern", ARRAY, (BOOL, [True, True, False])),
        ("hybrid.feed_forward_length", UINT32, 256),
        ("hybrid.expert_count", UINT32, 8),
        ("hybrid.expert_used_count", UINT32, 2),
    ).network
    assert network.kv_heads == (2, 4, 0)
    assert [at_layer(network.kv_heads, layer) for layer in range(4)] == [2, 4, 0, None]
    assert at_layer(network.feed_forward_width, 2) == 256
    assert network.sliding_pattern == (1, 1, 0)
    assert network.key_width == 8
    assert (network.experts, network.experts_used) == (8, 2)


def test_heads_serve_where_kv_heads_are_not_said(build: Build) -> None:
    network = facts(
        build,
        ("general.architecture", STRING, "gpt2"),
        ("gpt2.attention.head_count", UINT32, 12),
        ("gpt2.attention.head_count_kv", UINT32, 0),
        ("gpt2.expert_count", UINT32, 0),
        ("gpt2.attention.sliding_window", UINT32, 0),
    ).network
    assert network.kv_heads == 0  # said to be none, as in a model without attention
    assert (network.experts, network.sliding_window) == (None, None)
    network = facts(
        build,
        ("general.architecture", STRING, "gpt2"),
        ("gpt2.attention.head_count", UINT32, 12),
    ).network
    assert network.kv_heads == 12


def test_a_count_in_the_billions_costs_nothing(build: Build) -> None:
    found = facts(
        build,
        ("general.architecture", STRING, "llama"),
        ("llama.block_count", UINT32, 2**32 - 1),
        ("llama.attention.head_count_kv", ARRAY, (UINT32, [1] * 70_000)),
        ("general.base_model.count", UINT32, 2**32 - 1),
    )
    assert found.network.layers == 2**32 - 1
    assert found.network.kv_heads is None  # too long to be a list of layers
    assert found.origin.base_models == ()


@pytest.mark.parametrize(
    ("file_type", "name"), [(15, "Q4_K_M"), (1024 + 15, "Q4_K_M"), (0, "F32"), (999, "Q8_0")]
)
def test_quantization_in_words(build: Build, file_type: int, name: str) -> None:
    tensors = [("a", (32, 4), 8, None), ("b", (16,), 0, None)]
    found = facts(build, ("general.file_type", UINT32, file_type), tensors=tensors)
    assert found.weights.quantization == name


def test_templates_for_several_uses(build: Build) -> None:
    found = facts(
        build,
        ("tokenizer.chat_templates", ARRAY, (STRING, ["tool_use", "missing"])),
        ("tokenizer.chat_template", STRING, "plain"),
        ("tokenizer.chat_template.tool_use", STRING, "with tools"),
    )
    assert found.chat_template == "plain"
    assert found.named_templates == (("tool_use", "with tools"),)


def test_special_tokens(build: Build) -> None:
    names = ["bos", "eos", "eot", "unknown", "seperator", "padding", "mask"]  # as the format spells
    entries = [(f"tokenizer.ggml.{name}_token_id", UINT32, id_) for id_, name in enumerate(names)]
    tokenizer = facts(build, *entries, ("tokenizer.ggml.add_eos_token", BOOL, True)).tokenizer
    assert (tokenizer.bos, tokenizer.eos, tokenizer.end_of_turn) == (0, 1, 2)
    assert (tokenizer.unknown, tokenizer.separator) == (3, 4)
    assert (tokenizer.padding, tokenizer.mask) == (5, 6)
    assert (tokenizer.add_bos, tokenizer.add_eos) == (None, True)


def test_adapters_say_so_and_parts_add_up(build: Build) -> None:
    first = build([("general.type", STRING, "adapter")], [("a", (32,), 0, None)])
    second = build([], [("b", (32,), 1, None)])
    headers = [parse_header(data, len(data)) for data in (first, second)]
    found = read_facts(*headers)
    assert found.kind == "adapter"
    assert (found.weights.parameters, found.weights.size) == (64, 32 * 4 + 32 * 2)
