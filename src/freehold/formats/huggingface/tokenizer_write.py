"""A GGUF file's vocabulary as the files of a tokenizer that transformers loads: the same ids.

SentencePiece's merges follow from the pieces' scores: of all ways to make a piece from two others,
in the order of scores. Where two pieces have the same score the engine takes the one further left,
and a tokenizer.json the one listed first: that is said. What a file cannot tell, such as the
normal form that text had been written in, is taken from what was kept when it was made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_lookup import integer, text
from freehold.formats.huggingface.pre_tokenizers import name_of, rules_of
from freehold.formats.huggingface.sentencepiece import Piece, write_model
from freehold.formats.huggingface.special import begins_and_ends
from freehold.formats.huggingface.tokenizer_read import JSON, MODEL, SETTINGS, listed_tokens
from freehold.formats.huggingface.tokens import ROLES, SPACE, Tokens
from freehold.formats.strict_json import Object
from freehold.formats.vocabulary import TokenKind

_ADDED = frozenset({TokenKind.CONTROL, TokenKind.USER_DEFINED, TokenKind.UNKNOWN})
RIGHT_STRIPPED = ("phi-3", "phi3")
"""Files of such a name: llama.cpp takes the spaces after their marks away."""
_NOT_STRIPPED = frozenset({"<unk>", "<s>", "<|endoftext|>"})
_KEPT = ("normalizer", "pre_tokenizer", "post_processor", "decoder")


@dataclass(frozen=True)
class WrittenTokenizer:
    """Files by name, and what could not be said in them."""

    files: dict[str, bytes]
    notes: tuple[str, ...]


def tokenizer_files(
    header: GgufHeader, tokens: Tokens, kept: Mapping[str, Any]
) -> WrittenTokenizer:
    """The files. `kept` is what was kept of a checkpoint's own. Raises UnsupportedModel."""
    notes: list[str] = []
    document: dict[str, Any] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": _added(header, tokens, kept.get("added") or {}),
    }
    if tokens.model == "gpt2":
        document |= _byte_pairs(header, tokens, kept)
    else:
        document |= _pieces(tokens, notes)
    for key in _KEPT:
        if key in kept and _same(key, kept[key], document, tokens):
            document[key] = kept[key]
    files = {
        JSON: json.dumps(document, ensure_ascii=False).encode(),
        SETTINGS: _readable(_settings(header, tokens)),
    }
    if tokens.model == "llama":
        files[MODEL] = _model(tokens)
    return WrittenTokenizer(files, tuple(notes))


def skeleton(document: Object, tokens: Tokens) -> dict[str, Any]:
    """What a tokenizer.json says that a GGUF file cannot: the rules around its lists."""
    kept: dict[str, Any] = {key: document.get(key) for key in _KEPT}
    usual = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    odd: dict[str, Any] = {}
    strips = any(each.get("rstrip") is True for each in listed_tokens(document))
    for each in listed_tokens(document):
        special = each.get("special") is True
        wanted = {**usual, "special": tokens.kinds[each["id"]] is not TokenKind.USER_DEFINED}
        said = {key: bool(each.get(key)) for key in usual} | {"special": special}
        other = {key: said[key] for key in said if said[key] != wanted[key]}
        if strips:  # then a file's name says that all of them do
            other["rstrip"] = said["rstrip"]
        if other:
            odd[str(each["id"])] = other
    if odd and len(odd) <= 2000:
        kept["added"] = odd
    return kept


def _byte_pairs(header: GgufHeader, tokens: Tokens, kept: Mapping[str, Any]) -> dict[str, Any]:
    rules, whole_words = rules_of(tokens.pre, header.label)
    merges = []
    for merge in tokens.merges or ():
        left, _, right = merge[1:].partition(" ")
        merges.append([merge[:1] + left, right])
    return {
        "normalizer": None,
        "pre_tokenizer": rules,
        "post_processor": _around(tokens) or _level(),
        "decoder": _level(),
        "model": {
            **_bpe(_words(tokens), merges),
            "byte_fallback": False,
            "fuse_unk": False,
            "ignore_merges": whole_words,
        },
    }


def _pieces(tokens: Tokens, notes: list[str]) -> dict[str, Any]:
    replace = {"type": "Replace", "pattern": {"String": " "}, "content": SPACE}
    prepend = {"type": "Prepend", "prepend": SPACE}
    back: list[dict[str, Any]] = [
        {"type": "Replace", "pattern": {"String": SPACE}, "content": " "},
        {"type": "ByteFallback"},
        {"type": "Fuse"},
    ]
    if tokens.space_before:
        back.append({"type": "Strip", "content": " ", "start": 1, "stop": 0})
    unknown = tokens.special.get("unk")
    return {
        "normalizer": {"type": "Sequence", "normalizers": [prepend, replace]}
        if tokens.space_before
        else replace,
        "pre_tokenizer": None,
        "post_processor": _around(tokens),
        "decoder": {"type": "Sequence", "decoders": back},
        "model": {
            **_bpe(_words(tokens), list(_merges(tokens, notes))),
            "unk_token": None if unknown is None else tokens.texts[unknown],
            "byte_fallback": True,
            "fuse_unk": True,
            "ignore_merges": False,
        },
    }


def _merges(tokens: Tokens, notes: list[str]) -> Iterator[list[str]]:
    """Every way to make a piece out of two, the piece with the highest score first."""
    scores = tokens.scores or []
    ids = {
        text: token
        for token, text in enumerate(tokens.texts)
        if tokens.kinds[token] is TokenKind.NORMAL
    }
    before: float | None = None
    alike = 0
    for word, token in sorted(ids.items(), key=lambda each: (-scores[each[1]], each[1])):
        ways = sorted(
            (ids[word[:at]], ids[word[at:]])
            for at in range(1, len(word))
            if word[:at] in ids and word[at:] in ids
        )
        if ways:
            alike += scores[token] == before
            before = scores[token]
        for left, right in ways:
            yield [tokens.texts[left], tokens.texts[right]]
    if alike:
        notes.append(
            f"{alike + 1:,} pieces share their scores with others: where two of them compete in a "
            "text, the engine and the tokenizer written may choose differently."
        )


def _words(tokens: Tokens) -> dict[str, int]:
    """The vocabulary without what only fills up a model's rows."""
    return {
        text: token
        for token, text in enumerate(tokens.texts)
        if tokens.kinds[token] is not TokenKind.UNUSED or text != f"[PAD{token}]"
    }


def _bpe(vocabulary: dict[str, int], merges: Sequence[Sequence[str]]) -> dict[str, Any]:
    return {
        "type": "BPE",
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "vocab": vocabulary,
        "merges": merges,
    }


def _added(header: GgufHeader, tokens: Tokens, odd: Mapping[str, Any]) -> list[dict[str, Any]]:
    name = (text(header, "general.name") or "").lower()
    stripped = any(word in name for word in RIGHT_STRIPPED)
    listed = []
    for token, kind in enumerate(tokens.kinds):
        if kind not in _ADDED:
            continue
        content = tokens.texts[token]
        mark = kind is not TokenKind.USER_DEFINED
        said: dict[str, Any] = {
            "id": token,
            "content": content,
            "single_word": False,
            "lstrip": False,
            "rstrip": stripped and content not in _NOT_STRIPPED,
            "normalized": False,
            "special": mark,
        }
        more = odd.get(str(token))
        for key, value in more.items() if isinstance(more, dict) else ():
            if isinstance(said.get(key), bool) and isinstance(value, bool):
                said[key] = value
        listed.append(said)
    return listed


def _around(tokens: Tokens) -> dict[str, Any] | None:
    """The rule that begins or ends a text with its mark; None without one."""
    begin = tokens.special.get("bos") if tokens.add_begin else None
    end = tokens.special.get("eos") if tokens.add_end else None
    if begin is None and end is None:
        return None

    def one(sequence: str, kind: int) -> list[dict[str, Any]]:
        marks = [
            []
            if token is None
            else [{"SpecialToken": {"id": tokens.texts[token], "type_id": kind}}]
            for token in (begin, end)
        ]
        return [*marks[0], {"Sequence": {"id": sequence, "type_id": kind}}, *marks[1]]

    used = {tokens.texts[token]: token for token in (begin, end) if token is not None}
    return {
        "type": "TemplateProcessing",
        "single": one("A", 0),
        "pair": [*one("A", 0), *one("B", 1)],
        "special_tokens": {
            word: {"id": word, "ids": [token], "tokens": [word]} for word, token in used.items()
        },
    }


def _same(key: str, rule: Any, document: Mapping[str, Any], tokens: Tokens) -> bool:
    """Whether a rule that was kept does what the file says."""
    if key == "pre_tokenizer" and tokens.model == "gpt2":
        whole_words = document["model"]["ignore_merges"]
        wanted = name_of(document[key], whole_words)
        return name_of(rule, whole_words) == wanted
    if key == "post_processor":
        said = begins_and_ends({key: rule}, {}, tokens.special, tokens)
        return said == (tokens.add_begin, tokens.add_end)
    return rule is None or isinstance(rule, dict)


def _settings(header: GgufHeader, tokens: Tokens) -> dict[str, Any]:
    said: dict[str, Any] = {
        f"{role}_token": tokens.texts[token]
        for role, token in tokens.special.items()
        if role in ROLES
    }
    kind = text(header, "general.architecture")
    context = integer(header, f"{kind}.context_length")
    return {
        **said,
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        **({"model_max_length": context} if context else {}),
    }


def _model(tokens: Tokens) -> bytes:
    pieces = [
        Piece(
            text.replace(" ", SPACE) if kind is TokenKind.USER_DEFINED else text, score, int(kind)
        )
        for text, kind, score in zip(tokens.texts, tokens.kinds, tokens.scores or (), strict=False)
    ]
    return write_model(pieces, tokens.space_before)


def _level() -> dict[str, Any]:
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}


def _readable(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"
