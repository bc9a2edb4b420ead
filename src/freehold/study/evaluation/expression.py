"""What stands between `{{` and `}}` in a task: a small part of Jinja's expressions, and no more.

Names, fields and items (`doc.question`, `choices[0]`), literals, lists, `+ - * ~`, comparisons,
`in`, `and or not`, `a if b else c`, a few methods of texts and lists, a few filters. Nothing else
can be written, so nothing else can happen: no attribute of Python's is ever looked up. A task is a
file from someone else; this is why it is read here and not run by a template engine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from freehold.study.evaluation.operations import FILTERS, METHODS
from freehold.study.evaluation.values import (
    Evaluate,
    Refused,
    called,
    constant,
    field,
    item,
    listed,
    operation,
    short_circuit,
    stretch,
)
from freehold.study.template.lexer import Word, WordKind

_LITERALS = {
    "true": True, "True": True, "false": False, "False": False, "none": None, "None": None,
}  # fmt: skip
_MOST_WORDS = 300
_LEVELS = ("or", "and")
_COMPARISONS = ("==", "!=", "<", ">", "<=", ">=")
_KEYWORDS = frozenset({"if", "else", "and", "or", "not", "in", "is", "for"})


def parse(words: Sequence[Word]) -> Evaluate:
    """A function from an example's fields to the expression's value.

    Raises Refused for what is no expression here; so does the function for a field that is missing.
    """
    if len(words) > _MOST_WORDS:
        raise Refused(f"it has more than {_MOST_WORDS} words")
    reader = _Reader(words)
    found = reader.conditional()
    if (left := reader.peek()) is not None:
        raise Refused(f"{left.text!r} is not understood there")
    return found


class _Reader:
    """Reads words from left to right, looser operators first."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._words = words
        self._at = 0
        self._depth = 0

    def peek(self) -> Word | None:
        """The next word."""
        return self._words[self._at] if self._at < len(self._words) else None

    def conditional(self) -> Evaluate:
        """`a if b else c`, or what binds tighter."""
        self._depth += 1
        if self._depth > 40:
            raise Refused("it is nested too deeply")
        value = self._either()
        if self._name("if"):
            test = self._either()
            if not self._name("else"):
                raise Refused("an `if` has no `else`")
            other = self.conditional()
            taken = value
            value = lambda fields: taken(fields) if test(fields) else other(fields)  # noqa: E731
        self._depth -= 1
        return value

    def _either(self, level: int = 0) -> Evaluate:
        if level == len(_LEVELS):
            return self._negation()
        value = self._either(level + 1)
        while self._name(_LEVELS[level]):
            value = short_circuit(_LEVELS[level], value, self._either(level + 1))
        return value

    def _negation(self) -> Evaluate:
        if self._name("not"):
            inner = self._negation()
            return lambda fields: not inner(fields)
        return self._comparison()

    def _comparison(self) -> Evaluate:
        value = self._joined()
        while True:
            if sign := self._sign(*_COMPARISONS):
                value = operation(sign, value, self._joined())
            elif self._name("in"):
                value = operation("in", value, self._joined())
            elif self._follows("not", "in"):
                self._at += 2
                value = operation("not in", value, self._joined())
            else:
                return value

    def _joined(self) -> Evaluate:
        return self._chain(self._sum, "~")

    def _sum(self) -> Evaluate:
        return self._chain(self._product, "+", "-")

    def _product(self) -> Evaluate:
        return self._chain(self._signed, "*", "/", "//", "%")

    def _chain(self, inner: Callable[[], Evaluate], *signs: str) -> Evaluate:
        value = inner()
        while sign := self._sign(*signs):
            value = operation(sign, value, inner())
        return value

    def _signed(self) -> Evaluate:
        if self._sign("-"):
            return operation("-", constant(0), self._signed())
        return self._filtered()

    def _filtered(self) -> Evaluate:
        value = self._postfixed()
        while self._sign("|"):
            name = self._take(WordKind.NAME, "a filter's name")
            if name not in FILTERS:
                raise Refused(f"the filter {name!r} is not known; known are {listed(FILTERS)}")
            arguments = self._arguments() if self._sign("(") else []
            value = called(FILTERS[name], name, value, arguments)
        return value

    def _postfixed(self) -> Evaluate:
        value = self._atom()
        while True:
            if self._sign("."):
                name = self._take(WordKind.NAME, "a field's name")
                if self._sign("("):
                    if name not in METHODS:
                        raise Refused(f"the method {name!r} is not known; {listed(METHODS)} are")
                    value = called(METHODS[name], name, value, self._arguments())
                else:
                    value = item(value, constant(name))
            elif self._sign("["):
                value = self._subscript(value)
            else:
                return value

    def _subscript(self, value: Evaluate) -> Evaluate:
        start = None if self._next_is(":") else self.conditional()
        if not self._sign(":"):
            self._expect("]")
            return item(value, start or constant(None))
        stop = None if self._next_is("]") else self.conditional()
        self._expect("]")
        return stretch(value, start, stop)

    def _atom(self) -> Evaluate:
        word = self.peek()
        if word is None:
            raise Refused("it ends too early")
        self._at += 1
        if word.kind is WordKind.STRING:
            return constant(word.text)
        if word.kind is WordKind.NUMBER:
            return constant(float(word.text) if "." in word.text else int(word.text))
        if word.is_operator("("):
            inner = self.conditional()
            self._expect(")")
            return inner
        if word.is_operator("["):
            items = self._list("]")
            return lambda fields: [each(fields) for each in items]
        if word.kind is WordKind.NAME and word.text in _LITERALS:
            return constant(_LITERALS[word.text])
        if word.kind is WordKind.NAME and word.text not in _KEYWORDS and not self._next_is("("):
            return field(word.text)
        raise Refused(f"{word.text!r} is not understood there")

    def _arguments(self) -> list[Evaluate]:
        return self._list(")")

    def _list(self, end: str) -> list[Evaluate]:
        items: list[Evaluate] = []
        while not self._sign(end):
            items.append(self.conditional())
            if not self._next_is(end):
                self._expect(",")
        return items

    def _name(self, *names: str) -> bool:
        word = self.peek()
        found = word is not None and word.is_name(*names)
        self._at += found
        return found

    def _sign(self, *signs: str) -> str | None:
        word = self.peek()
        if word is None or not word.is_operator(*signs):
            return None
        self._at += 1
        return word.text

    def _follows(self, first: str, second: str) -> bool:
        pair = self._words[self._at : self._at + 2]
        return len(pair) == 2 and pair[0].is_name(first) and pair[1].is_name(second)

    def _next_is(self, sign: str) -> bool:
        word = self.peek()
        return word is not None and word.is_operator(sign)

    def _expect(self, sign: str) -> None:
        if not self._sign(sign):
            raise Refused(f"a {sign!r} is missing")

    def _take(self, kind: WordKind, what: str) -> str:
        word = self.peek()
        if word is None or word.kind is not kind:
            raise Refused(f"{what} is missing")
        self._at += 1
        return word.text
