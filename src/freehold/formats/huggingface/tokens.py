"""A vocabulary between its two homes: every token, what it is for, and how tokens are merged."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from freehold.errors import FormatError
from freehold.formats.gguf_cursor import quoted
from freehold.formats.gguf_types import ValueType
from freehold.formats.gguf_write import ArrayOf, Entry
from freehold.formats.vocabulary import TokenKind

SPACE = "▁"
UNRANKED = -1000.0
"""The score that llama.cpp's converter gives to marks, which are never merged."""
_FILLER = -10_000.0
_BYTE = re.compile(r"<0x[0-9A-F]{2}>")
_MARK = re.compile(r"<\|.*\|>|<｜.*｜>|<unused\d+>|<pad>|<mask>|<2mass>|\[@BOS@\]", re.DOTALL)
ROLES = ("bos", "eos", "unk", "sep", "pad", "mask")
KEYS = {"unk": "unknown", "sep": "seperator", "pad": "padding"}
"""What a GGUF file calls them; one is spelled so in the format."""


@dataclass(frozen=True)
class Tokens:
    """A vocabulary as a GGUF file has it."""

    model: str
    """`gpt2` for byte pairs, `llama` for SentencePiece."""
    pre: str
    texts: list[str]
    kinds: list[TokenKind]
    scores: list[float] | None = None
    merges: list[str] | None = None
    space_before: bool = False
    """A text is read as if a space stood before it."""
    special: dict[str, int] = field(default_factory=dict)
    """Ids by their roles: `bos`, `eos`, `unk`, …"""
    add_begin: bool = False
    """A text is begun with its mark."""
    add_end: bool = False


def entries_of_tokens(tokens: Tokens) -> list[Entry]:
    """As metadata."""

    def entry(name: str, kind: ValueType, value: Any) -> Entry:
        return Entry(f"tokenizer.ggml.{name}", kind, value)

    def listed(name: str, kind: ValueType, values: Any) -> Entry:
        return entry(name, ValueType.ARRAY, ArrayOf(kind, values))

    made = [
        entry("model", ValueType.STRING, tokens.model),
        entry("pre", ValueType.STRING, tokens.pre),
        listed("tokens", ValueType.STRING, tokens.texts),
        listed("token_type", ValueType.INT32, tokens.kinds),
    ]
    if tokens.scores is not None:
        made.append(listed("scores", ValueType.FLOAT32, tokens.scores))
    if tokens.merges is not None:
        made.append(listed("merges", ValueType.STRING, tokens.merges))
    for role, token in tokens.special.items():
        made.append(entry(f"{KEYS.get(role, role)}_token_id", ValueType.UINT32, token))
    for name, value in (
        ("add_bos_token", tokens.add_begin),
        ("add_eos_token", tokens.add_end),
        ("add_space_prefix", tokens.space_before),
    ):
        made.append(entry(name, ValueType.BOOL, value))
    return made


def kind_of_added(text: str, special: bool) -> TokenKind:
    """What a token is that was added to a vocabulary. What looks like a mark for the model is one,
    so that nobody's text is taken for it.
    """
    return TokenKind.CONTROL if special or _MARK.fullmatch(text) else TokenKind.USER_DEFINED


def is_byte(text: str) -> bool:
    """Whether it is SentencePiece's word for one byte."""
    return _BYTE.fullmatch(text) is not None


def spelled(text: str, kind: TokenKind) -> str:
    """A token as a GGUF file spells it: what users added stands for itself, spaces included."""
    return text.replace(SPACE, " ") if kind is TokenKind.USER_DEFINED else text


def filled(
    known: Iterable[tuple[int, str, TokenKind, float]], rows: int, label: str
) -> tuple[list[str], list[TokenKind], list[float]]:
    """Tokens in the order of their ids, with fillers where a model has rows for none.

    Raises FormatError for an id beyond the rows, or two tokens of one text.
    """
    texts = [f"[PAD{index}]" for index in range(rows)]
    kinds, scores = [TokenKind.UNUSED] * rows, [_FILLER] * rows
    for token, text, kind, score in known:
        if not 0 <= token < rows:
            raise FormatError(
                f"{label} has the token {quoted(text)} as number {token:,}, and the model has "
                f"{rows:,} rows for tokens.",
                "Its tokenizer is another model's, or its embedding was not made larger with it.",
            )
        texts[token], kinds[token], scores[token] = text, kind, score
    if len(set(texts)) != rows:
        twice = next(text for text in texts if texts.count(text) > 1)
        raise FormatError(f"{label} has the token {quoted(twice)} twice.")
    return texts, kinds, scores
