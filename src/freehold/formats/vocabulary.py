"""A model's vocabulary, from its header: which bytes each token stands for, and which are special.

Three ways of spelling are known, those of nearly every model: byte-level BPE ("gpt2"), where each
byte is written as a printable letter; SentencePiece ("llama", and "t5"), where a space is written
"▁" and a byte that is in no piece as "<0xE2>"; and WordPiece ("bert"), which spells spaces alike.

It spells tokens out; it does not cut text into them. The engine does that, exactly.
"""

from __future__ import annotations

from enum import IntEnum
from itertools import count

from freehold.errors import FormatError, UnsupportedModel
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_array import GgufArray
from freehold.formats.gguf_lookup import array, integer, text

_BYTE_PAIRS = frozenset({"gpt2"})
_PIECES = frozenset({"llama", "t5", "bert"})
_SPACE = "▁"


class TokenKind(IntEnum):
    """What a token is for; the number is the one in the file."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


class Vocabulary:
    """Every token of a model, by its id. A piece is spelled out when it is asked for."""

    def __init__(self, header: GgufHeader) -> None:
        """Raise FormatError for a header without a vocabulary, UnsupportedModel for a spelling
        that is not known.
        """
        self.model = text(header, "tokenizer.ggml.model")
        """How it is spelled, in the file's word: "gpt2", "llama"…"""
        if self.model not in _BYTE_PAIRS | _PIECES:
            raise _unknown(header, self.model)
        tokens = array(header, "tokenizer.ggml.tokens")
        if tokens is None or not len(tokens):
            raise FormatError(f"{header.label} has no vocabulary.", "It cannot read text.")
        self._tokens: GgufArray = tokens
        self._kinds = array(header, "tokenizer.ggml.token_type")
        self._bytes = letter_bytes() if self.model in _BYTE_PAIRS else None
        self.begin = integer(header, "tokenizer.ggml.bos_token_id")
        """The mark that begins a text; None where there is none."""
        self.end = integer(header, "tokenizer.ggml.eos_token_id")
        """The mark that ends a text."""
        turn = integer(header, "tokenizer.ggml.eot_token_id")
        self.end_of_answer = self.end if turn is None else turn
        """The mark that ends an answer, where a model has another one for that."""

    def __len__(self) -> int:
        return len(self._tokens)

    def kind(self, token: int) -> TokenKind:
        """What a token is for; NORMAL where the file does not say."""
        if self._kinds is None or not 0 <= token < len(self._kinds):
            return TokenKind.NORMAL
        try:
            return TokenKind(int(self._kinds[token]))
        except ValueError:
            return TokenKind.NORMAL

    def is_special(self, token: int) -> bool:
        """Whether it is a mark for the model, rather than text that a person wrote."""
        return self.kind(token) in {TokenKind.CONTROL, TokenKind.UNKNOWN}

    def piece(self, token: int) -> bytes:
        """The bytes that a token adds to a text. Raises IndexError for an id that is none.

        Of one byte of a letter it is that byte, so a piece need not be valid UTF-8.
        """
        if not 0 <= token < len(self._tokens):
            raise IndexError(f"There is no token {token}; the vocabulary has {len(self):,}.")
        raw, kind = self._tokens.raw(token), self.kind(token)
        if kind in {TokenKind.CONTROL, TokenKind.UNKNOWN, TokenKind.USER_DEFINED}:
            return raw
        if kind is TokenKind.UNUSED:
            return b""
        if self._bytes is not None:
            return _from_letters(raw.decode("utf-8", "replace"), self._bytes)
        if kind is TokenKind.BYTE:
            return _from_hexadecimal(raw)
        return raw.replace(_SPACE.encode(), b" ")

    def same_as(self, other: Vocabulary) -> bool:
        """Whether ids mean the same in both: a token for a token, byte for byte."""
        return (
            self._tokens == other._tokens
            and self.begin == other.begin
            and (self.model in _BYTE_PAIRS) == (other.model in _BYTE_PAIRS)
        )


def _unknown(header: GgufHeader, model: str | None) -> FormatError:
    known = ", ".join(sorted(_BYTE_PAIRS | _PIECES))
    if model is None:
        return FormatError(f"{header.label} has no vocabulary.", "It cannot read text.")
    return UnsupportedModel(
        f"{header.label} spells its vocabulary as {model!r}, which Freehold cannot read.",
        f"It reads {known}.",
    )


def letter_bytes() -> dict[str, int]:
    """Which byte each letter of byte-level BPE stands for, byte after byte: itself where it is
    printable, else the next free letter from U+0100 on (Radford et al. 2019, GPT-2).
    """
    spare = count(256)
    plain = {*range(33, 127), *range(161, 173), *range(174, 256)}
    return {chr(byte if byte in plain else next(spare)): byte for byte in range(256)}


def _from_letters(word: str, letters: dict[str, int]) -> bytes:
    """A letter that stands for no byte is kept as it is."""
    return b"".join(bytes((letters[each],)) if each in letters else each.encode() for each in word)


def _from_hexadecimal(raw: bytes) -> bytes:
    """`<0xE2>` as the one byte it names; a byte piece in other words is its own text."""
    if len(raw) == 6 and raw.startswith(b"<0x") and raw.endswith(b">"):
        try:
            return bytes((int(raw[3:5], 16),))
        except ValueError:
            return raw
    return raw
