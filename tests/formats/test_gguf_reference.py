"""On two real models, the reader and the `gguf` package agree: every key, value and tensor."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from freehold.formats.gguf import GgufArray, GgufHeader, parse_header, read_header

MODELS = ["smollm2", "gemma3"]


@pytest.fixture(scope="session", params=MODELS)
def pair(request: pytest.FixtureRequest) -> tuple[Path, Any]:
    """A real model and the reference's reading of it."""
    return (
        request.getfixturevalue(request.param),
        request.getfixturevalue(f"{request.param}_reference"),
    )


def _agree(ours: GgufArray, theirs: Any) -> None:
    assert ours.element_type.name == theirs.types[-1].name
    assert len(ours) == len(theirs.data)
    chosen = random.Random(7).choices(range(len(ours)), k=100)
    decoded = list(ours)
    assert len(decoded) == len(ours)
    for index in (0, len(ours) - 1, *chosen):
        expected = theirs.contents(index)
        assert ours[index] == expected
        assert decoded[index] == expected


def test_every_key_and_value(pair: tuple[Path, Any]) -> None:
    path, reference = pair
    header = read_header(path)
    theirs = {
        name: field for name, field in reference.fields.items() if not name.startswith("GGUF.")
    }
    assert list(header.metadata) == list(theirs)
    assert header.version == reference.fields["GGUF.version"].contents()
    arrays = 0
    for key, value in header.metadata.items():
        assert header.value_types[key].name == theirs[key].types[0].name
        if isinstance(value, GgufArray):
            _agree(value, theirs[key])
            arrays += 1
        else:
            assert value == theirs[key].contents()
            assert type(value) is type(theirs[key].contents())
    print(f"{path.name}: {len(theirs)} keys, {arrays} of them arrays")


def test_every_tensor(pair: tuple[Path, Any]) -> None:
    path, reference = pair
    header = read_header(path)
    assert header.alignment == reference.alignment
    assert header.data_offset == reference.data_offset
    ours = [
        (tensor.name, tensor.shape, tensor.type.id, tensor.elements, tensor.offset, tensor.size)
        for tensor in header.tensors
    ]
    theirs = [
        (
            tensor.name,
            tuple(int(length) for length in tensor.shape),
            int(tensor.tensor_type),
            tensor.n_elements,
            tensor.data_offset,
            tensor.n_bytes,
        )
        for tensor in reference.tensors
    ]
    assert ours == theirs
    assert len(ours) > 200
    print(f"{path.name}: {len(ours)} tensors")


def _all_strings(value: object) -> bytes:
    assert isinstance(value, GgufArray)
    return b"\0".join(value.raw(index) for index in range(len(value)))


def test_a_vocabulary_of_262_144_word_for_word(gemma3: Path, gemma3_reference: Any) -> None:
    key = "tokenizer.ggml.tokens"
    field = gemma3_reference.fields[key]
    theirs = b"\0".join(field.parts[index].tobytes() for index in field.data)
    assert _all_strings(read_header(gemma3).metadata[key]) == theirs


def test_reading_decodes_no_vocabulary(gemma3: Path) -> None:
    import tracemalloc

    tracemalloc.start()
    try:
        header = read_header(gemma3)
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    tokens = header.metadata["tokenizer.ggml.tokens"]
    assert isinstance(tokens, GgufArray)
    assert len(tokens) == 262_144
    assert held < header.data_offset + 500_000  # the header's bytes once, and little else
    assert peak < 2 * header.data_offset


def test_the_first_bytes_are_enough(smollm2: Path) -> None:
    whole: GgufHeader = read_header(smollm2)
    with smollm2.open("rb") as file:
        first = file.read(whole.data_offset)
    assert parse_header(first, whole.file_size, str(smollm2)) == whole
