"""A small writer of GGUF files, right and wrong ones, and the reference reader run once."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.studying import make, small_model

from freehold.formats.gguf_types import BLOCK_TYPES, SCALAR_CODES, ValueType

__all__ = ["make", "small_model"]

Entry = tuple[str | bytes, int, Any]
Tensor = tuple[str | bytes, tuple[int, ...], int, int | None]
Build = Callable[..., bytes]


def _string(value: str | bytes, order: str) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack(order + "Q", len(raw)) + raw


def _value(kind: int, value: Any, order: str) -> bytes:
    """A value as the file has it. A bytearray is written as it is."""
    if isinstance(value, bytearray):
        return bytes(value)
    if kind == ValueType.STRING:
        return _string(value, order)
    if kind == ValueType.ARRAY:
        of, items = value
        body = b"".join(_value(of, item, order) for item in items)
        return struct.pack(order + "IQ", of, len(items)) + body
    return struct.pack(order + SCALAR_CODES[ValueType(kind)], value)


def _size(shape: tuple[int, ...], kind: int) -> int:
    elements = 1
    for length in shape:
        elements *= length
    block = BLOCK_TYPES.get(kind, BLOCK_TYPES[0])
    return elements // block.elements * block.bytes


def build_gguf(
    entries: Sequence[Entry] = (),
    tensors: Sequence[Tensor] = (),
    *,
    version: int = 3,
    order: str = "<",
    entry_count: int | None = None,
    tensor_count: int | None = None,
    alignment: int = 32,
    data: int | None = None,
) -> bytes:
    """A whole file. A tensor is (name, shape, type, offset); offset None is the next free one.

    The counts and the number of data bytes are right unless given.
    """
    out = b"GGUF" + struct.pack(
        order + "IQQ",
        version,
        len(tensors) if tensor_count is None else tensor_count,
        len(entries) if entry_count is None else entry_count,
    )
    for key, kind, value in entries:
        out += _string(key, order) + struct.pack(order + "I", kind) + _value(kind, value, order)
    end = 0
    for name, shape, kind, offset in tensors:
        start = -(-end // alignment) * alignment if offset is None else offset
        end = max(end, start + _size(shape, kind)) if start < 2**20 else end
        out += _string(name, order) + struct.pack(order + "I", len(shape))
        out += struct.pack(f"{order}{len(shape)}QIQ", *shape, kind, start)
    out += bytes(-len(out) % alignment)
    return out + bytes(index % 251 for index in range(min(end, 2**20) if data is None else data))


@pytest.fixture(scope="session")
def build() -> Build:
    """`build_gguf`, for tests that make their own files."""
    return build_gguf


@pytest.fixture(scope="session")
def small() -> bytes:
    """A small file with something of everything that a header can hold."""
    entries: list[Entry] = [
        ("general.architecture", ValueType.STRING, "llama"),
        ("general.name", ValueType.STRING, "Tiny"),
        ("general.alignment", ValueType.UINT32, 64),
        ("general.file_type", ValueType.UINT32, 15),
        ("general.license", ValueType.STRING, "apache-2.0"),
        ("general.tags", ValueType.ARRAY, (ValueType.STRING, ["one", "two"])),
        ("general.base_model.count", ValueType.UINT32, 1),
        ("general.base_model.0.name", ValueType.STRING, "Parent"),
        ("llama.block_count", ValueType.UINT32, 2),
        ("llama.context_length", ValueType.UINT32, 512),
        ("llama.embedding_length", ValueType.UINT32, 64),
        ("llama.feed_forward_length", ValueType.ARRAY, (ValueType.INT32, [128, 256])),
        ("llama.attention.head_count", ValueType.UINT32, 4),
        ("llama.attention.head_count_kv", ValueType.UINT32, 2),
        ("llama.rope.freq_base", ValueType.FLOAT32, 10000.0),
        ("tokenizer.ggml.model", ValueType.STRING, "gpt2"),
        (
            "tokenizer.ggml.tokens",
            ValueType.ARRAY,
            (ValueType.STRING, [f"t{i}" for i in range(40)]),
        ),
        ("tokenizer.ggml.scores", ValueType.ARRAY, (ValueType.FLOAT32, [i / 2 for i in range(40)])),
        ("tokenizer.ggml.token_type", ValueType.ARRAY, (ValueType.INT32, [1] * 40)),
        ("tokenizer.ggml.eos_token_id", ValueType.UINT32, 2),
        ("tokenizer.ggml.add_bos_token", ValueType.BOOL, True),
        ("tokenizer.chat_template", ValueType.STRING, "{{ messages }}"),
        *(
            (f"every.{kind.name.lower()}", kind, 1)
            for kind in ValueType
            if kind in SCALAR_CODES and kind is not ValueType.BOOL
        ),
        ("every.flags", ValueType.ARRAY, (ValueType.BOOL, [True, False, True])),
        ("every.empty", ValueType.ARRAY, (ValueType.STRING, [])),
        ("split.no", ValueType.UINT16, 0),
        ("split.count", ValueType.UINT16, 1),
        ("split.tensors.count", ValueType.INT32, 4),
    ]
    tensors: list[Tensor] = [
        ("token_embd.weight", (64, 40), 8, None),
        ("blk.0.attn_q.weight", (64, 64), 3, None),
        ("blk.0.attn_norm.weight", (64,), 0, None),
        ("blk.1.ffn_up.weight", (256, 2), 12, None),
    ]
    return build_gguf(entries, tensors, alignment=64)


def _reference(path: Path) -> Any:
    from gguf import GGUFReader

    return GGUFReader(path)


@pytest.fixture(scope="session")
def smollm2_reference(smollm2: Path) -> Any:
    """What the `gguf` package reads in SmolLM2 (2 s)."""
    return _reference(smollm2)


@pytest.fixture(scope="session")
def gemma3_reference(gemma3: Path) -> Any:
    """What the `gguf` package reads in Gemma (10 s)."""
    return _reference(gemma3)
