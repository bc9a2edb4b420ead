"""What is fixed around a model before anyone says a word: its template's and its owner's sentences.

Read from the file and from what it was owned with; nothing is run. Names, dates and rules in these
sentences are what the model is told about itself, whatever its weights know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from freehold.errors import FormatError
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_facts import read_facts
from freehold.study.template.branches import branches
from freehold.study.template.facts import prose, read_template
from freehold.study.template.lexer import Piece, Word, WordKind, cut

_IDENTITY = re.compile(
    r"\b(?:you are|your name is|named|called|created by|developed by|trained by|made by|built by|"
    r"by the name of)\b", re.IGNORECASE
)  # fmt: skip
_RULE = re.compile(
    r"\b(?:do not|don't|never|must not|refuse|decline|avoid|not allowed|only answer|always|must)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b(?:today|current date|cut-?off|knowledge|20\d\d-\d\d|"
    r"(?:\d{1,2} )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w* 20\d\d)",
    re.IGNORECASE,
)
_MARKS = re.compile(r"<[^<>\s]{1,60}>|\[/?[A-Z_]{2,20}\]")


@dataclass(frozen=True)
class Sentence:
    """A text that comes before the model by itself."""

    where: str
    """`chat template, character 87`, or the file that it is from."""
    text: str
    tells: tuple[str, ...]
    """What it is about, as far as its words show: "identity", "a rule", "a date"; often nothing."""
    only_if: str | None
    """The condition under which it comes; None where it always does."""


@dataclass(frozen=True)
class BuiltIn:
    """Everything fixed beforehand."""

    sentences: tuple[Sentence, ...]
    clock: bool
    """Whether the template asks for the date or time."""
    turned_away: tuple[str, ...]
    """What the template says when it turns a conversation away."""
    trouble: str | None
    """Why the template could not be read, where it could not."""
    has_template: bool


def built_in(header: GgufHeader, system: str = "") -> BuiltIn:
    """Gather it. `system` is a system prompt that the model was owned with."""
    template = read_facts(header).chat_template
    own = (
        [Sentence("what it was owned with", system.strip(), _tells(system), None)] if system else []
    )
    if template is None:
        return BuiltIn(tuple(own), clock=False, turned_away=(), trouble=None, has_template=False)
    try:
        facts, pieces = read_template(template), cut(template)
    except FormatError as error:
        return BuiltIn(tuple(own), False, (), error.message, has_template=True)
    return BuiltIn(
        sentences=(*own, *_sentences(pieces)),
        clock=facts.clock,
        turned_away=tuple(said.text for said in facts.refusals),
        trouble=None,
        has_template=True,
    )


def _sentences(pieces: tuple[Piece, ...]) -> Iterator[Sentence]:
    conditions = _conditions(pieces)
    for said in prose(pieces):
        text = _MARKS.sub(" ", said.text).strip()
        where = f"chat template, character {said.at:,}"
        yield Sentence(where, text, _tells(text), conditions.get(said.at))


def _conditions(pieces: tuple[Piece, ...]) -> dict[int, str]:
    """For each sentence inside branches, the innermost condition that it stands under."""
    found: dict[int, str] = {}
    for branch in branches(pieces):  # outer ones come first, so that inner ones stay
        for said in prose(branch.body):
            found[said.at] = _in_words(branch.condition) or "otherwise"
    return found


def _in_words(words: tuple[Word, ...]) -> str:
    """A condition as it stands in the template, but for its spaces."""
    parts: list[str] = []
    for word in words:
        text = repr(word.text) if word.kind is WordKind.STRING else word.text
        tight = word.is_operator(".", "]", ")", ",", "[", "(") or parts[-1:] in (
            ["."],
            ["["],
            ["("],
        )
        parts.append(text if tight or not parts else f" {text}")
        if word.is_operator(".", "[", "("):
            parts[-1] = text
    return "".join(parts)


def _tells(text: str) -> tuple[str, ...]:
    kinds = (("identity", _IDENTITY), ("a rule", _RULE), ("a date", _DATE))
    return tuple(kind for kind, shape in kinds if shape.search(text))
