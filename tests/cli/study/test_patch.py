"""`freehold study patch` as a person uses it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.cli.conftest import Say

NS = "{http://www.w3.org/2000/svg}"


def test_a_map_for_each_part(say: Say, small_model: Path, tmp_path: Path) -> None:
    picture = tmp_path / "patch.svg"
    words = ("one cat sat", "one dog sat", "--answer", "x", "--other", "y", "--svg", picture)
    said = say("study", "patch", small_model, *words)
    assert said.code == 0, said.err
    for part in ("residual", "attention", "mlp", "heads"):
        assert f"B with A's {part}" in said.out
    assert "head 3" in said.out
    assert " / " in said.out  # where the two differ, both tokens
    assert "Carried by " in said.out
    assert said.out.count("Most: layer ") == 3
    root = ElementTree.fromstring(picture.read_text())
    assert (root.findtext(NS + "desc") or "").startswith("Carried by ")


def test_the_same_as_json(say: Say, small_model: Path) -> None:
    document = say(
        "study", "patch", small_model, "one cat sat", "one dog sat", "--json",
        "--part", "mlp", "--part", "residual", "--answer", "x", "--other", "y",
    ).json  # fmt: skip
    assert set(document["recovered"]) == {"mlp", "residual"}
    assert [row["layer"] for row in document["recovered"]["residual"]] == ["embed", 0, 1]
    assert [row["layer"] for row in document["recovered"]["mlp"]] == [0, 1]
    last = document["recovered"]["residual"][-1]["shares"]
    assert len(last) == len(document["positions"])
    assert last[-1] == pytest.approx(1, abs=1e-2)
    assert document["answer"]["id"] != document["other"]["id"]


def test_prompts_of_two_lengths_are_shown_as_they_are_cut(say: Say, small_model: Path) -> None:
    said = say("study", "patch", small_model, "one cat", "one cat and a dog")
    assert said.code == 2
    assert "each position needs its counterpart" in said.err
    assert "  A: o" in said.err
    assert "  B: o" in said.err


def test_an_empty_answer_is_refused(say: Say, small_model: Path) -> None:
    said = say("study", "patch", small_model, "one cat", "one dog", "--answer", "")
    assert said.code == 2
    assert "--answer is empty" in said.err
