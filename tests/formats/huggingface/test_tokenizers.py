"""The same text gives the same ids in the engine and in Hugging Face's tokenizers, both ways."""

from __future__ import annotations

import json
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

import pytest
from tests.formats.huggingface.checkpoints import recorded, write_folder
from tests.formats.huggingface.tokenizers_by_hand import pieces
from tests.modify.test_convert import to_folder, to_gguf
from tokenizers import AddedToken, Tokenizer, decoders, models, trainers

from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.engine.load_plan import LoadPlan
from freehold.formats.gguf import read_header
from freehold.formats.huggingface.pre_tokenizers import rules_of
from freehold.modify.convert_back import plan_folder
from freehold.modify.recipe import Recipe

TEXTS = (
    "Hello world", " leading", "trailing ", "  two   spaces    many", "\n\nnew\n lines\r\n\t tab\t",
    "naïve café — “quotes” … ½ ∑ 漢字かな한국어", "😀 👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301 \u200b zero",
    "def f(x):\n    return x**2  # comment\n\tif True: pass", "1234567890 3.14159 1,000,000 ١٢٣",
    "<|im_start|>user\nHi<|im_end|>\n<|end|> <|start|>", "It's I'M they'LL we've d'être 'S",
    "ﬁ ﷺ Å \u212b", "мама мыла раму, שלום עולם مرحبا", "$$\\frac{a}{b}$$ https://x.y/z?q=1&w=2#f",
    "CamelCaseWords ABCdef ÀÉÎõü ǅungla", "          x", "\n" * 12, " \n \n\n  \n",
    "two words two  words", "a" * 60, "the then in on an ton", topics["if"],
)  # fmt: skip
WAYS = ("llama-bpe", "dbrx", "qwen2", "tekken", "gpt-4o", "gpt-2")
"""smollm is SmolLM2's own, below."""


def trained(way: str) -> dict[str, Any]:
    """A small tokenizer that cuts text in one of the ways."""
    rules, whole_words = rules_of(way, "it")
    tokenizer = Tokenizer(models.BPE(ignore_merges=whole_words))
    document = json.loads(tokenizer.to_str())
    document["pre_tokenizer"] = rules
    tokenizer = Tokenizer.from_str(json.dumps(document))
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted({chr(code) for code in (*range(33, 127), *range(161, 173), *range(174, 324))})
    trainer = trainers.BpeTrainer(vocab_size=1000, initial_alphabet=alphabet, show_progress=False)
    text = [topics[key] for key in sorted(topics)[:30]] + [*TEXTS] * 3
    tokenizer.train_from_iterator(text, trainer)
    tokenizer.add_special_tokens(["<|end|>", "<|start|>"])
    tokenizer.add_tokens([AddedToken("two words", normalized=False)])
    made: dict[str, Any] = json.loads(tokenizer.to_str())
    return made


def engine_ids(path: Path) -> list[list[int]]:
    with LlamaCppEngine().load(LoadPlan(path, 64)) as model:
        return [model.tokenize(text, special=True, begin=True) for text in TEXTS]


def library_ids(document: dict[str, Any] | bytes) -> list[list[int]]:
    text = document.decode() if isinstance(document, bytes) else json.dumps(document)
    tokenizer = Tokenizer.from_str(text)
    return [tokenizer.encode(each).ids for each in TEXTS]


def converted(document: dict[str, Any], tmp_path: Path) -> Path:
    case = recorded()["llama"]
    shapes = {
        name: [1100, 32] if "embed" in name else shape for name, shape in case["tensors"].items()
    }
    config = case["config"] | {"vocab_size": 1100, "bos_token_id": 1, "eos_token_id": 2}
    folder = write_folder(tmp_path / "checkpoint", config, shapes)
    (folder / "tokenizer.json").write_text(json.dumps(document))
    return to_gguf(folder, tmp_path / "made.gguf")


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_cutting(way: str, tmp_path: Path) -> None:
    document = trained(way)
    made = converted(document, tmp_path)
    assert read_header(made).metadata["tokenizer.ggml.pre"] == way
    wanted = library_ids(document)
    for text, ours, theirs in zip(TEXTS, engine_ids(made), wanted, strict=True):
        assert ours == theirs, text
    back = to_folder(made, tmp_path / "back").files["tokenizer.json"]
    assert library_ids(back) == wanted


def test_smollm2s_own(smollm2: Path) -> None:
    plan = plan_folder(smollm2, read_header(smollm2), Recipe("convert", ()), None)
    assert library_ids(plan.files["tokenizer.json"]) == engine_ids(smollm2)


def test_sentence_pieces(tmp_path: Path) -> None:
    made = converted(pieces(), tmp_path)
    wanted = library_ids(pieces())
    for text, ours, theirs in zip(TEXTS, engine_ids(made), wanted, strict=True):
        assert ours == theirs, text
    back = to_folder(made, tmp_path / "back").files["tokenizer.json"]
    assert library_ids(back) == wanted
