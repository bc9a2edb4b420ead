"""A checkpoint's tokenizer: from tokenizer.json, tokenizer.model, or both.

Byte-level BPE keeps its merges; SentencePiece's pieces keep their scores, which tokenizer.json has
not: there they follow from the order of its merges. What the engine does not do, such as writing
letters in another normal form first, is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from freehold.errors import FormatError, UnsupportedModel
from freehold.formats.huggingface.folder import Checkpoint, read_bytes, read_document
from freehold.formats.huggingface.pre_tokenizers import NAMES, name_of
from freehold.formats.huggingface.sentencepiece import (
    BYTE_PAIRS,
    SentencePieceModel,
    read_model,
)
from freehold.formats.huggingface.special import begins_and_ends, special_tokens
from freehold.formats.huggingface.tokens import (
    SPACE,
    UNRANKED,
    Tokens,
    filled,
    is_byte,
    kind_of_added,
    spelled,
)
from freehold.formats.strict_json import LARGE, Object
from freehold.formats.vocabulary import TokenKind

JSON, MODEL, SETTINGS = "tokenizer.json", "tokenizer.model", "tokenizer_config.json"
_ADDED = "added_tokens.json"


@dataclass(frozen=True)
class ReadTokenizer:
    """What was found."""

    tokens: Tokens
    document: Object | None
    """tokenizer.json, if there was one."""
    settings: Object
    """tokenizer_config.json."""
    notes: tuple[str, ...]


def read_tokenizer(checkpoint: Checkpoint, rows: int, pre: str | None = None) -> ReadTokenizer:
    """The vocabulary of a model with `rows` rows for tokens.

    `pre` is llama.cpp's name for how text is cut, where it cannot be told. Raises FormatError,
    UnsupportedModel.
    """
    folder = checkpoint.folder
    document = read_document(folder / JSON, large=True)
    settings = checkpoint.document(SETTINGS) or {}
    data = read_bytes(folder / MODEL, LARGE)
    if document is None and data is None:
        raise FormatError(
            f"{folder} has no tokenizer: neither {JSON} nor {MODEL}.",
            "Fetch the whole checkpoint.",
        )
    if document is not None and not _has_pieces(document, str(folder / JSON)):
        tokens, notes = _byte_pairs(document, str(folder / JSON), rows, pre)
    else:
        model = None if data is None else read_model(data, str(folder / MODEL))
        added = checkpoint.document(_ADDED) or {}
        tokens, notes = _pieces(document, model, settings, added, str(folder), rows)
    special = special_tokens(checkpoint, settings, tokens.texts)
    begin, end = begins_and_ends(document, settings, special, tokens)
    whole = replace(tokens, special=special, add_begin=begin, add_end=end)
    return ReadTokenizer(whole, document, settings, tuple(notes))


def added_tokens(
    document: Object | None, settings: Mapping[str, Any]
) -> dict[int, tuple[str, bool]]:
    """What was added to the vocabulary, by id: its text, and whether it is a mark."""
    found: dict[int, tuple[str, bool]] = {}
    table = settings.get("added_tokens_decoder")
    for key, each in table.items() if isinstance(table, dict) else ():
        if isinstance(each, dict) and isinstance(each.get("content"), str) and key.isdecimal():
            found[int(key)] = each["content"], bool(each.get("special"))
    for each in listed_tokens(document):
        found[each["id"]] = each["content"], bool(each.get("special"))
    return found


def listed_tokens(document: Object | None) -> Iterator[dict[str, Any]]:
    """What a tokenizer.json lists as added, as far as it says a number and a text."""
    listed = (document or {}).get("added_tokens")
    for each in listed if isinstance(listed, list) else ():
        match each:
            case {"id": int(), "content": str()}:
                yield each


def _has_pieces(document: Object, label: str) -> bool:
    """Whether it spells like SentencePiece, rather than byte by byte."""
    model = document.get("model")
    kind = model.get("type", "BPE") if isinstance(model, dict) else None
    if not isinstance(model, dict) or kind != "BPE":
        raise UnsupportedModel(
            f"{label} is a tokenizer of the kind {str(kind)[:40]}, which is not converted.",
            "Those of byte pairs (BPE) are, SentencePiece's among them.",
        )
    return bool(model.get("byte_fallback")) or SPACE in str(document.get("normalizer"))


def _byte_pairs(
    document: Object, label: str, rows: int, pre: str | None
) -> tuple[Tokens, list[str]]:
    model = document["model"]
    whole_words = bool(model.get("ignore_merges"))
    name = pre or name_of(document.get("pre_tokenizer"), whole_words)
    if name is None:
        raise UnsupportedModel(
            f"{label} cuts text in a way that has no name here: its pre_tokenizer is "
            f"{str(document.get('pre_tokenizer'))[:200]}",
            f"If you know llama.cpp's name for it: --pre NAME ({', '.join(sorted(NAMES))}…)",
        )
    for key in ("continuing_subword_prefix", "end_of_word_suffix", "dropout"):
        if model.get(key):
            raise UnsupportedModel(f"{label} has {key}, which a GGUF file cannot say.")
    added = added_tokens(document, {})
    vocabulary = _vocabulary(model, label)
    known = {token: (text, TokenKind.NORMAL) for text, token in vocabulary.items()}
    for token, (text, special) in added.items():
        known[token] = text, kind_of_added(text, special)
    texts, kinds, _ = filled(
        ((token, spelled(text, kind), kind, 0.0) for token, (text, kind) in known.items()),
        rows,
        label,
    )
    merges = [f"{left} {right}" for left, right in _merges(model, label)]
    return Tokens("gpt2", name, texts, kinds, merges=merges), _normalizing(document, ())


def _pieces(
    document: Object | None,
    model: SentencePieceModel | None,
    settings: Object,
    more: Mapping[str, Any],
    label: str,
    rows: int,
) -> tuple[Tokens, list[str]]:
    known: dict[int, tuple[str, TokenKind, float]]
    notes: list[str] = []
    if model is not None:
        if model.kind != BYTE_PAIRS:
            raise UnsupportedModel(
                f"{label} has a SentencePiece tokenizer of the kind "
                f"{'unigram' if model.kind == 1 else model.kind}; only byte pairs are converted."
            )
        known = {
            token: (piece.text, _kind(piece.kind), piece.score)
            for token, piece in enumerate(model.pieces)
        }
        space = model.space_before
        if model.rewrites:
            notes.append(_rewritten("characters are replaced (NFKC or other rules)"))
    else:
        assert_document = document or {}
        known = dict(_scored(assert_document, label))
        space = _space_before(assert_document)
        notes += _normalizing(assert_document, ("Prepend", "Replace"))
    for token, (text, special) in added_tokens(document, settings).items():
        known[token] = _added(known.get(token), text, special)
    for text, token in more.items():
        if isinstance(token, int) and token not in known:
            known[token] = _added(None, text, False)
    texts, kinds, scores = filled(
        ((token, spelled(text, kind), kind, score) for token, (text, kind, score) in known.items()),
        rows,
        label,
    )
    return Tokens("llama", "default", texts, kinds, scores, space_before=space), notes


def _added(
    before: tuple[str, TokenKind, float] | None, text: str, special: bool
) -> tuple[str, TokenKind, float]:
    kind = kind_of_added(text, special)
    if before is not None and before[1] in {TokenKind.UNKNOWN, TokenKind.CONTROL}:
        kind = before[1]
    return text, kind, UNRANKED


def _kind(number: int) -> TokenKind:
    try:
        return TokenKind(number)
    except ValueError:
        return TokenKind.NORMAL


def _scored(document: Object, label: str) -> Iterator[tuple[int, tuple[str, TokenKind, float]]]:
    """Pieces with scores that order merges as the list of them does."""
    model = document["model"]
    vocabulary = _vocabulary(model, label)
    added = added_tokens(document, {})
    ranks: dict[int, int] = {}
    for left, right in _merges(model, label):
        token = vocabulary.get(left + right)
        if token is not None and token not in added:
            ranks.setdefault(token, len(ranks))
    by_id = list(ranks) == sorted(ranks)
    first = min(ranks, default=0)
    unknown = model.get("unk_token")
    for text, token in vocabulary.items():
        if text == unknown:
            yield token, (text, TokenKind.UNKNOWN, 0.0)
        elif is_byte(text):
            yield token, (text, TokenKind.BYTE, 0.0)
        elif by_id:
            yield token, (text, TokenKind.NORMAL, float(first - token))
        else:
            yield token, (text, TokenKind.NORMAL, -float(ranks.get(token, len(ranks) + token)))


def _vocabulary(model: Mapping[str, Any], label: str) -> dict[str, int]:
    found = model.get("vocab")
    if not isinstance(found, dict) or not found:
        raise FormatError(f"{label} has no vocabulary.")
    if not all(type(token) is int for token in found.values()):
        raise FormatError(f"{label} has tokens whose numbers are none.")
    return found


def _merges(model: Mapping[str, Any], label: str) -> Iterator[tuple[str, str]]:
    listed = model.get("merges")
    for pair in listed if isinstance(listed, list) else ():
        both = pair.split(" ") if isinstance(pair, str) else pair
        match both:
            case [str(left), str(right)] if left and right:
                yield left, right
            case _:
                raise FormatError(f"{label} has {str(pair)[:40]!r} among its merges.")


def _space_before(document: Object) -> bool:
    rules = [*_each(document.get("normalizer"), "normalizers")]
    rules += _each(document.get("pre_tokenizer"), "pretokenizers")
    return any(
        rule.get("type") == "Prepend"
        or (rule.get("type") == "Metaspace" and rule.get("prepend_scheme", "always") != "never")
        for rule in rules
    )


def _each(rules: Any, parts: str) -> Iterator[dict[str, Any]]:
    """A rule, or those in its sequence."""
    every = rules.get(parts, [rules]) if isinstance(rules, dict) else []
    for rule in every if isinstance(every, list) else ():
        if isinstance(rule, dict):
            yield rule


def _normalizing(document: Object, known: tuple[str, ...]) -> list[str]:
    kinds = [
        str(rule.get("type"))
        for rule in _each(document.get("normalizer"), "normalizers")
        if rule.get("type") not in known
    ]
    return [_rewritten(f"text is normalized ({', '.join(kinds)[:60]})")] if kinds else []


def _rewritten(what: str) -> str:
    return (
        f"In the checkpoint's tokenizer {what} before it is cut; the engine does not do that, so "
        "text that this would change gets other tokens."
    )
