"""A task's templates: text with `{{ … }}`, conditions, loops and `set`, filled from an example.

The syntax is Jinja's, as lm-eval's tasks use it; what may stand inside is in `expression`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from freehold.errors import FormatError
from freehold.study.evaluation.expression import parse
from freehold.study.evaluation.operations import MOST, text
from freehold.study.evaluation.values import Evaluate, Fields, Refused
from freehold.study.template.lexer import Piece, PieceKind, Word, WordKind, cut

Fill = Callable[[dict[str, Any]], str]
_TURNS = ""
"""Beside the fields: how many turns its loops have left. No expression can name it."""
_MOST_TURNS = 20_000


class PromptTemplate:
    """One template, read once and filled many times."""

    def __init__(self, source: str) -> None:
        """Raise Refused where it is not well-formed, or asks for more than there is."""
        self.source = source
        try:
            pieces = cut(source)
        except FormatError as error:
            raise Refused(error.message.rstrip(".").replace("The chat template", "it")) from error
        blocks = _Blocks(source, pieces)
        self._fill = blocks.read()
        self._only = blocks.only

    def fill(self, fields: Fields) -> str:
        """The text for one example. Raises Refused for a field that is missing."""
        return self._fill({**fields, _TURNS: [_MOST_TURNS]})

    def value(self, fields: Fields) -> Any:
        """As `fill`; but where the template is one expression, its value as it is: a list, say."""
        return self.fill(fields) if self._only is None else self._only(fields)


class _Blocks:
    """Reads pieces into a function that fills them."""

    def __init__(self, source: str, pieces: Sequence[Piece]) -> None:
        self._source = source
        self._pieces = [piece for piece in pieces if piece.kind is not PieceKind.COMMENT]
        self._at = 0
        self.only: Evaluate | None = None
        """The expression that is the whole template."""

    def read(self) -> Fill:
        """The whole template."""
        filled = self._until()
        if self._at < len(self._pieces):
            raise Refused(f"{self._keyword(self._pieces[self._at])!r} closes nothing")
        return filled

    def _until(self, *ends: str) -> Fill:
        parts: list[Fill] = []
        while self._at < len(self._pieces):
            piece = self._pieces[self._at]
            if piece.kind is PieceKind.STATEMENT and self._keyword(piece) in {*ends, *_CLOSERS}:
                break
            self._at += 1
            parts.append(self._part(piece))
        return lambda fields: _whole(part(fields) for part in parts)

    def _part(self, piece: Piece) -> Fill:
        if piece.kind is PieceKind.TEXT:
            words = self._trimmed(piece)
            return lambda _: words
        if piece.kind is PieceKind.OUTPUT:
            found = parse(piece.words)
            if len(self._pieces) == 1:
                self.only = found
            return lambda fields: text(found(fields))
        match self._keyword(piece):
            case "if":
                return self._if(piece.words[1:])
            case "for":
                return self._for(piece.words[1:])
            case "set":
                return _set(piece.words[1:])
            case other:
                raise Refused(f"{{% {other} %}} is not known; if, for and set are")

    def _if(self, words: Sequence[Word]) -> Fill:
        test, then = parse(words), self._until("elif", "else", "endif")
        end = self._closing("endif")
        otherwise: Fill = lambda _: ""  # noqa: E731
        if self._keyword(end) == "elif":
            otherwise = self._if(end.words[1:])
        elif self._keyword(end) == "else":
            otherwise = self._until("endif")
            self._closing("endif")
        return lambda fields: then(fields) if test(fields) else otherwise(fields)

    def _for(self, words: Sequence[Word]) -> Fill:
        if len(words) < 3 or words[0].kind is not WordKind.NAME or not words[1].is_name("in"):
            raise Refused("a loop is written {% for item in items %}")
        name, items, body = words[0].text, parse(words[2:]), self._until("endfor")
        self._closing("endfor")

        def fill(fields: dict[str, Any]) -> str:
            whole = items(fields)
            if not isinstance(whole, list):
                raise Refused(f"a loop needs a list, and {name!r} is taken from none")
            fields[_TURNS][0] -= len(whole)
            if fields[_TURNS][0] < 0:
                raise Refused(f"its loops turn more than {_MOST_TURNS:,} times")
            return _whole(
                body({**fields, name: item, "loop": _loop(at, len(whole))})
                for at, item in enumerate(whole)
            )

        return fill

    def _closing(self, end: str) -> Piece:
        if self._at >= len(self._pieces):
            raise Refused(f"{{% {end} %}} is missing")
        piece = self._pieces[self._at]
        self._at += 1
        return piece

    def _keyword(self, piece: Piece) -> str:
        return piece.words[0].text if piece.words else ""

    def _trimmed(self, piece: Piece) -> str:
        """A text piece without the space that a `-` beside it takes away."""
        start, words = piece.at, piece.text
        end = start + len(words)
        if self._source[max(0, start - 3) : start] in {"-%}", "-}}", "-#}"}:
            words = words.lstrip()
        if self._source[end : end + 3] in {"{%-", "{{-", "{#-"}:
            words = words.rstrip()
        return words


_CLOSERS = ("elif", "else", "endif", "endfor")


def _set(words: Sequence[Word]) -> Fill:
    if len(words) < 3 or words[0].kind is not WordKind.NAME or not words[1].is_operator("="):
        raise Refused("a name is set by {% set name = value %}")
    name, value = words[0].text, parse(words[2:])

    def fill(fields: dict[str, Any]) -> str:
        fields[name] = value(fields)
        return ""

    return fill


def _loop(at: int, length: int) -> dict[str, Any]:
    last = at == length - 1
    return {"index": at + 1, "index0": at, "first": at == 0, "last": last, "length": length}


def _whole(parts: Any) -> str:
    made = "".join(parts)
    if len(made) > MOST:
        raise Refused("it makes a text of more than a million letters")
    return made
