"""The texts that models are measured with: one's own, or the one that comes with Freehold."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Text:
    """A text and what it is called."""

    name: str
    words: str

    @property
    def size(self) -> int:
        """Bytes of it in UTF-8."""
        return len(self.words.encode())

    @property
    def digest(self) -> str:
        """What tells it from any other: the sha256 of its UTF-8, in hexadecimal."""
        return hashlib.sha256(self.words.encode()).hexdigest()


def plain_text() -> Text:
    """Stories, letters, explanations, minutes, a recipe and a few lines of code.

    It was written for Freehold, so no model has learnt it by heart, and it is free as Freehold is.
    Figures are comparable only while it stays as it is: a change gives it another name.
    """
    words = files("freehold.study").joinpath("measuring_text.txt").read_text(encoding="utf-8")
    return Text("Freehold's measuring text, first edition", words)
