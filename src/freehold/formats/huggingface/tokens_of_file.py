"""The vocabulary of a GGUF file, with what llama.cpp assumes where the file is silent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from freehold.errors import FormatError, UnsupportedModel
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_lookup import array, flag, integer, text
from freehold.formats.huggingface.tokens import KEYS, ROLES, Tokens
from freehold.formats.vocabulary import TokenKind


def tokens_of(header: GgufHeader) -> Tokens:
    """The vocabulary of a file. Raises FormatError, UnsupportedModel."""
    model = text(header, "tokenizer.ggml.model")
    listed = array(header, "tokenizer.ggml.tokens")
    if listed is None or model not in {"gpt2", "llama"}:
        raise UnsupportedModel(
            f"{header.label} has a vocabulary of the kind {model!r}, which is not converted.",
            "Those that llama.cpp calls gpt2 (byte pairs) and llama (SentencePiece) are.",
        )
    texts = [str(each) for each in listed]
    if any("\N{REPLACEMENT CHARACTER}" in each for each in texts):
        _check_text(header, listed, texts)
    numbers = array(header, "tokenizer.ggml.token_type")
    kinds = [TokenKind.NORMAL] * len(texts)
    for index, number in enumerate(numbers or ()):
        if index < len(kinds) and number in TokenKind.__members__.values():
            kinds[index] = TokenKind(int(number))
    scores = array(header, "tokenizer.ggml.scores")
    merges = array(header, "tokenizer.ggml.merges")
    if model == "llama" and (scores is None or len(scores) < len(texts)):
        raise FormatError(f"{header.label} has no score for each of its tokens.")
    if model == "gpt2" and merges is None:
        raise FormatError(f"{header.label} has no merges.")
    pieces = model == "llama"
    return Tokens(
        model=model,
        pre=text(header, "tokenizer.ggml.pre") or "default",
        texts=texts,
        kinds=kinds,
        scores=[float(score) for score in scores] if scores is not None and pieces else None,
        merges=[str(merge) for merge in merges or ()] if not pieces else None,
        space_before=_flag(header, "add_space_prefix", pieces),
        special=_special(header, len(texts)),
        add_begin=_flag(header, "add_bos_token", pieces or _begins(header)),
        add_end=_flag(header, "add_eos_token", False),
    )


def _special(header: GgufHeader, rows: int) -> dict[str, int]:
    found = {}
    for role in (*ROLES, "eot"):
        token = integer(header, f"tokenizer.ggml.{KEYS.get(role, role)}_token_id")
        if token is not None and token < rows:
            found[role] = token
    return found


def _check_text(header: GgufHeader, listed: Any, texts: Sequence[str]) -> None:
    for index, each in enumerate(texts):
        if listed.raw(index) != each.encode():
            raise UnsupportedModel(
                f"{header.label} has token {index:,} in bytes that are no text, which a "
                "tokenizer.json cannot say."
            )


def _begins(header: GgufHeader) -> bool:
    """Ways of cutting with which llama.cpp begins a text with its mark unless a file says no."""
    pre = text(header, "tokenizer.ggml.pre") or ""
    return pre in {"llama-bpe", "llama3", "llama-v3", "falcon3", "pixtral", "tekken"}


def _flag(header: GgufHeader, name: str, default: bool) -> bool:
    found = flag(header, f"tokenizer.ggml.{name}")
    return default if found is None else found
