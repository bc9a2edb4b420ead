"""How a model's vectors become one, where its file says nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freehold.engine.load_plan import Pooling


def pooling_for(weights: Path) -> Pooling | None:
    """None when the file states it; else the mean, which serves models that were not made for it.

    Raises FormatError.
    """
    from freehold.formats.gguf import read_header

    header = read_header(weights)
    return None if any(key.endswith(".pooling_type") for key in header.metadata) else "mean"
