"""Tiny checkpoints to convert: weights that follow from their names, a tokenizer made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from tests.formats.huggingface.tokenizers_by_hand import byte_pairs

from freehold.formats.blocks.quantize import quantize
from freehold.formats.gguf_types import TYPES_BY_NAME
from freehold.formats.safetensors_write import NewSafeTensor, write_safetensors

IDS = [(7 * i * i + 11 * i + 3) % 300 + 1 for i in range(24)]
PLACES = (0, 7, 23)
"""Positions whose logits are recorded."""
SHOWN = 24
"""How many of each."""


def random_numbers(name: str, shape: Sequence[int]) -> NDArray[np.float32]:
    """The weights of a tensor: the same for the same name everywhere."""
    dice = np.random.default_rng(crc32(name.encode()))
    if "norm" in name:
        return dice.uniform(0.5, 1.5, tuple(shape)).astype(np.float32)
    return dice.normal(0, 0.2, tuple(shape)).astype(np.float32)


def recorded() -> dict[str, Any]:
    """What transformers computed, by case."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("logits.json").read_text())
    return found


def write_folder(
    folder: Path,
    config: Mapping[str, Any],
    tensors: Mapping[str, Sequence[int]],
    dtype: str = "F32",
) -> Path:
    """A whole checkpoint of random weights."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text(json.dumps(byte_pairs(), ensure_ascii=False))

    def pieces(name: str, shape: Sequence[int]) -> tuple[bytes]:
        return (quantize(random_numbers(name, shape), TYPES_BY_NAME[dtype]).tobytes(),)

    new = [
        NewSafeTensor(name, tuple(shape), dtype, partial(pieces, name, shape))
        for name, shape in tensors.items()
    ]
    with (folder / "model.safetensors").open("wb") as file:
        write_safetensors(file, new)
    return folder
