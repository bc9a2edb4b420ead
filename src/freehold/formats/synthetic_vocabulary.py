"""A vocabulary of any size with nothing to say: enough for an engine to load, read and write.

It comes in the two kinds that most models have. In both, every ASCII character is one token, so
the length of a text is its length in tokens. All others are one to three Latin letters beyond it.
Token 0 ends an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Literal

from freehold.errors import UsageError
from freehold.formats.gguf_types import ValueType
from freehold.formats.gguf_write import ArrayOf, Entry
from freehold.formats.vocabulary import TokenKind, letter_bytes

Kind = Literal["gpt2", "llama"]
"""Byte-level BPE, or SentencePiece."""

_TEMPLATE = "{% for message in messages %}{{ message.content }}\n{% endfor %}"
_SMALLEST = 512
_LATIN = [chr(code) for code in range(0xC0, 0x280)]
"""Letters of two bytes each; up to three of them make 90 million words."""


def vocabulary_entries(kind: Kind, size: int) -> list[Entry]:
    """The metadata of a tokenizer with `size` tokens."""
    if size < _SMALLEST:
        raise UsageError(f"A vocabulary of {size} is too small: {_SMALLEST} at least.")
    return [*(_byte_pairs(size) if kind == "gpt2" else _sentence_pieces(size)), *_habits()]


def _habits() -> Iterator[Entry]:
    yield Entry("tokenizer.ggml.add_bos_token", ValueType.BOOL, False)
    yield Entry("tokenizer.ggml.add_space_prefix", ValueType.BOOL, False)
    yield Entry("tokenizer.chat_template", ValueType.STRING, _TEMPLATE)


def _byte_pairs(size: int) -> Iterator[Entry]:
    letters = list(letter_bytes())
    merges = list(islice(_merges(letters), size - 257))
    tokens = ["<|end|>", *letters, *("".join(pair) for pair in merges)]
    yield Entry("tokenizer.ggml.model", ValueType.STRING, "gpt2")
    yield Entry("tokenizer.ggml.pre", ValueType.STRING, "qwen2")
    yield _texts("tokens", tokens)
    yield _numbers(
        "token_type", ValueType.INT32, [TokenKind.CONTROL] + [TokenKind.NORMAL] * (size - 1)
    )
    yield _texts("merges", [" ".join(pair) for pair in merges])
    for role in ("bos", "eos"):
        yield Entry(f"tokenizer.ggml.{role}_token_id", ValueType.UINT32, 0)


def _sentence_pieces(size: int) -> Iterator[Entry]:
    ascii_pieces = ["\u2581", *(chr(code) for code in range(33, 127))]
    tokens = ["</s>", "<s>", "<unk>", *(f"<0x{byte:02X}>" for byte in range(256)), *ascii_pieces]
    marks = [TokenKind.CONTROL, TokenKind.CONTROL, TokenKind.UNKNOWN]
    types = [*marks, *[TokenKind.BYTE] * 256, *[TokenKind.NORMAL] * (size - 259)]
    tokens += islice(_longer(_LATIN), size - len(tokens))
    yield Entry("tokenizer.ggml.model", ValueType.STRING, "llama")
    yield _texts("tokens", tokens)
    yield _numbers("scores", ValueType.FLOAT32, [-float(rank) for rank in range(size)])
    yield _numbers("token_type", ValueType.INT32, types)
    for role, token in (("eos", 0), ("bos", 1), ("unknown", 2)):
        yield Entry(f"tokenizer.ggml.{role}_token_id", ValueType.UINT32, token)


def _merges(letters: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs of tokens that make longer ones: bytes to a character, characters to a word."""
    spelled = ["".join(letters[byte] for byte in latin.encode()) for latin in _LATIN]
    yield from ((two[0], two[1]) for two in spelled)
    yield from product(spelled, spelled)
    yield from product(("".join(pair) for pair in product(spelled, spelled)), spelled)


def _longer(characters: list[str]) -> Iterator[str]:
    for length in (1, 2, 3):
        yield from ("".join(word) for word in product(characters, repeat=length))


def _texts(name: str, values: list[str]) -> Entry:
    return Entry(f"tokenizer.ggml.{name}", ValueType.ARRAY, ArrayOf(ValueType.STRING, values))


def _numbers(name: str, kind: ValueType, values: Sequence[float]) -> Entry:
    return Entry(f"tokenizer.ggml.{name}", ValueType.ARRAY, ArrayOf(kind, values))
