"""A draft in a local model's words, taken only if nothing was added and nothing was lost.

The checks are strict on purpose: a model that makes a number, a name, a quotation or a claim up
would put it into somebody's mouth. What fails is thrown away, and the draft stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from freehold.civic.calling.script import Draft

_NUMBER = re.compile(r"\d[\d,.]*")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+")
_NAME = re.compile(r"(?<![.!?:]\s)(?<!^)(?<!\n)\b[A-Z][\w'’-]+")
_BLANK = re.compile(r"\[[^\]]*\]")
_LEAST, _MOST = 0.5, 1.15
"""How long it may be, in words of the draft."""
_LOADED = frozenset(
    {
        *("studies", "study", "experts", "percent", "proven", "proves", "unconstitutional"),
        *("amendment", "democrats", "republicans", "democrat", "republican", "liberal"),
        *("conservative", "socialist", "fascist", "vote", "reelection", "donate", "sue", "lawyer"),
        *("threat", "tyranny", "corrupt", "shame", "statistics", "million", "billion"),
    }
)
"""Words of claims, parties and threats: none may come in that the draft has not."""


@dataclass(frozen=True)
class Rewriting:
    """What became of it: the text to use, and why a model's was not taken, if it was not."""

    draft: Draft
    refused: str | None = None


def rewrite(draft: Draft, ask: Callable[[str], str]) -> Rewriting:
    """Ask a model for other words, and take them if every check holds."""
    answer = ask(_prompt(draft)).strip()
    why = problem(draft.text, answer)
    return Rewriting(draft, why) if why else Rewriting(Draft(answer, draft.form))


def problem(before: str, after: str) -> str | None:
    """Why a rewriting cannot be taken, in a few words; None when it can."""
    had, has = len(before.split()), len(after.split())
    if not after or has < _LEAST * had:
        return f"it is too short ({has} words for {had})"
    if has > _MOST * had + 5:
        return f"it is too long ({has} words for {had})"
    for what, pattern in (
        ("a quotation", _QUOTED),
        ("a blank", _BLANK),
        ("a number", _NUMBER),
        ("an address", _ADDRESS),
    ):
        lost = _all(pattern, before) - _all(pattern, after)
        new = _all(pattern, after) - _all(pattern, before)
        if lost:
            return f"{what} was lost: {min(lost)}"
        if new:
            return f"{what} was made up: {min(new)}"
    names = {word for word in _all(_NAME, after) if word.lower() not in before.lower()}
    if names:
        return f"a name was made up: {min(names)}"
    loaded = {word for word in _LOADED & _words(after) if word not in _words(before)}
    if loaded:
        return f"a claim was added: {min(loaded)}"
    return None


def _all(pattern: re.Pattern[str], text: str) -> set[str]:
    return {found.rstrip(".,;:!?") for found in pattern.findall(text)}


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))


def _prompt(draft: Draft) -> str:
    return (
        "Say the following again in plain, courteous words of your own, about as long. Keep every "
        "name, number, section, quotation and [blank] exactly as it is. Add no fact and no "
        f"opinion. Answer with the new text alone.\n\n{draft.text}"
    )
