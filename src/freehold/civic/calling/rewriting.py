"""A draft in a local model's words, taken only if nothing was added and nothing was lost.

The checks are strict on purpose: a model that makes a number, a name, a quotation or a claim up
would put it into somebody's mouth. What fails is thrown away, and the draft stays as it was.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from freehold.civic.calling.script import Draft

LONGEST_ANSWER = 700
"""Tokens that a rewriting may take: a letter's worth."""
_NUMBER = re.compile(r"\d[\d,.]*(?:\([0-9a-zA-Z]{1,5}\))*")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|‘[^’]*’(?!\w)")
_ADDRESS = re.compile(r"\w+://\S+|www\.\S+|\S+@\S+|\b\w+\.(?:com|org|net|gov|io)\b")
_NAME = re.compile(r"\b[A-Z][\w'’-]*")
_BLANK = re.compile(r"\[[^\]]*\]")
_LEAST, _MOST = 0.5, 1.15
"""How long it may be, in words of the draft."""
_NEW = 0.25
"""The share of its longer words that may be new."""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_OPENING = _listed("""
i my me we our you your the a an this that these those it its there please thank thanks
hello hi good dear sincerely respectfully could would can will do does is are what where how
if as and but so for in on of with to by at when while since because also today
""")
"""Words that a sentence may begin with although the draft has them nowhere."""
_TURNING = _listed("""
not no nobody none never without unless nor neither cannot except oppose opposed opposes
opposing against reject support supported supports supporting favor approve amend amended
legal illegal crime crimes lawful unlawful allow allowed ban banned punished
""")
"""Words that turn a meaning round: each is said as often as in the draft."""
_LOADED = _listed("""
studies study experts expert percent proven proves unconstitutional constitutional amendment
democrats republicans democrat republican liberal conservative socialist fascist vote votes
voted voters reelection election donate sue lawsuit lawyer threat threaten warn tyranny
corrupt shame statistics research survey poll everyone everybody always most many majority
half dozens hundreds hundred thousands thousand million millions billion billions two three
four five six seven eight nine ten twenty thirty forty fifty
""")
"""Words of claims, numbers, parties and threats: none may come in that the draft has not."""


@dataclass(frozen=True)
class Rewriting:
    """What became of it: the text to use, and why a model's was not taken, if it was not."""

    draft: Draft
    refused: str | None = None


def rewrite(draft: Draft, ask: Callable[[str], str]) -> Rewriting:
    """Ask a model for other words, and take them if every check holds."""
    answer = ask(_prompt(draft)).strip()
    why = problem(draft.text, answer)
    if why is None:
        reworded = Draft(answer, draft.form, draft.notes)
        most = draft.form.most_seconds
        if most is None or (reworded.seconds or 0) <= most:
            return Rewriting(reworded)
        why = f"it takes more than {most} seconds to say"
    return Rewriting(draft, why)


def problem(before: str, after: str) -> str | None:
    """Why a rewriting cannot be taken, in a few words; None when it can."""
    had, has = len(before.split()), len(after.split())
    if after.split() == before.split():
        return "it is the same"
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
    return _turned(before, after) or _added(before, after)


def _turned(before: str, after: str) -> str | None:
    """Which word that turns the meaning is said more or less often than it was."""
    was, became = _counted(before), _counted(after)
    for word in sorted(_TURNING):
        if was[word] != became[word]:
            return f"its meaning may be turned: {word}"
    lost = [name for name in _MEMBER.findall(before) if name not in after]
    return f"a name was lost: {lost[0]}" if lost else None


def _added(before: str, after: str) -> str | None:
    """What is in it that was not."""
    known, said = _words(before), _words(after)
    names = {name for name in _all(_NAME, after) if not _words(name) <= known | _OPENING}
    if names:
        return f"a name was made up: {min(names)}"
    if loaded := (_LOADED & said) - known:
        return f"a claim was added: {min(loaded)}"
    longer = {word for word in said if len(word) > 4}
    fresh = longer - known
    if len(fresh) > _NEW * len(longer):
        return f"too many of its words are new: {len(fresh)} of {len(longer)}"
    return None


_MEMBER = re.compile(
    r"\b(?:Senator|Representative|Delegate|Assembly Member|Councilmember) [A-Z]\S*\w"
)


def _counted(text: str) -> Counter[str]:
    """How often each word is said outside of quotations."""
    return Counter(re.findall(r"[a-z]+", _QUOTED.sub(" ", text).lower()))


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
