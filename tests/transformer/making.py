"""Tiny synthetic models whose tensors are all different, and a text for them."""

from __future__ import annotations

from pathlib import Path

from tests.studying import synthetic

from freehold.formats.gguf_synthetic import SyntheticModel

BASE = SyntheticModel("llama", 2, 64, 96, 4, 2, 16, vocabulary=512, context_length=64, varied=True)
IDS = [(7 * i * i + 11 * i + 3) % 500 + 1 for i in range(24)]


def made(folder: Path, model: SyntheticModel = BASE, kind: str = "F32") -> Path:
    """The file of a model."""
    return synthetic(folder / "made.gguf", model, kind)
