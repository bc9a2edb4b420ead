"""Oddities of a vocabulary: tokens twice, special tokens with what cannot be seen, ids beyond it.

Special tokens decide where a turn begins and who speaks. Those of two kinds that look the same, or
hide a character, let a text pass for another's.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator

from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_array import GgufArray
from freehold.formats.gguf_lookup import array
from freehold.formats.vocabulary import TokenKind
from freehold.study.scan.finding import Finding, Severity, excerpt, some
from freehold.study.scan.text_signs import unseen

_SPECIAL = frozenset({TokenKind.UNKNOWN, TokenKind.CONTROL, TokenKind.USER_DEFINED})
_CARE = "Be careful with texts from others in a chat: a mark in them may be read as one."
_ROLE_KEYS = ("bos", "eos", "eot", "eom", "unknown", "padding", "mask", "seperator", "prefix")


def vocabulary_findings(header: GgufHeader, label: str) -> Iterator[Finding]:
    """All that is odd in a vocabulary; nothing for a file without one."""
    tokens = array(header, "tokenizer.ggml.tokens")
    if tokens is None:
        return
    kinds = array(header, "tokenizer.ggml.token_type")
    yield from _lengths(header, tokens, label)
    yield from _ids(header, len(tokens), label)
    yield from _twice(tokens, label)
    if kinds is not None and len(kinds) == len(tokens):
        yield from _specials(tokens, kinds, label)


def _lengths(header: GgufHeader, tokens: GgufArray, label: str) -> Iterator[Finding]:
    for name in ("token_type", "scores"):
        other = array(header, f"tokenizer.ggml.{name}")
        if other is not None and len(other) != len(tokens):
            yield Finding(
                Severity.SUSPICIOUS,
                f"{label}: tokenizer.ggml.{name}",
                f"It has {len(other):,} entries for {len(tokens):,} tokens.",
                "A program that believes the one and reads the other goes past the end.",
                "It is damaged or was badly made; get another.",
            )


def _ids(header: GgufHeader, count: int, label: str) -> Iterator[Finding]:
    for role in _ROLE_KEYS:
        key = f"tokenizer.ggml.{role}_token_id"
        value = header.metadata.get(key)
        if isinstance(value, int) and not 0 <= value < count:
            yield Finding(
                Severity.SUSPICIOUS,
                f"{label}: {key}",
                f"It names token {value:,}, and there are {count:,}.",
                "A program that looks it up goes past the end; or answers never end.",
                "It is damaged or was badly made; get another.",
            )


def _twice(tokens: GgufArray, label: str) -> Iterator[Finding]:
    counts = Counter(tokens.raw(index) for index in range(len(tokens)))
    twice = [(text, count) for text, count in counts.items() if count > 1]
    if twice:
        yield Finding(
            Severity.ODD,
            f"{label}: tokenizer.ggml.tokens",
            f"{len(twice):,} tokens are there more than once: {some(twice, 8, _told)}.",
            "The model may never have learned one of them; texts can be cut in two ways.",
            "Mostly a slip of whoever converted it.",
        )


def _told(token: tuple[bytes, int]) -> str:
    text, count = token
    return f"{excerpt(text.decode('utf-8', 'replace'), 40)!r} ({count} times)"


def _specials(tokens: GgufArray, kinds: GgufArray, label: str) -> Iterator[Finding]:
    alike: dict[str, str] = {}
    for index, kind in enumerate(kinds):
        if kind not in _SPECIAL:
            continue
        text = str(tokens[index])
        where = f"{label}: token {index:,}"
        if not text.strip():
            if kind == TokenKind.CONTROL:
                yield _look_alike(where, f"A control token is blank: {text!r}.")
            continue  # words for white space are common
        for found in unseen(text):
            if found.kind != "control characters" or kind == TokenKind.CONTROL:
                yield _look_alike(where, f"The special token {_short(text)} holds {found.kind}.")
        if _mixes_scripts(text):
            what = f"The special token {_short(text)} has letters of two scripts that look alike."
            yield _look_alike(where, what)
        if kind == TokenKind.CONTROL:
            other = alike.setdefault(unicodedata.normalize("NFKC", text).casefold(), text)
            if other.casefold() != text.casefold():
                yield _look_alike(
                    where, f"{_short(text)} looks like {_short(other)}: both are marks."
                )


def _mixes_scripts(text: str) -> bool:
    names = [unicodedata.name(letter, "") for letter in text if letter.isalpha()]
    latin = any(name.startswith("LATIN") for name in names)
    return latin and any(name.startswith(("CYRILLIC", "GREEK")) for name in names)


def _short(text: str) -> str:
    return repr(excerpt(text, 60))


def _look_alike(where: str, what: str) -> Finding:
    could = (
        "It looks like another token, or like none: a text can end a turn, or begin one, unseen."
    )
    return Finding(Severity.SUSPICIOUS, where, what, could, _CARE)
