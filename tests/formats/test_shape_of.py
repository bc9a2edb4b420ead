"""The shape of a model: the two real ones, every family's rules, and headers that lie."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.device.estimates import RunShape
from freehold.device.memory_need import memory_need
from freehold.formats.families import KNOWN
from freehold.formats.gguf import GgufHeader, parse_header, read_header
from freehold.formats.gguf_types import TYPES_BY_NAME, ValueType
from freehold.formats.gguf_write import ArrayOf, Entry, NewTensor, write_gguf
from freehold.formats.model_shape import LayerShape, WeightRole
from freehold.formats.shape_of import shape_of


def test_smollm2(smollm2: Path) -> None:
    header = read_header(smollm2)
    shape = shape_of(header)
    assert shape.architecture == "llama"
    assert shape.layers == (LayerShape(9, 3, 64, 64, 1536),) * 30
    assert (shape.embedding_width, shape.vocabulary, shape.context_length) == (576, 49_152, 8192)
    assert shape.merges == 48_900
    assert shape.tied
    assert shape.parameters == 134_515_008
    assert shape.size == sum(tensor.size for tensor in header.tensors)
    sizes = {(group.role, group.type): group.size for group in shape.weights}
    assert sizes[WeightRole.EMBEDDING, "Q8_0"] == 30_081_024
    assert not shape.unknown


def test_gemma3_looks_back_512_tokens_in_five_layers_of_six(gemma3: Path) -> None:
    shape = shape_of(read_header(gemma3))
    assert [layer.window for layer in shape.layers] == ([512] * 5 + [None]) * 3
    assert {(layer.heads, layer.kv_heads, layer.key_width) for layer in shape.layers} == {
        (4, 1, 256)
    }
    assert shape.vocabulary == 262_144
    assert shape.merges == 0
    assert not shape.unknown


def keys(family: str, **numbers: object) -> GgufHeader:
    """The header of a file with no tensors: these keys, the usual ones unless they say otherwise.

    A list becomes an array; `__` in a name stands for a dot.
    """
    usual: dict[str, object] = {
        "context_length": 8192,
        "block_count": 8,
        "embedding_length": 512,
        "feed_forward_length": 1024,
        "attention__head_count": 8,
        "attention__head_count_kv": 2,
        "vocab_size": 1000,
    }
    entries = [Entry("general.architecture", ValueType.STRING, family)]
    for name, value in (usual | numbers).items():
        if value is None:
            continue
        key = f"{family}.{name.replace('__', '.')}"
        if isinstance(value, list):
            entries.append(Entry(key, ValueType.ARRAY, ArrayOf(ValueType.INT32, value)))
        else:
            assert isinstance(value, int)
            entries.append(Entry(key, ValueType.UINT64, value))
    return written(entries)


def written(entries: list[Entry], tensors: Sequence[NewTensor] = ()) -> GgufHeader:
    out = io.BytesIO()
    write_gguf(out, entries, tensors)
    return parse_header(out.getvalue(), len(out.getvalue()))


def windows(family: str, **numbers: object) -> list[int | None]:
    return [layer.window for layer in shape_of(keys(family, **numbers)).layers]


W, ALL = 1024, None


@pytest.mark.parametrize(
    ("family", "numbers", "expected"),
    [
        ("llama", {}, [ALL] * 8),
        ("phi3", {"attention__sliding_window": W}, [ALL] * 8),
        ("qwen2", {"attention__sliding_window": W}, [ALL] * 8),
        ("gemma2", {}, [4096, ALL] * 4),
        ("gemma2", {"attention__sliding_window": W}, [W, ALL] * 4),
        ("gemma3", {}, [ALL] * 8),
        ("gemma3", {"attention__sliding_window": W}, [W, W, W, W, W, ALL, W, W]),
        (
            "gemma3",
            {"attention__sliding_window": W, "attention__sliding_window_pattern": 2},
            [W, ALL] * 4,
        ),
        (
            "gemma4",
            {
                "attention__sliding_window": W,
                "attention__sliding_window_pattern": [1, 0, 0, 1, 1, 1, 1, 0],
            },
            [W, ALL, ALL, W, W, W, W, ALL],
        ),
        ("gpt-oss", {"attention__sliding_window": 128}, [128, ALL] * 4),
        ("cohere2", {"attention__sliding_window": W}, [W, W, W, ALL] * 2),
        ("cohere2moe", {"attention__sliding_window": W}, [ALL, W, W, W] * 2),
        ("llama4", {}, [8192, 8192, 8192, ALL] * 2),
        ("llama4", {"attention__sliding_window": W}, [8192, 8192, 8192, ALL] * 2),
        ("llama4", {"attention__sliding_window": 0}, [ALL] * 8),
        ("exaone4", {"attention__sliding_window": W}, [ALL] * 8),
        (
            "exaone4",
            {"attention__sliding_window": W, "block_count": 64},
            [W, W, W, ALL] * 16,
        ),
        ("olmo2", {}, [ALL] * 8),
        ("olmo2", {"attention__sliding_window": W}, [W, W, W, ALL] * 2),
        ("smallthinker", {"attention__sliding_window": W}, [ALL, 4096, 4096, 4096] * 2),
        ("plamo3", {"attention__sliding_window": W}, [W] * 7 + [ALL]),
    ],
)
def test_windows_by_family(
    family: str, numbers: dict[str, object], expected: list[int | None]
) -> None:
    assert windows(family, **numbers) == expected


def test_compressed_attention_keeps_one_row_a_token() -> None:
    header = keys(
        "deepseek2",
        attention__head_count_kv=1,
        attention__key_length=576,
        attention__value_length=512,
        attention__key_length_mla=192,
        attention__value_length_mla=128,
        expert_count=64,
        expert_used_count=6,
        expert_feed_forward_length=128,
        leading_dense_block_count=1,
    )
    shape = shape_of(header)
    assert (shape.experts, shape.experts_used) == (64, 6)
    layers = shape.layers
    assert {(layer.kv_heads, layer.key_width, layer.value_width) for layer in layers} == {
        (1, 576, 0)
    }
    assert [layer.feed_forward_width for layer in layers] == [1024] + [128] * 7


def test_layers_that_keep_a_state() -> None:
    mamba = shape_of(
        keys(
            "mamba",
            attention__head_count=0,
            attention__head_count_kv=None,
            feed_forward_length=0,
            ssm__conv_kernel=4,
            ssm__inner_size=1024,
            ssm__state_size=16,
        )
    )
    assert {(layer.kv_heads, layer.state) for layer in mamba.layers} == {(0, 3 * 1024 + 16 * 1024)}
    assert not mamba.unknown

    lfm2 = shape_of(
        keys("lfm2", attention__head_count_kv=[0, 0, 8, 0, 8, 0, 8, 0], shortconv__l_cache=3)
    )
    assert [layer.state for layer in lfm2.layers] == [1024, 1024, 0, 1024, 0, 1024, 0, 1024]
    assert [layer.kv_heads for layer in lfm2.layers] == [0, 0, 8, 0, 8, 0, 8, 0]

    qwen = shape_of(keys("qwen3next", ssm__conv_kernel=4, ssm__inner_size=64, ssm__state_size=8))
    assert [layer.kv_heads for layer in qwen.layers] == [0, 0, 0, 2] * 2
    assert [bool(layer.state) for layer in qwen.layers] == [True, True, True, False] * 2

    granite = shape_of(keys("granitehybrid", attention__head_count_kv=[0, 0, 0, 2] * 2))
    assert granite.unknown == ("how large the state of its recurrent layers is",)


def test_layers_without_a_cache_of_their_own() -> None:
    def cached(family: str, **numbers: object) -> list[bool]:
        return [layer.cached for layer in shape_of(keys(family, **numbers)).layers]

    assert cached("bert") == [False] * 8
    assert cached("gemma3n", block_count=30) == [True] * 20 + [False] * 10
    assert cached("gemma4", attention__shared_kv_layers=3) == [True] * 5 + [False] * 3
    assert cached("glm4moe", nextn_predict_layers=1) == [True] * 7 + [False]


def test_a_family_that_nobody_knows_is_answered_as_far_as_it_can_be() -> None:
    shape = shape_of(keys("hexaflux", attention__sliding_window=512))
    assert shape.layers == (LayerShape(8, 2, 64, 64, 1024),) * 8
    assert shape.unknown == (
        "how the family 'hexaflux' uses its layers",
        "which of its layers look back only 512 tokens",
    )


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"block_count": None}, "how many layers it has"),
        ({"block_count": 0}, "how many layers it has"),
        ({"block_count": 2**62}, "how many layers it has"),
        ({"attention__head_count": 0}, "how many heads it has"),
        ({"attention__head_count": None}, "how many heads it has"),
        (
            {"attention__head_count": None, "attention__head_count_kv": None},
            "how many heads share a cache",
        ),
        ({"attention__head_count_kv": 2**40}, "how many heads share a cache"),
        ({"embedding_length": 0}, "how wide its heads are"),
        ({"embedding_length": 2**60}, "how wide its heads are"),
    ],
)
def test_what_a_header_lies_about_is_named(numbers: dict[str, object], words: str) -> None:
    assert words in shape_of(keys("llama", **numbers)).unknown


def test_a_header_that_says_nothing() -> None:
    shape = shape_of(written([]))
    assert shape.layers == ()
    assert shape.unknown == (
        "which family it is of",
        "how many layers it has",
        "how many tokens it knows",
    )


def test_weights_are_added_up_by_what_they_do() -> None:
    names = {
        "token_embd.weight": WeightRole.EMBEDDING,
        "per_layer_token_embd.weight": WeightRole.TABLE,
        "output.weight": WeightRole.OUTPUT,
        "blk.0.ffn_down_exps.weight": WeightRole.EXPERT,
        "blk.0.ffn_down_shexp.weight": WeightRole.LAYER,
        "blk.0.attn_q.weight": WeightRole.LAYER,
    }
    tensors = [
        NewTensor(name, (64, 2), TYPES_BY_NAME["F16"], lambda: (bytes(256),)) for name in names
    ]
    shape = shape_of(written([], tensors))
    found = {group.role: (group.tensors, group.size) for group in shape.weights}
    for role in WeightRole:
        count = list(names.values()).count(role)
        assert found[role] == (count, 256 * count)
    assert (shape.embedding_width, shape.vocabulary) == (64, 2)
    assert not shape.tied


SCALARS = st.one_of(
    st.integers(0, 2**64 - 1),
    st.integers(0, 600),
    st.lists(st.integers(-(2**31), 2**31 - 1), max_size=9),
)
KEYS = [
    "block_count", "embedding_length", "feed_forward_length", "attention__head_count",
    "attention__head_count_kv", "attention__key_length", "attention__value_length",
    "attention__key_length_mla", "attention__value_length_mla", "attention__sliding_window",
    "attention__sliding_window_pattern", "attention__shared_kv_layers", "nextn_predict_layers",
    "expert_count", "expert_used_count", "expert_feed_forward_length", "context_length",
    "leading_dense_block_count", "ssm__conv_kernel", "ssm__inner_size", "ssm__state_size",
    "ssm__group_count", "shortconv__l_cache", "wkv__head_size", "kda__head_dim",
    "full_attention_interval", "attention__recurrent_layers", "vocab_size",
]  # fmt: skip


@given(st.sampled_from(sorted(KNOWN)), st.dictionaries(st.sampled_from(KEYS), SCALARS))
def test_no_header_makes_it_fail(family: str, numbers: dict[str, object]) -> None:
    shape = shape_of(keys(family, **numbers))
    assert len(shape.layers) <= 512
    need = memory_need(shape, RunShape(4096))
    assert need.total >= 0
    assert need.missing == shape.unknown
