"""Tokenizers small enough to write down: byte pairs and SentencePiece's pieces."""

from __future__ import annotations

from typing import Any

from freehold.formats.vocabulary import letter_bytes

MERGES = (("t", "h"), ("th", "e"), ("Ġ", "the"), ("Ġ", "a"), ("i", "n"), ("Ġ", "in"), ("o", "n"))
PIECES = ("▁", "t", "h", "e", "a", "i", "n", "s", "o", "1", ".", "é")
JOINED = (("▁", "t"), ("h", "e"), ("▁t", "he"), ("i", "n"), ("▁", "a"), ("n", "s"), ("▁", "▁"))


def byte_pairs() -> dict[str, Any]:
    """Every byte, seven merges, two marks and one word that a user added: 266 tokens."""
    letters = list(letter_bytes())
    words = [*letters, *("".join(pair) for pair in MERGES)]
    added = [("<|end|>", True), ("<|start|>", True), ("two words", False)]
    return {
        "version": "1.0",
        "added_tokens": [
            {"id": len(words) + index, "content": text, "single_word": False, "lstrip": False,
             "rstrip": False, "normalized": False, "special": special}
            for index, (text, special) in enumerate(added)
        ],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Digits", "individual_digits": True},
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
                 "use_regex": True},
            ],
        },
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True,
                    "use_regex": True},
        "model": {
            "type": "BPE",
            "vocab": {word: index for index, word in enumerate(words)},
            "merges": [f"{left} {right}" for left, right in MERGES],
        },
    }  # fmt: skip


def pieces() -> dict[str, Any]:
    """Three marks, every byte, twelve letters and what is joined from them."""
    words = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    words += ["".join(pair) for pair in JOINED] + list(PIECES)
    return {
        "version": "1.0",
        "added_tokens": [
            {"id": index, "content": words[index], "single_word": False, "lstrip": False,
             "rstrip": False, "normalized": False, "special": True}
            for index in range(3)
        ],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Prepend", "prepend": "▁"},
                {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
            ],
        },
        "pre_tokenizer": None,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                       {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}},
                     {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}},
        },
        "decoder": None,
        "model": {
            "type": "BPE",
            "unk_token": "<unk>",
            "fuse_unk": True,
            "byte_fallback": True,
            "vocab": {word: index for index, word in enumerate(words)},
            "merges": [list(pair) for pair in JOINED],
        },
    }  # fmt: skip
