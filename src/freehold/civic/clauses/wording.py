"""Tables of words as patterns: how a list of phrases becomes something to search for.

Words are searched in normalised text: small letters, straight quotes, single blanks for every kind
of space. Normalising keeps every character's place, so what is found can be quoted as it stands.
"""

from __future__ import annotations

import re

_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "‑": "-"})
_SPACE = re.compile(r"\s")


def normalised(text: str) -> str:
    """The same text to search in, character for character."""
    lowered = _SPACE.sub(" ", text.translate(_PLAIN)).lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(ch.lower() if len(ch.lower()) == 1 else ch for ch in text.translate(_PLAIN))


def words(*phrases: str) -> re.Pattern[str]:
    """Any of these phrases as whole words. A phrase may be a pattern."""
    return re.compile(r"(?<![\w-])(?:" + "|".join(phrases) + r")(?![\w-])")
