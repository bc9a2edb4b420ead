"""The models that a machine is calibrated with: synthetic, small, each for one kind of cost.

One model per block type, larger than most caches, for reading and computing weights. Beside them
three small ones: many thin layers for the cost of an operation, a large vocabulary for choosing
from it, and many heads for attention.
"""

from __future__ import annotations

from dataclasses import dataclass

from freehold.formats.gguf_synthetic import SyntheticModel
from freehold.formats.gguf_types import BLOCK_TYPES

TYPES = ("Q4_K", "Q8_0", "Q6_K", "F16", "Q4_0", "Q5_K", "Q4_1", "BF16", "IQ4_XS", "MXFP4", "Q5_0",
         "Q3_K")  # fmt: skip
"""The block types worth measuring, the most used first."""
CONTEXT = 4096


@dataclass(frozen=True)
class Request:
    """What is measured of a model: a prompt of so many tokens, then so many answer tokens."""

    prompt: int
    answer: int


@dataclass(frozen=True)
class Probe:
    """One model and what is asked of it."""

    title: str
    model: SyntheticModel
    block_type: str
    requests: tuple[Request, ...]
    cache_type: str = "F16"
    small: bool = False
    """So small that its weights stay in the processor's caches."""


def small_probes() -> tuple[Probe, ...]:
    """What does not depend on the type of weights."""
    thin = SyntheticModel("llama", 24, 256, 512, 4, 2, 64, vocabulary=1024)
    few = SyntheticModel("llama", 4, 512, 1024, 8, 4, 64, vocabulary=1024)
    words = SyntheticModel("llama", 2, 128, 256, 2, 2, 64, vocabulary=64_000)
    heads = SyntheticModel("llama", 2, 512, 256, 32, 8, 64, vocabulary=1024)
    wide = SyntheticModel("llama", 4, 512, 256, 8, 8, 128, vocabulary=1024)
    short, long = Request(16, 17), Request(128, 17)
    deep = Request(1536, 17)
    return (
        Probe("operations", thin, "Q8_0", (short, long), small=True),
        Probe("operations, wider", few, "Q8_0", (short, long), small=True),
        Probe("vocabulary", words, "Q8_0", (short,), small=True),
        Probe("attention", heads, "Q8_0", (short, Request(512, 17), deep), small=True),
        Probe("attention, wider", wide, "Q8_0", (short, Request(512, 17), deep), small=True),
    )


def type_probe(block_type: str, least_bytes: int) -> Probe:
    """A model of this type with weights of `least_bytes` or somewhat more."""
    block = next(each for each in BLOCK_TYPES.values() if each.name == block_type)
    model = SyntheticModel("llama", 1, 2048, 5632, 16, 4, 128, vocabulary=2048)
    elements = 2 * model.embedding_width * 128 * (16 + 4) + 3 * 2048 * 5632
    size = elements * block.bytes // block.elements
    layers = max(1, -(-least_bytes // size))
    model = SyntheticModel("llama", layers, 2048, 5632, 16, 4, 128, vocabulary=2048)
    return Probe(block_type, model, block_type, (Request(16, 17), Request(128, 9)))
