"""tokenizer.model: what is written is read again; whatever is wrong is one error."""

from __future__ import annotations

import struct

import pytest

from freehold.errors import FormatError
from freehold.formats.huggingface.sentencepiece import BYTE_PAIRS, Piece, read_model, write_model

PIECES = (Piece("<unk>", 0.0, 2), Piece("▁the", -1.5, 1), Piece("<0x0A>", 0.0, 6))


@pytest.mark.parametrize("space", [True, False])
def test_there_and_back(space: bool) -> None:
    read = read_model(write_model(PIECES, space), "it")
    assert read.pieces == PIECES
    assert read.kind == BYTE_PAIRS
    assert read.space_before is space
    assert not read.rewrites


def test_what_is_left_out_has_the_formats_own_meaning() -> None:
    """As in files of SentencePiece's own: a unigram model that puts a space before."""
    data = b"\x0a\x08\x0a\x01a\x15" + struct.pack("<f", -2.0)
    read = read_model(data, "it")
    assert read.pieces == (Piece("a", -2.0, 1),)
    assert (read.kind, read.space_before) == (1, True)


def test_every_cut_and_noise_is_one_error() -> None:
    whole = write_model(PIECES, True)
    for end in range(len(whole)):
        try:
            read_model(whole[:end], "it")
        except FormatError:
            continue
    for data in (b"", b"\x0a\xff\xff\xff\xff\x7f", b"\xff" * 30, b"\x0b", b"\x0a\x03\x0a\x01\xff"):
        with pytest.raises(FormatError, match="it is no tokenizer"):
            read_model(data, "it")
