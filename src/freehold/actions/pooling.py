"""How a model's vectors become one, or become a score, by what its file says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from freehold.errors import ModelRefused

if TYPE_CHECKING:
    from freehold.engine.load_plan import Pooling

_RANK = 4  # llama.cpp's number for a model that ends in a score


def pooling_for(weights: Path) -> Pooling | None:
    """None when the file states it; else the mean, which serves models that were not made for it.

    Raises FormatError.
    """
    return "mean" if _stated(weights) is None else None


def must_rank(weights: Path, name: str) -> None:
    """Raise ModelRefused unless the model was made to score documents: others would make numbers
    that mean nothing.
    """
    if _stated(weights) != _RANK:
        raise ModelRefused(
            f"{name} was not made to rank documents.", "Use a reranker, such as bge-reranker."
        )


def _stated(weights: Path) -> object:
    from freehold.formats.gguf import read_header

    metadata = read_header(weights).metadata
    return next((value for key, value in metadata.items() if key.endswith(".pooling_type")), None)
