"""`freehold study perplexity`, `kl` and `quality` as a person uses them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from tests.cli.conftest import Say
from tests.studying import SMALL, synthetic

from freehold.study.texts import plain_text

TEXT = "What the tide brings in it takes away again. " * 6


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("packed")
    return {
        kind: synthetic(folder / f"small-{kind}.gguf", SMALL, kind)
        for kind in ("F16", "Q8_0", "Q4_0")
    }


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_a_perplexity_says_how_it_was_taken(say: Say, files: dict[str, Path], letter: Path) -> None:
    said = say("study", "perplexity", files["F16"], "--file", letter, "--window", "64")
    assert said.code == 0
    assert said.out.startswith("perplexity   ")
    assert "letter.txt, 270 bytes, sha256 " in said.out
    assert "4 windows of 64 tokens, the second half of each scored: 124 tokens" in said.out
    assert "14 tokens at the end not read" in said.out


def test_without_a_file_it_is_freeholds_own_text(say: Say, files: dict[str, Path]) -> None:
    words = ("study", "perplexity", files["F16"], "--window", "64", "--windows", "1", "--json")
    told = say(*words).json
    assert told["text"]["sha256"] == plain_text().digest
    assert told["scored_tokens"] == 31
    assert told["bits_per_byte"] > 0
    assert told["reading"] == {"window": 64, "stride": None, "windows": 1,
                               "unread_tokens": plain_text().size - 64}  # fmt: skip


def test_windows_are_drawn(say: Say, files: dict[str, Path], letter: Path, tmp_path: Path) -> None:
    path = tmp_path / "windows.svg"
    words = ("--file", letter, "--window", "64", "--stride", "32", "--svg", path)
    assert say("study", "perplexity", files["F16"], *words).code == 0
    dots = ET.fromstring(path.read_text()).findall(".//{http://www.w3.org/2000/svg}circle")
    assert len(dots) == 7 + 2  # seven windows, and the ends of the line for the whole


def test_the_bundled_text_is_worth_its_name() -> None:
    words = plain_text().words
    assert 2000 < len(words.split()) < 4000
    assert words.isascii()  # every tokenizer can cut it


def test_kl_shows_where_they_differ(
    say: Say, files: dict[str, Path], letter: Path, tmp_path: Path
) -> None:
    path = tmp_path / "apart.svg"
    words = ("study", "kl", files["Q4_0"], "--against", files["F16"], "--file", letter)
    said = say(*words, "--window", "64", "--worst", "2", "--svg", path)
    assert said.code == 0
    assert said.out.startswith("mean KL")
    assert said.out.count("  KL ") == 2
    assert "same most likely token" in said.out
    assert ET.fromstring(path.read_text()).tag.endswith("svg")


def test_kl_of_other_vocabularies_is_refused(
    say: Say, files: dict[str, Path], smollm2: Path
) -> None:
    said = say("study", "kl", files["F16"], "--against", smollm2)
    assert said.code == 2
    assert "different vocabularies (600 and 49,152 tokens)" in said.err


def test_quality_ranks_by_both_measures(
    say: Say, files: dict[str, Path], letter: Path, tmp_path: Path
) -> None:
    path = tmp_path / "cost.svg"
    words = ("--file", letter, "--window", "64", "--windows", "1")
    said = say("study", "quality", *files.values(), *words, "--svg", path)
    heading, reference, *others = said.out.splitlines()
    assert heading.split()[:4] == ["MODEL", "TYPE", "SIZE", "BITS/WEIGHT"]
    assert reference.split()[:2] == ["small-F16", "F16"]
    assert {row.split()[1] for row in others[:2]} == {"Q8_0", "Q4_0"}
    assert "small-Q4_0 (" in path.read_text()
    told = say("study", "quality", *files.values(), *words, "--json").json
    assert told["reference"]["name"] == "small-F16"
    assert told["by_kl"] == [each["name"] for each in told["files"]]
    assert set(told["by_perplexity"]) == set(told["by_kl"])
    kls = [each["kl_mean"] for each in told["files"]]
    assert kls == sorted(kls)


def test_quality_finds_what_is_owned_of_a_model(say: Say, files: dict[str, Path]) -> None:
    for path in files.values():
        assert say("get", path).code == 0
    words = ("--window", "32", "--windows", "1", "--json")
    told = say("study", "quality", "small-q4-0", *words).json
    assert told["reference"]["name"] == "small-f16"
    assert set(told["by_kl"]) == {"small-q8-0", "small-q4-0"}


def test_quality_of_one_file_has_nothing_to_compare(say: Say, files: dict[str, Path]) -> None:
    said = say("study", "quality", files["F16"])
    assert said.code == 2
    assert "--against" in said.err
    assert say("study", "quality").code == 2
