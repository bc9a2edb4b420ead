"""Where the scales lie inside the blocks of each type, from the layouts of ggml.

A block whose scale is not finite makes all its numbers so, whatever else it holds; so a whole file
can be checked by its scales alone, which are a small part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Number = Literal["f2", "f4", "f8", "bf2"]
"""NumPy's names for half, single and double precision; `bf2` is bfloat16."""

SCALE_PLACES: Mapping[str, tuple[Number, tuple[int, ...]]] = MappingProxyType(
    {
        "F16": ("f2", (0,)),
        "BF16": ("bf2", (0,)),
        "F32": ("f4", (0,)),
        "F64": ("f8", (0,)),
        "Q4_0": ("f2", (0,)),
        "Q4_1": ("f2", (0, 2)),
        "Q5_0": ("f2", (0,)),
        "Q5_1": ("f2", (0, 2)),
        "Q8_0": ("f2", (0,)),
        "Q2_K": ("f2", (80, 82)),
        "Q3_K": ("f2", (108,)),
        "Q4_K": ("f2", (0, 2)),
        "Q5_K": ("f2", (0, 2)),
        "Q6_K": ("f2", (208,)),
        "Q8_K": ("f4", (0,)),
        "IQ1_S": ("f2", (0,)),
        "IQ2_XXS": ("f2", (0,)),
        "IQ2_XS": ("f2", (0,)),
        "IQ2_S": ("f2", (0,)),
        "IQ3_XXS": ("f2", (0,)),
        "IQ3_S": ("f2", (0,)),
        "IQ4_NL": ("f2", (0,)),
        "IQ4_XS": ("f2", (0,)),
        "TQ1_0": ("f2", (52,)),
        "TQ2_0": ("f2", (64,)),
    }
)
"""For a type: what its scales are, and where in a block each begins, in bytes. Types that are not
here keep theirs in another way (MXFP4, NVFP4, IQ1_M) or hold whole numbers."""
