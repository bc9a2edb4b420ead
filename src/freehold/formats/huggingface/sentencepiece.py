"""Read and write tokenizer.model: SentencePiece's pieces, a message in protobuf's format.

Only the fields that matter here are known, by their numbers in sentencepiece_model.proto; all
others are passed over. Nothing is trusted.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from freehold.errors import FormatError

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_PIECES, _TRAINER, _NORMALIZER = 1, 2, 3
_MODEL_TYPE, _RULE_NAME, _DUMMY_PREFIX, _CHARACTERS = 3, 1, 3, 2
_EXTRA_SPACES = 4
UNIGRAM, BYTE_PAIRS = 1, 2
_MOST = 2_000_000


@dataclass(frozen=True)
class Piece:
    """One token."""

    text: str
    score: float
    kind: int
    """As in a GGUF file: the numbers are the same."""


@dataclass(frozen=True)
class SentencePieceModel:
    """What a tokenizer.model says."""

    pieces: tuple[Piece, ...]
    kind: int
    """UNIGRAM, BYTE_PAIRS or another."""
    space_before: bool
    """A text is read as if a space stood before it."""
    rewrites: bool
    """Characters are replaced before (NFKC, or other rules)."""


def read_model(data: bytes, label: str) -> SentencePieceModel:
    """Read a whole file. Raises FormatError."""
    pieces: list[Piece] = []
    kind, space, rewrites = UNIGRAM, True, False
    try:
        for field, value in _fields(data):
            if field == _PIECES and isinstance(value, bytes):
                pieces.append(_piece(value))
            elif field == _TRAINER and isinstance(value, bytes):
                kind = int(dict(_fields(value)).get(_MODEL_TYPE, UNIGRAM))
            elif field == _NORMALIZER and isinstance(value, bytes):
                rules = dict(_fields(value))
                space = bool(rules.get(_DUMMY_PREFIX, 1))
                rewrites = bool(rules.get(_CHARACTERS, b""))
    except (ValueError, IndexError, TypeError, struct.error) as error:
        raise FormatError(f"{label} is no tokenizer of SentencePiece: {error}.") from error
    if not 0 < len(pieces) <= _MOST:
        raise FormatError(f"{label} is no tokenizer: it has {len(pieces):,} pieces.")
    return SentencePieceModel(tuple(pieces), kind, space, rewrites)


def write_model(pieces: Sequence[Piece], space_before: bool) -> bytes:
    """A whole file of byte pairs, which falls back to bytes and replaces no characters."""
    parts = []
    for piece in pieces:
        body = _text(1, piece.text) + _tag(2, _FOUR) + struct.pack("<f", piece.score)
        if piece.kind != 1:
            body += _number(3, piece.kind)
        parts.append(_message(_PIECES, body))
    trainer = _number(_MODEL_TYPE, BYTE_PAIRS) + _number(4, len(pieces)) + _number(35, 1)
    rules = _text(_RULE_NAME, "identity") + _number(_DUMMY_PREFIX, int(space_before))
    rules += _number(_EXTRA_SPACES, 0)
    return b"".join((*parts, _message(_TRAINER, trainer), _message(_NORMALIZER, rules)))


def _piece(data: bytes) -> Piece:
    text, score, kind = "", 0.0, 1
    for field, value in _fields(data):
        if field == 1 and isinstance(value, bytes):
            text = value.decode()
        elif field == 2 and isinstance(value, float):
            score = value
        elif field == 3 and isinstance(value, int):
            kind = value
    return Piece(text, score, kind)


def _fields(data: bytes) -> Iterator[tuple[int, int | float | bytes]]:
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        field, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield field, value
        elif wire == _BYTES:
            size, at = _varint(data, at)
            if size > len(data) - at:
                raise ValueError("it ends early")
            yield field, data[at : at + size]
            at += size
        elif wire in {_FOUR, _EIGHT}:
            size = 4 if wire == _FOUR else 8
            yield field, struct.unpack_from("<f" if size == 4 else "<d", data, at)[0]
            at += size
        else:
            raise ValueError(f"a field of the unknown kind {wire}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("a number without an end")


def _packed(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def _tag(field: int, wire: int) -> bytes:
    return _packed(field << 3 | wire)


def _number(field: int, value: int) -> bytes:
    return _tag(field, _VARINT) + _packed(value)


def _message(field: int, body: bytes) -> bytes:
    return _tag(field, _BYTES) + _packed(len(body)) + body


def _text(field: int, value: str) -> bytes:
    return _message(field, value.encode())
