"""What each family of decoders does differently, as a table.

All are the transformer of Vaswani et al. (2017) with a norm before (or after) each half of a layer,
rotary positions and a gated feed-forward part; what is left to say of each fits in a row. A family
stands here only once its logits were compared with the engine's on the same file (see
tests/transformer/test_families.py, benchmarks/engine_agreement.py). All others are refused by name.

The rows follow llama.cpp (its files src/models/*.cpp, October 2026), whose files these are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Literal

from freehold.errors import UnsupportedModel


class QueryKeyNorm(Enum):
    """What queries and keys are normed over before they are compared (Henry et al., 2020)."""

    NONE = "none"
    HEAD = "each head by itself"
    WHOLE = "all heads together"


class WindowRope(Enum):
    """How layers with a window count positions."""

    SAME = "as all others"
    OWN_BASE = "with a base of their own, unstretched"
    UNSTRETCHED = "with the same base, unstretched"


@dataclass(frozen=True)
class Family:
    """One row of the table. The defaults are Llama's (Touvron et al., 2023)."""

    interleaved_rope: bool = False
    """Rotate neighbours (0, 1), (2, 3)…, rather than the first half against the second."""
    norm_before: bool = True
    """Norm what goes into attention and into the feed-forward part."""
    norm_after: bool = False
    """Norm what comes out of them, before it is added to the residual stream."""
    query_key_norm: QueryKeyNorm = QueryKeyNorm.NONE
    activation: Literal["silu", "gelu"] = "silu"
    """Of the gate: SwiGLU or GeGLU (Shazeer, 2020)."""
    fused_gate: bool = False
    """Gate and up are the two halves of one matrix."""
    scaled_embedding: bool = False
    """Multiply embeddings by the square root of their width."""
    attention_cap: float | None = None
    """Where the header does not say: squash scores softly to within this much of zero."""
    logit_cap: float | None = None
    """The same for logits."""
    query_width_layers: int | None = None
    """The size with so many layers divides scores by the root of width / heads instead of that of
    a head's width."""
    window_rope: WindowRope = WindowRope.SAME
    window_base: float | None = None
    rope_factors: tuple[str, ...] = ()
    """Tensors that stretch each frequency by its own factor, where the file has them."""


FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        # Touvron et al. (2023), Llama Team (2024); SmolLM2 (Allal et al., 2025) and Mistral
        # (Jiang et al., 2023) are of this family too.
        "llama": Family(
            interleaved_rope=True,
            rope_factors=("rope_freqs", "rope_factors_long", "rope_factors_short"),
        ),
        # Yang et al. (2024): biases on queries, keys and values, found in the file.
        "qwen2": Family(),
        # Yang et al. (2025).
        "qwen3": Family(query_key_norm=QueryKeyNorm.HEAD),
        # Gemma Team (2024).
        "gemma2": Family(
            norm_after=True,
            activation="gelu",
            scaled_embedding=True,
            attention_cap=50.0,
            logit_cap=30.0,
            query_width_layers=46,
        ),
        # Gemma Team (2025).
        "gemma3": Family(
            norm_after=True,
            activation="gelu",
            scaled_embedding=True,
            query_key_norm=QueryKeyNorm.HEAD,
            query_width_layers=62,
            window_rope=WindowRope.OWN_BASE,
            window_base=10_000.0,
        ),
        # Abdin et al. (2024).
        "phi3": Family(fused_gate=True, rope_factors=("rope_factors_long", "rope_factors_short")),
        # OLMo Team (2024).
        "olmo2": Family(
            norm_before=False,
            norm_after=True,
            query_key_norm=QueryKeyNorm.WHOLE,
            window_rope=WindowRope.UNSTRETCHED,
        ),
    }
)
"""By `general.architecture`."""


def family_of(architecture: str | None, label: str) -> Family:
    """The row of a family. Raises UnsupportedModel with the names of those there are."""
    found = FAMILIES.get(architecture or "")
    if found is None:
        what = "names no family" if architecture is None else f"is of the family {architecture!r}"
        raise UnsupportedModel(
            f"{label} {what}, which Freehold cannot open up.",
            f"It can open {', '.join(sorted(FAMILIES))}. `freehold run` can run many more.",
        )
    return found
