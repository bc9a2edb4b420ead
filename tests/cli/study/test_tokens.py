"""`freehold study tokens` as a person uses it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from tests.cli.conftest import Say


def test_the_text_and_a_table(say: Say, smollm2: Path) -> None:
    said = say("study", "tokens", smollm2, "Naïve 🦜\nparrots")
    assert said.code == 0
    assert said.out.startswith("Na·ïve·␣‹0xF0›‹0x9F›·‹0xA6›·‹0x9C›·⏎\n·par")
    assert "46494  ïve" in said.out
    assert "C3 AF 76 65" in said.out
    assert "characters" in said.out.splitlines()[-1]


def test_json_has_ids_and_bytes(say: Say, smollm2: Path) -> None:
    told = say("study", "tokens", smollm2, "a<|im_end|>", "--special", "--json").json
    assert [token["id"] for token in told["tokens"]] == [81, 2]
    assert [token["special"] for token in told["tokens"]] == [False, True]
    assert told["tokens"][0]["bytes"] == "61"


def test_a_question_in_its_template(say: Say, smollm2: Path) -> None:
    told = say("study", "tokens", smollm2, "Hello", "--chat", "--json").json
    assert told["tokens"][0]["text"] == "<|im_start|>"
    assert "Hello" in [token["text"] for token in told["tokens"]]


def test_a_model_without_a_template_has_no_questions(say: Say, gemma3: Path) -> None:
    said = say("study", "tokens", gemma3, "Hello", "--chat")
    assert said.code == 1
    assert "no chat template" in said.err


def test_two_models_side_by_side(say: Say, smollm2: Path, gemma3: Path) -> None:
    said = say("study", "tokens", smollm2, "the 🦜 sings", "--with", gemma3)
    assert "␣·🦜" in said.out
    told = say("study", "tokens", smollm2, "the 🦜 sings", "--with", gemma3, "--json").json
    assert told["same_vocabulary"] is False
    assert [each["start"] for each in told["differences"]] == [3]
    assert told["with"]["model"] == "gemma-3-270m-q4_k_m"


def test_a_file_and_a_picture(say: Say, smollm2: Path, tmp_path: Path) -> None:
    text, picture = tmp_path / "text.txt", tmp_path / "cut.svg"
    text.write_text("a <b> & c\nsecond line", encoding="utf-8")
    assert say("study", "tokens", smollm2, "--file", text, "--svg", picture).code == 0
    drawn = ET.fromstring(picture.read_text(encoding="utf-8"))
    boxes = [
        each for each in drawn.iter("{http://www.w3.org/2000/svg}rect") if each.get("rx") == "4"
    ]
    tops = {box.get("y") for box in boxes}
    assert len(boxes) >= 7
    assert len(tops) == 2  # two lines of text, two of boxes


@pytest.mark.parametrize("words", [[], ["a", "--file", "b"], [""]])
def test_one_text_and_no_less_or_more(say: Say, smollm2: Path, words: list[str]) -> None:
    assert say("study", "tokens", smollm2, *words).code == 2


def test_a_file_that_is_no_text_is_named(say: Say, smollm2: Path, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG")
    said = say("study", "tokens", smollm2, "--file", path)
    assert said.code == 2
    assert "picture.png is not text in UTF-8: byte 0 is 0x89" in said.err
    assert say("study", "tokens", smollm2, "--file", tmp_path / "none").code == 1
