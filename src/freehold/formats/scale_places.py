"""Where the scales lie inside the blocks of each type.

A block whose scale is not finite makes all its numbers so, whatever else it holds; so a whole file
can be checked by its scales alone, which are a small part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np

from freehold.formats.blocks.layout import LAYOUTS

Number = Literal["f2", "f4", "f8", "bf2"]
"""NumPy's names for half, single and double precision; `bf2` is bfloat16."""


def _halves(layout: np.dtype[np.void]) -> tuple[int, ...]:
    """Where a block keeps its scale and its minimum, which are of half precision."""
    if layout.fields is None:
        return ()
    return tuple(layout.fields[name][1] for name in ("scale", "minimum") if name in layout.fields)


_OF_BLOCKS: dict[str, tuple[Number, tuple[int, ...]]] = {
    name: ("f2", places) for name, layout in LAYOUTS.items() if (places := _halves(layout))
}
SCALE_PLACES: Mapping[str, tuple[Number, tuple[int, ...]]] = MappingProxyType(
    {
        "F16": ("f2", (0,)),
        "BF16": ("bf2", (0,)),
        "F32": ("f4", (0,)),
        "F64": ("f8", (0,)),
        "Q8_K": ("f4", (0,)),
        **_OF_BLOCKS,
    }
)
"""For a type: what its scales are, and where in a block each begins, in bytes. Types that are not
here keep theirs in another way (MXFP4, NVFP4, IQ1_M) or hold whole numbers."""
