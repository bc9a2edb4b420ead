"""`freehold study tensors` as a person uses it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from tests.cli.conftest import Say

NS = "{http://www.w3.org/2000/svg}"


def test_a_table_and_what_stands_out(say: Say, smollm2: Path) -> None:
    said = say("study", "tensors", smollm2, "blk.0.*")
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0].split()[:4] == ["TENSOR", "TYPE", "SHAPE", "MIN"]
    row = next(line for line in lines if line.startswith("blk.0.attn_k.weight")).split()
    assert row[1:8] == ["Q4_1", "192", "x", "576", "-4.969", "4.658", "0.0002436"]
    assert "█" in row[-1]
    assert any(line.startswith("9 tensors, ") for line in lines)
    assert any(line.startswith("outliers    blk.0.") for line in lines)


def test_one_tensor_in_detail(say: Say, smollm2: Path) -> None:
    said = say("study", "tensors", smollm2, "blk.0.attn_q.weight").out
    assert "row 238, column 260: 5.25195" in said
    assert "outliers      325 (0.098%) beyond 6 deviations" in said
    assert "below -1.06" in said


def test_the_same_as_json(say: Say, small_model: Path) -> None:
    (tensor,) = say("study", "tensors", small_model, "output_norm.weight", "--json").json["tensors"]
    assert (tensor["low"], tensor["high"], tensor["elements"]) == (1.0, 1.0, 64)
    assert len(tensor["bin_edges"]) == len(tensor["histogram"]) + 1


def test_pictures(say: Say, small_model: Path, tmp_path: Path) -> None:
    many, one = tmp_path / "many.svg", tmp_path / "one.svg"
    assert say("study", "tensors", small_model, "--svg", many).code == 0
    titles = [each.text or "" for each in ElementTree.parse(many).iter(NS + "title")]
    assert any(title.startswith("ffn_down: ") and title.endswith(" at 1") for title in titles)
    say("study", "tensors", small_model, "token_embd.weight", "--svg", one)
    bars = [
        each for each in ElementTree.parse(one).iter(NS + "rect") if each.get("class") == "bar c0"
    ]
    assert len(bars) == 32


def test_a_name_that_is_not_there(say: Say, small_model: Path) -> None:
    said = say("study", "tensors", small_model, "atn_q")
    assert said.code == 1
    assert said.out == ""
    assert "No tensor of small.gguf is called 'atn_q'" in said.err
