"""Cut a chat template into its pieces and words, by the rules of Jinja's syntax, running nothing.

A template is a program that comes with a model and that whoever runs the model runs too. To say
what is in it, it has to be read as Jinja reads it: a `%}` inside quotes ends nothing, a `}}` inside
braces ends nothing, and what stands between `raw` and `endraw` is plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from freehold.errors import FormatError

MAX_TEMPLATE = 1 << 18
"""Characters. The longest known have about 45,000."""
MAX_PIECES = 6_000
"""The most known are about 1,500."""
MAX_DEPTH = 64


class WordKind(StrEnum):
    """What a word is."""

    NAME = "name"
    STRING = "string"
    NUMBER = "number"
    OPERATOR = "operator"


class PieceKind(StrEnum):
    """What a piece does."""

    TEXT = "text"
    OUTPUT = "output"
    """`{{ … }}`: writes what it comes to."""
    STATEMENT = "statement"
    """`{% … %}`."""
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of an output or a statement. `text` of a string is what it stands for."""

    kind: WordKind
    text: str
    at: int
    """Characters from the template's beginning."""

    def is_name(self, *names: str) -> bool:
        """Whether it is one of these names."""
        return self.kind is WordKind.NAME and self.text in names

    def is_operator(self, *signs: str) -> bool:
        """Whether it is one of these signs."""
        return self.kind is WordKind.OPERATOR and self.text in signs


@dataclass(frozen=True)
class Piece:
    """A stretch of the template. `words` is empty for text and comments."""

    kind: PieceKind
    text: str
    at: int
    words: tuple[Word, ...] = ()

    def starts(self, *names: str) -> bool:
        """Whether it is a statement that begins with one of these names: `if`, `endfor`."""
        return (
            self.kind is PieceKind.STATEMENT and bool(self.words) and self.words[0].is_name(*names)
        )


_OPEN = re.compile(r"\{([{%#])[-+]?")
_RAW = re.compile(r"\{%[-+]?\s*raw\s*[-+]?%\}")
_RAW_END = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")
_COMMENT_END = re.compile(r"[-+]?#\}")
_WORD = re.compile(
    r"""(?P<space>\s+)
    |(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<number>\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)
    |(?P<name>[^\W\d]\w*)
    |(?P<operator>//|\*\*|==|!=|<=|>=|[-+*/%~<>=.,:|()\[\]{};])""",
    re.DOTALL | re.VERBOSE,
)
_ENDS = {"{": re.compile(r"[-+]?\}\}"), "%": re.compile(r"[-+]?%\}")}
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f"}
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)


def cut(template: str) -> tuple[Piece, ...]:
    """The pieces of a template, in order. Raises FormatError where it is no Jinja."""
    if len(template) > MAX_TEMPLATE:
        raise FormatError(f"The chat template has {len(template):,} characters: too many to read.")
    pieces = tuple(islice(_pieces(template), MAX_PIECES + 1))
    if len(pieces) > MAX_PIECES:
        raise FormatError(
            f"The chat template has more than {MAX_PIECES:,} parts: too many to read."
        )
    _check_depth(pieces)
    return pieces


def _check_depth(pieces: tuple[Piece, ...]) -> None:
    depth = 0
    for piece in pieces:
        depth += piece.starts("if", "for") - piece.starts("endif", "endfor")
        if depth > MAX_DEPTH:
            raise _wrong(f"its conditions and loops are more than {MAX_DEPTH} deep", piece.at)


def _pieces(template: str) -> Iterator[Piece]:
    at = 0
    while (found := _OPEN.search(template, at)) is not None:
        if found.start() > at:
            yield Piece(PieceKind.TEXT, template[at : found.start()], at)
        at = found.start()
        if raw := _RAW.match(template, at):
            end = _RAW_END.search(template, raw.end())
            if end is None:
                raise _wrong("raw text never ends", at)
            yield Piece(PieceKind.TEXT, template[raw.end() : end.start()], raw.end())
            at = end.end()
        elif found[1] == "#":
            end = _COMMENT_END.search(template, found.end())
            if end is None:
                raise _wrong("a comment never ends", at)
            yield Piece(PieceKind.COMMENT, template[found.end() : end.start()], at)
            at = end.end()
        else:
            words, stop, end_at = _words(template, found.end(), found[1])
            kind = PieceKind.OUTPUT if found[1] == "{" else PieceKind.STATEMENT
            yield Piece(kind, template[found.end() : stop], at, words)
            at = end_at
    if at < len(template):
        yield Piece(PieceKind.TEXT, template[at:], at)


def _words(template: str, at: int, sign: str) -> tuple[tuple[Word, ...], int, int]:
    """The words from `at` on, where they stop, and where the next piece begins."""
    words: list[Word] = []
    waiting: list[str] = []
    end, begin = _ENDS[sign], at
    while True:
        if not waiting and (stop := end.match(template, at)):
            return tuple(words), at, stop.end()
        found = _WORD.match(template, at)
        if found is None:
            what = "a statement never ends" if at >= len(template) else "a sign that means nothing"
            raise _wrong(what, begin if at >= len(template) else at)
        kind = found.lastgroup
        if kind != "space" and kind is not None:
            words.append(Word(WordKind(kind), _meant(kind, found[0]), at))
        if kind == "operator":
            _balance(waiting, found[0], at)
        at = found.end()


def _balance(waiting: list[str], sign: str, at: int) -> None:
    if sign in _CLOSING:
        waiting.append(_CLOSING[sign])
    elif sign in _CLOSING.values() and (not waiting or waiting.pop() != sign):
        raise _wrong(f"a {sign!r} closes nothing", at)


def _meant(kind: str, text: str) -> str:
    return _ESCAPE.sub(_character, text[1:-1]) if kind == "string" else text


def _character(escape: re.Match[str]) -> str:
    code = escape[1]
    if code[0] in "xuU" and len(code) > 1:
        number = int(code[1:], 16)
        return chr(number) if number < 0x110000 else "\ufffd"
    return _ESCAPES.get(code, code)


def _wrong(what: str, at: int) -> FormatError:
    return FormatError(f"The chat template is not well-formed: {what}, at character {at:,}.")
