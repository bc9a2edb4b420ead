"""Small models to look into: synthetic ones, made in a moment, and ways to make odd ones."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from freehold.formats.gguf import read_header
from freehold.formats.gguf_synthetic import SyntheticModel, write_synthetic
from freehold.formats.gguf_types import TYPES_BY_NAME, ValueType
from freehold.formats.gguf_write import (
    ArrayOf,
    Entry,
    NewTensor,
    entries_of,
    tensor_of,
    write_gguf,
)

SMALL = SyntheticModel("llama", 2, 64, 128, 4, 2, 16, vocabulary=600, context_length=128)


def synthetic(path: Path, model: SyntheticModel = SMALL, kind: str = "Q8_0", seed: int = 0) -> Path:
    """A model with random weights."""
    with path.open("wb") as file:
        write_synthetic(file, model, kind, seed=seed)
    return path


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two layers of a llama, Q8_0, with a chat template that writes contents alone."""
    return synthetic(tmp_path_factory.mktemp("small") / "small.gguf")


def cut(path: Path, count: int) -> list[Path]:
    """The same model split over `count` files, as llama.cpp's gguf-split does it."""
    header = read_header(path)
    tensors = [tensor_of(path, each) for each in header.tensors]
    parts = []
    for part in range(count):
        said = [
            Entry("split.no", ValueType.UINT16, part),
            Entry("split.count", ValueType.UINT16, count),
            Entry("split.tensors.count", ValueType.INT32, len(tensors)),
        ]
        own = tensors[len(tensors) * part // count : len(tensors) * (part + 1) // count]
        parts.append(path.with_name(f"{path.stem}-{part + 1:05}-of-{count:05}.gguf"))
        with parts[-1].open("wb") as file:
            write_gguf(file, [*(entries_of(header) if part == 0 else ()), *said], own)
    return parts


def entry(key: str, value: Any) -> Entry:
    """A piece of metadata, typed as its value is."""
    match value:
        case bool():
            return Entry(key, ValueType.BOOL, value)
        case int():
            return Entry(key, ValueType.UINT32, value)
        case float():
            return Entry(key, ValueType.FLOAT32, value)
        case str():
            return Entry(key, ValueType.STRING, value)
        case _:
            kinds = {str: ValueType.STRING, int: ValueType.INT32, bytes: ValueType.STRING}
            return Entry(key, ValueType.ARRAY, ArrayOf(kinds[type(value[0])], value))


def gguf(
    metadata: dict[str, Any] | None = None,
    tensors: Sequence[tuple[str, tuple[int, ...], str, bytes]] = (),
) -> bytes:
    """A whole file: metadata beside an architecture, and tensors (name, shape, type, bytes)."""
    said = {"general.architecture": "llama", **(metadata or {})}
    out = io.BytesIO()

    def pieces(data: bytes) -> Callable[[], tuple[bytes]]:
        return lambda: (data,)

    made = [
        NewTensor(name, shape, TYPES_BY_NAME[kind], pieces(data))
        for name, shape, kind, data in tensors
    ]
    write_gguf(out, [entry(key, value) for key, value in said.items()], made)
    return out.getvalue()


Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """`make({"general.name": "x"})` writes a GGUF file with that metadata."""

    def write(
        metadata: dict[str, Any] | None = None, *, name: str = "made.gguf", **more: Any
    ) -> Path:
        path = tmp_path / name
        path.write_bytes(gguf(metadata, **more))
        return path

    return write


def safetensors(
    tensors: Mapping[str, tuple[str, tuple[int, ...], bytes]],
    metadata: dict[str, str] | None = None,
) -> bytes:
    """A whole safetensors file."""
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    end, body = 0, b""
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + len(data)]}
        end, body = end + len(data), body + data
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body
