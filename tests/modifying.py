"""Adapters and control vectors of random numbers, for models of any shape."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from freehold.formats.control_vector import ControlVector, write_vector
from freehold.formats.gguf import read_header
from freehold.formats.gguf_lookup import integer, text
from freehold.formats.lora import Lora, LowRank, write_lora

MATRICES = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")


def random_lora(
    model: Path,
    parts: tuple[str, ...] = MATRICES,
    *,
    rank: int = 4,
    alpha: float = 8.0,
    size: float = 0.1,
    seed: int = 0,
    sha256: str | None = None,
) -> Lora:
    """An adapter that changes every matrix of `parts` in every layer; `size` is its numbers'."""
    header = read_header(model)
    dice = np.random.default_rng(seed)
    pairs = {}
    for tensor in header.tensors:
        if tensor.name.removesuffix(".weight").rpartition(".")[2] not in parts:
            continue
        width, rows = tensor.shape
        a = dice.normal(0, size, (rank, width)).astype(np.float32)
        b = dice.normal(0, size, (rows, rank)).astype(np.float32)
        pairs[tensor.name] = LowRank(a, b)
    architecture = text(header, "general.architecture") or ""
    return Lora(architecture, alpha, pairs, name="Random", base_sha256=sha256)


def write_random_lora(path: Path, model: Path, **options: object) -> Path:
    """The file of one."""
    with path.open("wb") as file:
        write_lora(file, random_lora(model, **options))  # type: ignore[arg-type]
    return path


def write_random_vector(path: Path, model: Path, size: float = 0.5, seed: int = 0) -> Path:
    """A control vector that pushes every layer it can."""
    header = read_header(model)
    kind = text(header, "general.architecture") or ""
    width = integer(header, f"{kind}.embedding_length") or 0
    layers = integer(header, f"{kind}.block_count") or 0
    dice = np.random.default_rng(seed)
    directions = {
        layer: dice.normal(0, size, width).astype(np.float32) for layer in range(1, layers)
    }
    with path.open("wb") as file:
        write_vector(file, ControlVector(directions, kind, name="Random push"))
    return path
