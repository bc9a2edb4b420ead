"""What a chat template can do: which roles, tools and thoughts it knows, what it says by itself.

All of it is read, nothing is run: these are the words that stand in the template, not what it would
write for one conversation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from freehold.study.template.lexer import Piece, PieceKind, Word, WordKind, cut

_THOUGHT_NAMES = frozenset({"enable_thinking", "thinking", "reasoning_content", "reasoning_effort"})
_THOUGHT_MARKS = re.compile(r"</?think|</?reasoning|\|analysis|channel\|>(analysis|thought)")
_TOOL_NAMES = frozenset({"tools", "tool_calls", "functions", "builtin_tools"})
_CLOCK_NAMES = frozenset({"strftime_now", "date_string", "current_date", "now"})
_COMPARING = ("==", "!=")
_MARK = re.compile(r"<[^<>\s]{1,40}>|\[/?[A-Z_]{2,20}\]|<<?/?[A-Z]{2,10}>>?")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_WORDS_OF_PROSE = 3


@dataclass(frozen=True)
class Said:
    """A text of the template's own, and where it stands."""

    text: str
    at: int


@dataclass(frozen=True)
class TemplateFacts:
    """What is in a chat template."""

    characters: int
    roles: tuple[str, ...]
    """Roles that it treats each in its own way, in the order they appear."""
    takes_any_role: bool
    """Whether it writes a turn's role as it is given."""
    tools: bool
    """Whether it has words for tools."""
    thinking: bool
    """Whether it has words for thoughts before an answer."""
    clock: bool
    """Whether it asks for the date or the time."""
    prose: tuple[Said, ...]
    """Every sentence of its own that it can put before the model."""
    refusals: tuple[Said, ...]
    """What it says when it refuses a conversation (`raise_exception`)."""


def read_template(template: str) -> TemplateFacts:
    """Read a template. Raises FormatError where it is no Jinja."""
    pieces = cut(template)
    words = [word for piece in pieces for word in piece.words]
    names = {word.text for word in words if word.kind is WordKind.NAME}
    strings = [word.text for word in words if word.kind is WordKind.STRING]
    mentioned = names | set(strings)
    texts = [piece.text for piece in pieces if piece.kind is PieceKind.TEXT]
    return TemplateFacts(
        characters=len(template),
        roles=tuple(dict.fromkeys(role for piece in pieces for role in _roles(piece.words))),
        takes_any_role=any(_writes_role(piece) for piece in pieces),
        tools=bool(mentioned & _TOOL_NAMES),
        thinking=bool(mentioned & _THOUGHT_NAMES)
        or any(_THOUGHT_MARKS.search(text) for text in (*strings, *texts)),
        clock=bool(names & _CLOCK_NAMES),
        prose=tuple(prose(pieces)),
        refusals=tuple(_refusals(words)),
    )


def _is_role(word: Word) -> bool:
    return word.text == "role" and word.kind in {WordKind.NAME, WordKind.STRING}


def _roles(words: tuple[Word, ...]) -> Iterator[str]:
    """The strings that a role is compared with: `role == 'x'`, `role in ['x', 'y']`."""
    for index, word in enumerate(words):
        if not _is_role(word):
            continue
        rest = words[index + 1 :]
        if rest and rest[0].is_operator("]", ")"):
            rest = rest[1:]
        if not rest or not (rest[0].is_operator(*_COMPARING) or rest[0].is_name("in", "not")):
            continue
        for after in rest[1:]:
            if after.kind is WordKind.STRING:
                yield after.text
            elif not after.is_operator("[", "(", ",") and not after.is_name("in"):
                break


def _writes_role(piece: Piece) -> bool:
    """Whether the role itself is written out: mentioned in an output, and compared with nothing."""
    if piece.kind is not PieceKind.OUTPUT:
        return False
    return any(_is_role(word) for word in piece.words) and not any(
        word.is_operator(*_COMPARING) for word in piece.words
    )


def prose(pieces: tuple[Piece, ...]) -> Iterator[Said]:
    """Every sentence among the pieces that can come before the model: text, and texts in code."""
    for piece in pieces:
        if piece.kind is PieceKind.TEXT and _is_prose(piece.text):
            yield Said(piece.text.strip(), piece.at)
        refused = any(word.is_name("raise_exception") for word in piece.words)
        for word in () if refused else piece.words:
            if word.kind is WordKind.STRING and _is_prose(word.text):
                yield Said(word.text.strip(), word.at)


def _is_prose(text: str) -> bool:
    return len(_LETTERS.findall(_MARK.sub(" ", text))) >= _WORDS_OF_PROSE


def _refusals(words: list[Word]) -> Iterator[Said]:
    for index, word in enumerate(words):
        if word.is_name("raise_exception"):
            said = next(
                (after for after in words[index + 1 :][:3] if after.kind is WordKind.STRING), None
            )
            if said is not None:
                yield Said(said.text, said.at)
