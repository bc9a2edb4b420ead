"""The code in a chat template: ways out of it, other files, unknown calls, work without end.

Freehold's engine reads templates with an interpreter of its own that has no Python behind it. Other
programs hand the very same text to Jinja in Python, some without its sandbox: there, an attribute
like `__class__` is the first step to any command on the machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from freehold.study.scan.finding import Finding, Severity, excerpt
from freehold.study.scan.template_known import FILTERS, FUNCTIONS, KEYWORDS, METHODS, WAYS_OUT
from freehold.study.template.lexer import Piece, PieceKind, Word, WordKind

_DUNDER = re.compile(r"__\w*__|__(class|base|mro|subclasses|globals|builtins|init|import)\w*")
_JOINING = ("+", "~")
_OTHER_FILES = ("import", "include", "extends", "from")
_BUSY, _ENDLESS = 100_000, 10_000_000
"""Turns of loops inside one another, from which on they are worth a word, and are no use."""
_MOST = 1e30

_ESCAPE = (
    "In a program that renders it with Python's Jinja outside a sandbox, it can run any command."
)
_DO_NOT = "Do not use this template: give the model another, or get the file elsewhere."


def code_findings(pieces: tuple[Piece, ...], where: str) -> Iterator[Finding]:
    """What its code does that no chat needs. `where` names the template."""
    own = _own_names(pieces)
    for piece in pieces:
        if piece.kind not in {PieceKind.OUTPUT, PieceKind.STATEMENT}:
            continue
        yield from _ways_out(piece, own, where)
        yield from _other_files(piece, where)
        yield from _calls(piece, own, where)
    yield from _long_work(pieces, where)


def _place(where: str, at: int) -> str:
    return f"{where}, character {at:,}"


def _ways_out(piece: Piece, own: frozenset[str], where: str) -> Iterator[Finding]:
    for word in piece.words:
        if word.kind is WordKind.NAME and _DUNDER.search(word.text):
            yield _escape(word.at, where, f"it reaches for {word.text!r}")
    for at, text in _joined(piece.words):
        if _DUNDER.search(text):
            yield _escape(at, where, f"it spells out {excerpt(text)!r}")
    for index, word in enumerate(piece.words):
        before = piece.words[index - 1] if index else None
        after = piece.words[index + 1 : index + 5]
        bare = before is None or not before.is_operator(".", "|")
        keyword = bool(after) and after[0].is_operator("=")
        if word.is_name(*WAYS_OUT) and bare and not keyword and word.text not in own:
            yield _escape(word.at, where, f"it uses {word.text!r}, where known ways out begin")
        if word.is_name("attr") and before is not None and before.is_operator("|"):
            yield _escape(word.at, where, "it picks an attribute by a computed name (`attr`)")
        if word.kind is WordKind.STRING and [each.text for each in after] == ["[", ":", ":", "-"]:
            yield _escape(word.at, where, f"it spells {excerpt(word.text)!r} backwards")


def _escape(at: int, where: str, what: str) -> Finding:
    said = f"The chat template's code leaves the template: {what}."
    return Finding(Severity.DANGEROUS, _place(where, at), said, _ESCAPE, _DO_NOT)


def _joined(words: tuple[Word, ...]) -> Iterator[tuple[int, str]]:
    """Each text with those that are joined to it: `'__cla' ~ 'ss__'` is one."""
    at, text, joining = 0, "", False
    for word in (*words, None):
        if word is not None and word.kind is WordKind.STRING:
            if text and not joining:
                yield at, text
                text = ""
            at, text, joining = (at if text else word.at), text + word.text, False
        elif word is not None and word.is_operator(*_JOINING):
            joining = True
        elif text:
            yield at, text
            text, joining = "", False


def _other_files(piece: Piece, where: str) -> Iterator[Finding]:
    if piece.starts(*_OTHER_FILES):
        yield Finding(
            Severity.DANGEROUS,
            _place(where, piece.at),
            f"The chat template loads another file: {excerpt(piece.text.strip())!r}.",
            "It brings in text or code that is not in the file you looked at.",
            _DO_NOT,
        )


def _calls(piece: Piece, own: frozenset[str], where: str) -> Iterator[Finding]:
    for index, (word, after) in enumerate(pairwise((*piece.words, None))):
        if word is None or word.kind is not WordKind.NAME or word.text in KEYWORDS | WAYS_OUT:
            continue
        before = piece.words[index - 1] if index else None
        dotted = before is not None and before.is_operator(".")
        piped = before is not None and before.is_operator("|")
        called = after is not None and after.is_operator("(")
        if piped:
            known, kind = word.text in FILTERS | {"attr"}, "filter"
        elif dotted:
            known, kind = not called or word.text in METHODS | own, "method"
        else:
            known, kind = not called or word.text in FUNCTIONS | own, "function"
            known = known or (before is not None and before.is_name("is", "not"))
        if not known:
            yield Finding(
                Severity.SUSPICIOUS,
                _place(where, word.at),
                f"The chat template calls a {kind} that templates are not known to use: "
                f"{excerpt(word.text)!r}.",
                "What it does depends on the program that renders it.",
                "Read the template (`freehold study card MODEL --template`) before you trust it.",
            )


def _own_names(pieces: tuple[Piece, ...]) -> frozenset[str]:
    """Macros that it defines, and names that it sets."""
    found: set[str] = set()
    for piece in pieces:
        words = piece.words
        if piece.starts("macro", "set", "for"):
            sign = {"macro": "(", "set": "=", "for": "in"}[words[0].text]
            for word in words[1:]:
                if word.text == sign:
                    break
                if word.kind is WordKind.NAME:
                    found.add(word.text)
            if words[0].text == "macro":
                found |= {word.text for word in words if word.kind is WordKind.NAME}
    return frozenset(found)


def _long_work(pieces: tuple[Piece, ...], where: str) -> Iterator[Finding]:
    """Loops over long ranges, inside one another, and texts or numbers multiplied up."""
    turns: list[int] = []
    for piece in pieces:
        if piece.starts("endfor") and turns:
            turns.pop()
        largest = _largest_number(piece.words)
        if piece.starts("for"):
            turns.append(largest if any(word.is_name("range") for word in piece.words) else 1)
            total = 1
            for each in turns:
                total *= max(each, 1)
            yield from _endless(total, piece.at, where, "loops {:,} times")
        elif any(word.is_operator("*", "**") for word in piece.words):
            yield from _endless(largest, piece.at, where, "multiplies up to {:,}")
    yield from _circles(pieces, where)


def _circles(pieces: tuple[Piece, ...], where: str) -> Iterator[Finding]:
    """Macros that call themselves whatever holds; many do so for what lies inside something."""
    name, depth = "", 0
    for piece in pieces:
        if piece.starts("macro") and len(piece.words) > 1:
            name, depth = piece.words[1].text, 0
            continue
        depth += piece.starts("if", "for") - piece.starts("endif", "endfor")
        if piece.starts("endmacro"):
            name = ""
        inline = any(word.is_name("if", "for") for word in piece.words)
        if name and depth == 0 and not inline and _calls_it(piece.words, name):
            yield _work(
                Severity.DANGEROUS, piece.at, where, "has a macro that calls itself, always"
            )


def _largest_number(words: tuple[Word, ...]) -> int:
    """The largest number in it, those that are multiplied taken together: `1000 * 1000`, `10**9`.

    A text or a list that is multiplied counts as one.
    """
    largest, number, sign = 0.0, 1.0, ""
    for word in words:
        if word.kind is WordKind.NUMBER:
            this = min(float(word.text.replace("_", "")), _MOST)
            number = _combined(number, sign, this)
            largest = max(largest, number)
        elif word.is_operator("*", "**"):
            sign = word.text
            continue
        elif word.kind is not WordKind.OPERATOR or not word.is_operator("(", ")"):
            number = 1.0
        sign = ""
    return int(largest)


def _combined(number: float, sign: str, this: float) -> float:
    if sign == "**":
        return min(number ** min(this, 100.0), _MOST) if number < 1e3 else _MOST
    return min(number * this, _MOST) if sign == "*" else this


def _endless(times: int, at: int, where: str, words: str) -> Iterator[Finding]:
    if times >= _BUSY:
        grave = Severity.DANGEROUS if times >= _ENDLESS else Severity.SUSPICIOUS
        yield _work(grave, at, where, words.format(times))


def _work(severity: Severity, at: int, where: str, words: str) -> Finding:
    return Finding(
        severity,
        _place(where, at),
        f"The chat template {words}.",
        "It can keep the program that renders it busy without end, or fill its memory.",
        _DO_NOT,
    )


def _calls_it(words: tuple[Word, ...], name: str) -> bool:
    return any(word.is_name(name) and after.is_operator("(") for word, after in pairwise(words))
