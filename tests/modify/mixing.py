"""Small models of several families whose tensors llama.cpp's quantizer gave types, recorded.

`mixes.json` has, for each shape and quantization, the digest of what llama.cpp's own
`llama-quantize --dry-run` says of the file, of the version that the engine is made from; with an
importance matrix where the name ends in `+`. Freehold's figures play no part in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from tests.studying import synthetic

from freehold.formats.gguf import GgufHeader, read_header
from freehold.formats.gguf_synthetic import SyntheticModel

RECORD = Path(__file__).with_name("mixes.json")

_WIDE = (256, 256)
SHAPES: Mapping[str, SyntheticModel] = {
    "llama, 4 heads for one key, 17 layers": SyntheticModel("llama", 17, *_WIDE, 8, 2, 32, 512),
    "llama, a key for each head, untied": SyntheticModel(
        "llama", 24, *_WIDE, 4, 4, 64, 512, tied=False
    ),
    "llama, rows of 96 and 160": SyntheticModel("llama", 9, 96, 160, 3, 1, 32, 512, tied=False),
    "llama, rows of 72": SyntheticModel("llama", 4, 72, 144, 3, 3, 24, 512),
    "llama, 80 layers": SyntheticModel("llama", 80, *_WIDE, 2, 1, 64, 512),
    "qwen2, biases": SyntheticModel("qwen2", 9, *_WIDE, 4, 2, 64, 512, tied=False),
    "qwen2, 80 layers": SyntheticModel("qwen2", 80, *_WIDE, 2, 2, 64, 512),
    "qwen3moe, 8 experts": SyntheticModel(
        "qwen3moe", 9, *_WIDE, 4, 2, 64, 512, experts=8, experts_used=2
    ),
    "qwen3moe, 4 experts": SyntheticModel(
        "qwen3moe", 17, *_WIDE, 8, 2, 32, 512, experts=4, experts_used=2, tied=False
    ),
    "phi3, fused": SyntheticModel("phi3", 33, *_WIDE, 4, 4, 64, 512, tied=False),
    "gemma3, 26 layers": SyntheticModel("gemma3", 26, *_WIDE, 4, 1, 64, 512),
}


def header_of(name: str, folder: Path) -> GgufHeader:
    """The header of a file of that shape. What its tensors are packed as matters to no rule."""
    model, path = SHAPES[name], folder / "shape.gguf"
    kind = "F16" if model.embedding_width % 32 else "Q2_K"
    return read_header(synthetic(path, model, kind))


def digest(types: Mapping[str, str]) -> str:
    """Of the types of all tensors."""
    said = "\n".join(f"{name} {types[name]}" for name in sorted(types))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def recorded() -> dict[str, dict[str, str]]:
    """Digests by shape and quantization."""
    found: dict[str, dict[str, str]] = json.loads(RECORD.read_text(encoding="utf-8"))
    return found
