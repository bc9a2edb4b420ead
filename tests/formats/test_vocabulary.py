"""What each token stands for: byte for byte what the engine writes, for every id."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.engine.load_plan import LoadPlan
from freehold.errors import FormatError, UnsupportedModel
from freehold.formats.gguf import GgufHeader, parse_header, read_header
from freehold.formats.gguf_types import ValueType
from freehold.formats.gguf_write import ArrayOf, Entry, write_gguf
from freehold.formats.synthetic_vocabulary import Kind, vocabulary_entries
from freehold.formats.vocabulary import TokenKind, Vocabulary

MARK = "\n\n\n"
"""One token in both real models, and in no other token together with letters."""


def header(*entries: Entry) -> GgufHeader:
    out = io.BytesIO()
    write_gguf(out, list(entries), [])
    return parse_header(out.getvalue(), len(out.getvalue()), "made.gguf")


def words(*tokens: str, model: str = "llama", kinds: tuple[int, ...] = ()) -> GgufHeader:
    entries = [
        Entry("tokenizer.ggml.model", ValueType.STRING, model),
        Entry("tokenizer.ggml.tokens", ValueType.ARRAY, ArrayOf(ValueType.STRING, list(tokens))),
    ]
    if kinds:
        numbers = ArrayOf(ValueType.INT32, list(kinds))
        entries.append(Entry("tokenizer.ggml.token_type", ValueType.ARRAY, numbers))
    return header(*entries)


@pytest.mark.parametrize("name", ["smollm2", "gemma3"])
def test_every_token_is_what_the_engine_writes(name: str, request: pytest.FixtureRequest) -> None:
    path: Path = request.getfixturevalue(name)
    vocabulary = Vocabulary(read_header(path))
    ids = range(len(vocabulary))
    with LlamaCppEngine().load(LoadPlan(path, 16, repack=False)) as model:
        (mark,) = model.tokenize(MARK)
        for start in ids[::65_536]:
            part = ids[start : start + 65_536]
            said = model.detokenize([token for each in part for token in (each, mark)])
            spelled = b"".join(vocabulary.piece(each) + MARK.encode() for each in part)
            assert said == spelled.decode("utf-8", "replace")


def test_the_bytes_of_a_letter_are_put_together(smollm2: Path, gemma3: Path) -> None:
    for path, parrot in ((smollm2, "🦜"), (gemma3, "\U0001f9e9\u200d\U0001fae8")):
        vocabulary = Vocabulary(read_header(path))
        with LlamaCppEngine().load(LoadPlan(path, 16, repack=False)) as model:
            ids = model.tokenize(parrot)
        assert len(ids) > 1
        assert b"".join(map(vocabulary.piece, ids)) == parrot.encode()


@pytest.mark.parametrize("kind", ["gpt2", "llama"])
def test_a_made_vocabulary_spells_all_bytes(kind: Kind) -> None:
    vocabulary = Vocabulary(header(*vocabulary_entries(kind, 600)))
    pieces = {vocabulary.piece(token) for token in range(len(vocabulary))}
    assert pieces >= {bytes([byte]) for byte in range(256)}
    assert len(vocabulary) == 600


def test_marks_are_told_from_text(smollm2: Path) -> None:
    vocabulary = Vocabulary(read_header(smollm2))
    special = [token for token in range(len(vocabulary)) if vocabulary.is_special(token)]
    assert len(special) == 17
    assert vocabulary.piece(special[1]) == b"<|im_start|>"
    assert vocabulary.begin == 1
    assert vocabulary.end == 2


def test_each_kind_is_spelled_in_its_own_way() -> None:
    made = words("▁a▁b", "<0xE2>", "<x>", "▁", "gone", "<0xZZ>", kinds=(1, 6, 3, 4, 5, 6))
    vocabulary = Vocabulary(made)
    pieces = [vocabulary.piece(token) for token in range(6)]
    assert pieces == [b" a b", b"\xe2", b"<x>", "▁".encode(), b"", b"<0xZZ>"]
    assert vocabulary.kind(4) is TokenKind.UNUSED
    assert vocabulary.kind(99) is TokenKind.NORMAL


@pytest.mark.parametrize("token", [-1, 2])
def test_an_id_outside_is_an_error(token: int) -> None:
    with pytest.raises(IndexError, match="has 2"):
        Vocabulary(words("a", "b")).piece(token)


def test_vocabularies_are_the_same_when_their_tokens_are() -> None:
    one = Vocabulary(words("a", "b"))
    assert one.same_as(Vocabulary(words("a", "b")))
    assert not one.same_as(Vocabulary(words("a", "c")))
    assert not one.same_as(Vocabulary(words("a", "b", model="gpt2")))


def test_an_unknown_spelling_is_named() -> None:
    with pytest.raises(UnsupportedModel, match="'rwkv'"):
        Vocabulary(words("a", model="rwkv"))


def test_no_vocabulary_is_said() -> None:
    with pytest.raises(FormatError, match="no vocabulary"):
        Vocabulary(header())
    with pytest.raises(FormatError, match="no vocabulary"):
        Vocabulary(words())
