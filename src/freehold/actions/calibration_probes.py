"""The models that a machine is calibrated with: synthetic, small, each for one kind of cost.

One model per block type, larger than most caches, for reading and computing weights. Beside them a
few for the rest: many thin layers for the cost of an operation, a large vocabulary for that of a
row and of choosing among them, and many heads or a single one for attention.
"""

from __future__ import annotations

from dataclasses import dataclass

from freehold.formats.gguf_synthetic import SyntheticModel
from freehold.formats.gguf_types import TYPES_BY_NAME

TYPES = ("Q4_K", "Q6_K", "Q8_0", "Q4_0", "F16", "Q5_K", "Q4_1", "Q5_0", "MXFP4", "BF16", "IQ4_XS",
         "Q3_K")  # fmt: skip
"""The block types worth measuring, the most used first."""
CONTEXT = 4096


@dataclass(frozen=True)
class Request:
    """What is measured of a model: a prompt of so many tokens, then so many answer tokens."""

    prompt: int
    answer: int
    repeats: int | None = None
    """How often at most; long ones differ less from time to time."""


@dataclass(frozen=True)
class Probe:
    """One model and what is asked of it."""

    title: str
    model: SyntheticModel
    block_type: str
    requests: tuple[Request, ...]
    cache_type: str = "F16"
    small: bool = False
    """So small that only its answers say anything."""


def common_probes() -> tuple[Probe, ...]:
    """What does not depend on the type of weights.

    Between two looks at the same part of the context, an answer token reads all weights: attention
    and thin layers are measured with as many of them as push everything else out of the caches.
    """
    thin = SyntheticModel("llama", 44, 512, 1536, 8, 4, 64, vocabulary=1024)
    thinner = SyntheticModel("llama", 80, 256, 1024, 4, 2, 64, vocabulary=1024)
    words = SyntheticModel("llama", 1, 768, 1536, 12, 12, 64, vocabulary=200_000)
    alone = SyntheticModel("llama", 12, 1024, 2048, 8, 1, 128, vocabulary=1024)
    shared = SyntheticModel("llama", 12, 1024, 2048, 32, 8, 64, vocabulary=1024)
    wide = SyntheticModel("llama", 12, 1024, 2048, 16, 16, 128, vocabulary=1024)
    short, long, deep = Request(16, 17), Request(128, 9), Request(520, 25, repeats=1)
    return (
        Probe("vocabulary", words, "Q8_0", (Request(16, 33),), small=True),
        Probe("thin layers", thin, "Q8_0", (short, long, deep)),
        Probe("thinner layers", thinner, "Q8_0", (short,), small=True),
        Probe("attention, one head of keys", alone, "Q8_0", (short, deep)),
        Probe("attention", shared, "Q8_0", (short, deep)),
        Probe("attention, wider", wide, "Q8_0", (short, deep)),
    )


def type_probe(block_type: str, least_bytes: int) -> Probe:
    """A model of this type with weights of `least_bytes` or somewhat more."""
    block = TYPES_BY_NAME[block_type]
    model = SyntheticModel("llama", 1, 2048, 5632, 16, 4, 128, vocabulary=2048)
    elements = 2 * model.embedding_width * 128 * (16 + 4) + 3 * 2048 * 5632
    size = elements * block.bytes // block.elements
    layers = max(1, -(-least_bytes // size))
    model = SyntheticModel("llama", layers, 2048, 5632, 16, 4, 128, vocabulary=2048)
    return Probe(block_type, model, block_type, (Request(16, 17), Request(64, 17, repeats=2)))
