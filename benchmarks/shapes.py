"""Real models to measure with, and the shapes of more, to make synthetic files of.

Shapes are from their makers' configuration files. Real tokenizers differ from the synthetic one;
sizes of vocabularies are the real ones.
"""

from __future__ import annotations

from pathlib import Path

from freehold.formats.gguf_synthetic import SyntheticModel, write_synthetic

REAL = {
    "SmolLM2-135M-Instruct": "SmolLM2-135M-Instruct.Q4_1.gguf",
    "Gemma-3-270M": "gemma-3-270m-q4_k_m.gguf",
}
"""The files of those whose weights are at hand, in the folder that `--models` names."""

SHAPES: dict[str, SyntheticModel] = {
    "SmolLM2-135M": SyntheticModel("llama", 30, 576, 1536, 9, 3, 64, 49_152, 8192),
    "SmolLM2-360M": SyntheticModel("llama", 32, 960, 2560, 15, 5, 64, 49_152, 8192),
    "Llama-3.2-1B": SyntheticModel("llama", 16, 2048, 8192, 32, 8, 64, 128_256, 131_072),
    "Llama-3.2-3B": SyntheticModel("llama", 28, 3072, 8192, 24, 8, 128, 128_256, 131_072),
    "Qwen2.5-0.5B": SyntheticModel("qwen2", 24, 896, 4864, 14, 2, 64, 151_936, 32_768),
    "Qwen2.5-1.5B": SyntheticModel("qwen2", 28, 1536, 8960, 12, 2, 128, 151_936, 32_768),
    "Qwen3-0.6B": SyntheticModel("qwen3", 28, 1024, 3072, 16, 8, 128, 151_936, 40_960),
    "Qwen3-1.7B": SyntheticModel("qwen3", 28, 2048, 6144, 16, 8, 128, 151_936, 40_960),
    "Gemma-3-1B": SyntheticModel(
        "gemma3", 26, 1152, 6912, 4, 1, 256, 262_144, 32_768, window=512
    ),
    "Qwen3-30B-A3B, 12 layers of 48, 32 experts of 128": SyntheticModel(
        "qwen3moe", 12, 2048, 768, 32, 4, 128, 151_936, 40_960, experts=32, experts_used=8
    ),
    "Phi-3-mini": SyntheticModel(
        "phi3", 32, 3072, 8192, 32, 32, 96, 32_064, 4096, tied=False
    ),
}  # fmt: skip


def make(name: str, block_type: str, folder: Path) -> Path:
    """Write the synthetic file of a shape, all its matrices of one type, unless it is there."""
    path = folder / f"{name.partition(',')[0]}-{block_type}.gguf"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            write_synthetic(file, SHAPES[name], block_type)
        unfinished.replace(path)
    return path
