"""`freehold study lens` as a person uses it."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.cli.conftest import Say

from freehold.cli.study.cells import fitted
from freehold.cli.study.lens_view import spread

NS = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("width", [60, 100, 200])
def test_it_fits_the_terminal(
    say: Say, small_model: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    said = say("study", "lens", small_model, "one two three")
    assert said.code == 0, said.err
    lines = said.out.split("\n")
    assert max(map(len, lines)) <= width
    assert any(line.startswith("AFTER") and "FROM" in line for line in lines)
    assert "layers embed to 1" in said.out


def test_a_real_answer_comes_in_the_last_layers(say: Say, smollm2: Path, tmp_path: Path) -> None:
    picture = tmp_path / "lens.svg"
    said = say(
        "study", "lens", smollm2, "The capital of France is Paris. The capital of Germany is",
        "--layers", "embed,20-29", "--top", "3", "--json", "--svg", picture,
    )  # fmt: skip
    last = said.json["positions"][-1]
    assert last["answer"]["token"] == "␣Berlin"
    assert [each["layer"] for each in last["layers"]] == ["embed", *range(20, 30)]
    assert last["layers"][-1]["answer_rank"] == 1
    assert last["layers"][-1]["top"][0]["token"] == "␣Berlin"
    assert all(len(each["top"]) == 3 for each in last["layers"])
    assert last["settled"] > 20
    root = ElementTree.fromstring(picture.read_text())
    assert "After ␣is the answer is ␣Berlin" in (root.findtext(NS + "desc") or "")
    cells = [each.findtext(NS + "title") or "" for each in root.iter(NS + "rect")]
    assert sum("layer 29, after" in each for each in cells) == len(said.json["prompt"])


def test_one_position_in_full(say: Say, small_model: Path) -> None:
    said = say("study", "lens", small_model, "one two three", "--position", "1", "--layers", "0-1")
    rows = [line.split() for line in said.out.split("\n")]
    assert [row[0] for row in rows if row[:1] in (["0"], ["1"])] == ["0", "1"]
    assert "After token 1," in said.out
    assert "AFTER" not in said.out


def test_standard_input_is_utf_8_whatever_the_terminal_is(
    say: Say, small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = io.TextIOWrapper(io.BytesIO("\ufeffnaïve".encode()), encoding="latin-1")
    monkeypatch.setattr(sys, "stdin", typed)
    piped = say("study", "lens", small_model, "-", "--json").json
    assert piped == say("study", "lens", small_model, "naïve", "--json").json


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("one", "--position", "99"), "There is no position 99"),
        (("one", "--layers", "7"), "There is no layer"),
        (("one", "--layers", "x"), "takes numbers such as"),
        (("one", "--top", "0"), "at least 1"),
        (("word " * 200,), "128"),
    ],
)
def test_what_cannot_be_is_refused(
    say: Say, small_model: Path, words: tuple[str, ...], says: str
) -> None:
    said = say("study", "lens", small_model, *words)
    assert said.code != 0
    assert says in said.err
    assert said.out == ""


def test_cells_are_as_wide_as_they_look() -> None:
    assert fitted("漢字漢字", 5) == "漢字…"
    assert fitted("ab", 4, right=True) == "  ab"


def test_layers_are_spread_evenly_and_end_with_the_last() -> None:
    assert spread(31, 4) == [0, 10, 20, 30]
    assert spread(31, 1) == [30]
    assert spread(3, 8) == [0, 1, 2]
