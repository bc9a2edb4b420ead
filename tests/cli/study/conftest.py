"""Small models to look into."""

from __future__ import annotations

from tests.studying import make, small_model

__all__ = ["make", "small_model"]
