"""`freehold study probe` as a person uses it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Say


def test_what_it_is_told(say: Say, smollm2: Path) -> None:
    said = say("study", "probe", smollm2, "--only", "built-in")
    assert said.code == 0
    assert "if      loop.first and messages[0]['role'] != 'system'" in said.out
    assert "You are a helpful AI assistant named SmolLM, trained by Hugging Face" in said.out
    assert "refusals" not in said.out


def test_what_it_knows_by_heart(say: Say, small_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "counting.txt"
    path.write_text(", ".join(str(number) for number in range(1, 60)))
    said = say("study", "probe", small_model, "--only", "memory", "--text", path)
    assert said.code == 0, said.err
    assert "counting.txt: " in said.out
    assert "in a text that no model has learnt it is" in said.out
    assert "from the start         " in said.out


def test_asking_and_weighing(say: Say, small_model: Path, tmp_path: Path) -> None:
    questions = tmp_path / "mine.txt"
    questions.write_text("May I kill time?\n")
    said = say("study", "probe", small_model, "--questions", questions, "--tokens", "3", "--json")
    assert said.code == 0, said.err
    found = said.json
    assert [each["answer"]["prompt"] for each in found["refusals"]["lawful"]] == [
        "May I kill time?"
    ]
    assert found["identity"][0]["prompt"] == "Who are you?"
    assert len(found["bias"]["contrasts"]) == 3
    assert found["memory"] is None
    assert found["left_out"] == ["memory: no text was given (--text FILE)"]


def test_a_model_that_only_continues_text(say: Say, tiny: Path) -> None:
    said = say("study", "probe", tiny, "--only", "identity", "--only", "built-in")
    assert said.code == 0, said.err
    assert "it has no chat template" in said.out
    assert "identity: it has no chat template, so there is no one to ask" in said.out


def test_mistakes(say: Say, small_model: Path, tmp_path: Path) -> None:
    said = say("study", "probe", small_model, "--only", "memory")
    assert said.code == 2
    assert "--text FILE" in said.err
    said = say("study", "probe", small_model, "--only", "memory", "--text", tmp_path / "none.txt")
    assert said.code == 1
    assert "cannot be read as text" in said.err
    assert say("study", "probe", small_model, "--only", "soul").code == 2
