"""`freehold study attention` as a person uses it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.cli.conftest import Say

NS = "{http://www.w3.org/2000/svg}"
PROMPT = "one two three one two three"


def test_every_head_of_every_layer_is_told(say: Say, small_model: Path, tmp_path: Path) -> None:
    picture = tmp_path / "heads.svg"
    said = say("study", "attention", small_model, PROMPT, "--svg", picture)
    assert said.code == 0, said.err
    assert "2 layers of 4 heads" in said.out
    assert "what followed it before" in said.out
    assert "(evenly: " in said.out
    root = ElementTree.fromstring(picture.read_text())
    frames = [each for each in root.iter(NS + "rect") if each.get("class") == "frame"]
    assert len(frames) == 8
    assert (frames[-1].findtext(NS + "title") or "").startswith("layer 1, head 3: ")


def test_a_prompt_without_repetition_says_so(say: Say, small_model: Path) -> None:
    document = say("study", "attention", small_model, "abcd", "--json").json
    assert document["evenly"]["same token before"] is None
    assert len(document["heads"]) == 8
    assert "repeat something" in say("study", "attention", small_model, "abcd").out


def test_one_layer_has_all_its_scores(say: Say, small_model: Path) -> None:
    said = say("study", "attention", small_model, PROMPT, "--layer", "1")
    heads = [line.split() for line in said.out.split("\n")]
    assert [row[0] for row in heads if row and row[0].isdigit()] == ["0", "1", "2", "3"]
    assert "even" in said.out


def test_one_head_in_full(say: Say, small_model: Path, tmp_path: Path) -> None:
    picture = tmp_path / "head.svg"
    words = ("study", "attention", small_model, PROMPT, "--layer", "1", "--head", "2")
    document = say(*words, "--json", "--svg", picture).json
    count = len(document["prompt"])
    assert [len(row) for row in document["pattern"]] == list(range(1, count + 1))
    assert all(sum(row) == pytest.approx(1, abs=1e-4) for row in document["pattern"])
    assert len(document["heads"]) == 1
    cells = list(ElementTree.fromstring(picture.read_text()).iter(NS + "rect"))
    assert len(cells) == count * count + 1  # and the paper
    said = say(*words)
    assert "layer 1, head 2" in said.out
    assert "100% 0 " in said.out  # the first token has nowhere else to look


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--head", "1"), "--head needs --layer"),
        (("--layer", "2"), "There is no layer 2: it has 2"),
        (("--layer", "1", "--head", "4"), "There is no head 4: it has 4"),
    ],
)
def test_heads_that_there_are_not(
    say: Say, small_model: Path, words: tuple[str, ...], says: str
) -> None:
    said = say("study", "attention", small_model, PROMPT, *words)
    assert said.code == 2
    assert says in said.err
