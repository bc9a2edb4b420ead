"""A model's files as plain facts, whichever format they are in."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.studying import Make, safetensors

from freehold.errors import FormatError
from freehold.study.weights_file import read_weights


def test_shapes_come_as_arrays_have_them(make: Make) -> None:
    path = make(tensors=[("token_embd.weight", (32, 5), "Q8_0", bytes(5 * 34))])
    weights = read_weights("made", [path])
    (tensor,) = weights.tensors
    assert (tensor.shape, tensor.type, tensor.size, tensor.elements) == ((5, 32), "Q8_0", 170, 160)
    assert weights.format == "GGUF 3"
    assert weights.size == path.stat().st_size


def test_a_split_model_is_one(make: Make) -> None:
    names = [f"m-0000{number}-of-00002.gguf" for number in (1, 2)]
    paths = [
        make(
            {"split.no": index, "split.count": 2, "split.tensors.count": 2},
            name=name,
            tensors=[(f"blk.{index}.ffn_up.weight", (4, 2), "F32", bytes(32))],
        )
        for index, name in enumerate(names)
    ]
    weights = read_weights("m", paths)
    assert [(tensor.name, tensor.file) for tensor in weights.tensors] == [
        ("blk.0.ffn_up.weight", 0),
        ("blk.1.ffn_up.weight", 1),
    ]
    with pytest.raises(FormatError, match="is part 2 by its contents"):
        read_weights("m", paths[::-1])


def test_safetensors_without_a_name_are_known_by_their_beginning(tmp_path: Path) -> None:
    path = tmp_path / "blob"
    path.write_bytes(safetensors({"norm.weight": ("F16", (3,), bytes(6))}))
    weights = read_weights("x", [path])
    assert weights.format == "safetensors"
    assert weights.gguf is None
    with pytest.raises(FormatError, match=r"both hold the tensor 'norm\.weight'"):
        read_weights("x", [path, path])
