"""`freehold study scan` as a person and a script use it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Say
from tests.studying import Make


def test_nothing_dangerous_says_what_was_looked_at(say: Say, smollm2: Path) -> None:
    said = say("study", "scan", smollm2)
    assert said.code == 0
    assert said.out.startswith(f"{smollm2.name}: nothing dangerous found\n")
    assert "368 characters of code" in said.out
    assert "it is no proof that there is nothing" in said.out


def test_a_finding_says_where_what_it_could_do_and_what_to_do(say: Say, make: Make) -> None:
    path = make({"tokenizer.chat_template": "{{ x.__class__ }}\u202e", "general.odd": "y"})
    said = say("study", "scan", path)
    assert said.code == 1
    lines = said.out.splitlines()
    assert lines[0] == "made.gguf: 1 dangerous, 1 suspicious, 1 odd"
    assert lines[2] == "DANGEROUS  made.gguf: tokenizer.chat_template, character 5"
    assert "'__class__'" in lines[3]
    assert lines[4].startswith("  could: ")
    assert lines[5].startswith("  do:    ")
    assert "no proof" not in said.out


def test_the_same_for_programs(say: Say, make: Make) -> None:
    path = make({"tokenizer.chat_template": "{% include 'x' %}"})
    said = say("study", "scan", path, "--json")
    assert said.code == 1
    assert said.json["dangerous"] is True
    assert said.json["findings"][0]["severity"] == "dangerous"


def test_an_owned_model_with_all_its_files(say: Say, two_models: tuple[str, str]) -> None:
    said = say("study", "scan", "alpha")
    assert said.code == 0
    assert "alpha.gguf: 3 metadata entries" in said.out


def test_a_folder_and_the_files_that_were_left_out(say: Say, make: Make, tmp_path: Path) -> None:
    folder = tmp_path / "stuff"
    folder.mkdir()
    path = make(name="stuff/a.gguf")
    (folder / "b.py").write_text("")
    alone = say("study", "scan", path)
    assert "1 more in" in alone.out
    assert "SUSPICIOUS  b.py" in say("study", "scan", folder).out


def test_what_hides_in_a_name_is_shown(say: Say, make: Make) -> None:
    said = say("study", "scan", make({"general.name": "a\x1b[2J/home/ann/x"}))
    assert "\x1b" not in said.out


def test_what_is_not_there_is_one_clear_error(say: Say, tmp_path: Path) -> None:
    for words in ("nothing-of-that-name", tmp_path / "none.gguf"):
        said = say("study", "scan", words)
        assert said.code == 1
        assert said.out == ""
        assert "Traceback" not in said.err
