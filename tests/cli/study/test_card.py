"""`freehold study card` as a person uses it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.cli.conftest import Say
from tests.studying import Make, safetensors


def test_a_card_for_a_person(say: Say, smollm2: Path) -> None:
    said = say("study", "card", smollm2)
    assert said.code == 0
    for words in (
        "architecture  llama",
        "134.5M (134,515,008)",
        "attention     9 heads, 3 for keys and values, each 64 wide",
        "context       8,192 tokens",
        "byte-level BPE, cut as smollm: 49,152 tokens, 48,900 merges",
        "You are a helpful AI assistant named SmolLM",
        "owned         no: this is a file at a path",
    ):
        assert words in said.out
    assert ["MLP", "90", "79,626,240", "59.2%"] in [
        line.split()[:4] for line in said.out.split("\n")
    ]


def test_the_same_as_json(say: Say, smollm2: Path) -> None:
    card = say("study", "card", smollm2, "--json").json
    assert card["parameters"] == 134_515_008
    assert card["parts"][0]["name"] == "MLP"
    assert card["parts"][0]["bits_per_weight"] == 5.0
    assert card["facts"]["network"]["layers"] == 30
    assert card["template"]["roles"] == ["system"]
    assert card["owned"] is None


def test_an_owned_model_comes_with_licence_and_ledger(
    say: Say, two_models: tuple[str, str]
) -> None:
    assert "owned as      alpha, Apache-2.0 (open source)" in say("study", "card", "alpha").out
    assert say("study", "card", "alpha", "--json").json["owned"]["name"] == "alpha"


def test_the_template_alone_and_the_special_tokens(say: Say, make: Make) -> None:
    path = make(
        {
            "tokenizer.chat_template": "{{ messages }}",
            "tokenizer.ggml.tokens": ["<s>", "a\u202eb\x1b[2J"],
            "tokenizer.ggml.token_type": [3, 3],
            "tokenizer.ggml.bos_token_id": 0,
        }
    )
    assert say("study", "card", path, "--template").out == "{{ messages }}\n"
    lines = say("study", "card", path, "--specials").out.splitlines()
    assert lines == ["       0  <s>  begins a text", r"       1  a\u202eb\x1b[2J"]


def test_a_model_without_a_template(say: Say, tiny: Path) -> None:
    said = say("study", "card", tiny, "--template")
    assert said.code == 1
    assert "has no chat template" in said.err
    assert say("study", "card", tiny, "--specials").out == "The file has no vocabulary.\n"


def test_a_picture_of_where_the_bytes_are(say: Say, small_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "card.svg"
    assert say("study", "card", small_model, "--svg", path).code == 0
    root = ElementTree.parse(path).getroot()
    titles = [each.text or "" for each in root.iter("{http://www.w3.org/2000/svg}title")]
    assert any(title.startswith("layer 1, MLP:") for title in titles)
    assert any(title.startswith("outside layers, embedding:") for title in titles)
    said = say("study", "card", small_model, "--svg", tmp_path / "no" / "\0")
    assert said.code != 0


def test_safetensors(say: Say, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(safetensors({"lm_head.weight": ("BF16", (4, 8), bytes(64))}, {"format": "pt"}))
    said = say("study", "card", path).out
    assert "file          safetensors" in said
    assert "format        pt" in said


@pytest.mark.parametrize("data", [b"", b"GGUF", b"nothing like a model"])
def test_what_is_no_model_is_one_clear_error(say: Say, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(data)
    said = say("study", "card", path)
    assert said.code == 7
    assert said.out == ""
    assert "bad.gguf" in said.err
