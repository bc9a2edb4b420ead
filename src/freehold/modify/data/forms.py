"""The forms in which people keep conversations: which one an object has, what it says.

OpenAI's `messages`; ShareGPT's `conversations`; Alpaca's instruction, input and output; a prompt
and its completion, under several names; a plain text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from freehold.errors import FormatError
from freehold.modify.data.sample import Role, Sample, Turn

_ROLES: dict[str, Role] = {
    "system": "system", "developer": "system", "user": "user", "human": "user",
    "assistant": "assistant", "gpt": "assistant", "model": "assistant", "bot": "assistant",
}  # fmt: skip
_PAIRS = (
    ("prompt", "completion"), ("prompt", "response"), ("prompt", "answer"), ("prompt", "output"),
    ("question", "answer"), ("input", "output"),
)  # fmt: skip
KNOWN = (
    "messages (role, content); conversations (from, value); instruction, input, output; prompt, "
    "completion; question, answer; text"
)


def sample_of(said: Mapping[str, Any], where: str) -> Sample:
    """What one object says. Raises FormatError, which begins with `where`."""
    if "messages" in said:
        return _conversation(said["messages"], "role", "content", where)
    if "conversations" in said:
        return _conversation(said["conversations"], "from", "value", where)
    if "instruction" in said and "output" in said:
        asked = _text(said, "instruction", where)
        if said.get("input"):
            asked = f"{asked}\n\n{_text(said, 'input', where)}"
        first = _system(said, where)
        return _checked((*first, Turn("user", asked), _answer(said, "output", where)), where)
    for asked, answered in _PAIRS:
        if asked in said and answered in said:
            question = Turn("user", _text(said, asked, where))
            return _checked(
                (*_system(said, where), question, _answer(said, answered, where)), where
            )
    if "text" in said:
        return Sample(where, text=_text(said, "text", where))
    keys = ", ".join(list(said)[:8]) or "nothing"
    raise FormatError(f"{where} has {keys}: no form that is known.", f"Known are: {KNOWN}.")


def _conversation(turns: Any, role: str, content: str, where: str) -> Sample:
    if not isinstance(turns, list) or not turns:
        raise FormatError(f"{where}: the conversation is no list of messages.")
    found = []
    for number, turn in enumerate(turns, 1):
        if not isinstance(turn, dict):
            raise FormatError(f"{where}: message {number} is no object.")
        name = turn.get(role)
        if name not in _ROLES:
            raise FormatError(
                f"{where}: message {number} is by {name!r}.", f"Known are {', '.join(_ROLES)}."
            )
        found.append(Turn(_ROLES[name], _text(turn, content, f"{where}, message {number}")))
    return _checked(tuple(found), where)


def _checked(turns: tuple[Turn, ...], where: str) -> Sample:
    answers = [turn for turn in turns if turn.role == "assistant"]
    if not answers:
        raise FormatError(f"{where} has no answer to learn from.")
    if not all(turn.content.strip() for turn in answers):
        raise FormatError(f"{where} has an answer that is empty.")
    return Sample(where, turns)


def _system(said: Mapping[str, Any], where: str) -> tuple[Turn, ...]:
    return (Turn("system", _text(said, "system", where)),) if said.get("system") else ()


def _answer(said: Mapping[str, Any], key: str, where: str) -> Turn:
    return Turn("assistant", _text(said, key, where))


def _text(said: Mapping[str, Any], key: str, where: str) -> str:
    value = said.get(key)
    if not isinstance(value, str):
        kind = "missing" if value is None else f"of type {type(value).__name__}, not a text"
        raise FormatError(f"{where}: {key!r} is {kind}.")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise FormatError(f"{where}: {key!r} has half of a character, as \\ud83d without its rest.")
    return value
