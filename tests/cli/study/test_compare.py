"""`freehold study compare` as a person uses it, with the real engine on tiny models."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.cli.conftest import Say
from tests.studying import SMALL, Make, safetensors, synthetic

NS = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two models of one shape and vocabulary, with other weights."""
    folder = tmp_path_factory.mktemp("two")
    return synthetic(folder / "a.gguf"), synthetic(folder / "b.gguf", seed=1, kind="Q4_0")


def test_all_of_it(say: Say, two: tuple[Path, Path], tmp_path: Path) -> None:
    picture = tmp_path / "layers.svg"
    said = say("study", "compare", *two, "--tokens", "6", "--svg", picture)
    assert said.code == 0, said.err
    for words in (
        "first         a.gguf: llama, 112.4K, Q8_0",
        "second        b.gguf: llama, 112.4K, Q4_0",
        "vocabulary    the same",
        "tensors compared, 5 the same byte for byte",
        "outside layers",
        "layer 1",
        "Q8_0 to Q4_0",
        "expectation: KL ",
        "answers: ",
        "Name three rivers in Africa.",
    ):
        assert words in said.out, words
    titles = [each.text or "" for each in ElementTree.parse(picture).iter(NS + "title")]
    assert any(title.startswith("MLP: ") and title.endswith(" at 1") for title in titles)


def test_a_model_with_itself(say: Say, two: tuple[Path, Path], tmp_path: Path) -> None:
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("Say something long enough to be measured.\n\nAnd one more\n")
    said = say("study", "compare", two[0], two[0], "--prompts", prompts, "--tokens", "8", "--json")
    assert said.code == 0, said.err
    found = said.json
    assert found["metadata"]["differences"] == []
    assert found["weights"]["identical"] == len(found["weights"]["differences"])
    assert found["behaviour"]["same"] == len(found["behaviour"]["pairs"]) == 2
    assert found["expectation"]["mean"]["value"] == pytest.approx(0, abs=1e-5)
    assert found["expectation"]["same_top"]["value"] == 1.0
    assert found["cannot"] == []


def test_what_cannot_be_compared_is_said(say: Say, two: tuple[Path, Path], make: Make) -> None:
    other = make(
        {"general.architecture": "qwen2", "tokenizer.ggml.model": "llama"}
        | {"tokenizer.ggml.tokens": ["a", "b"]},
        tensors=[("output.weight", (8,), "F32", bytes(32))],
    )
    said = say("study", "compare", two[0], other, "--no-behaviour")
    assert said.code == 0, said.err
    assert "vocabulary    different" in said.out
    assert "no tensor has the same name and shape in both" in said.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--no-weights", "--svg", "x.svg"), "--svg draws the weights"),
        (("--prompts", "none.txt"), "none.txt cannot be read"),
        (("--tokens", "0"), "above zero"),
    ],
)
def test_options_that_make_no_sense(
    words: tuple[str, ...], message: str, say: Say, two: tuple[Path, Path]
) -> None:
    said = say("study", "compare", *two, *words)
    assert said.code != 0
    assert message in said.err
    assert said.out == ""


def test_safetensors_are_refused_by_name(say: Say, two: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    path.write_bytes(safetensors({"a": ("F32", (1,), bytes(4))}))
    said = say("study", "compare", two[0], path)
    assert said.code == 7
    assert "c.safetensors is safetensors" in said.err


def test_the_shape_is_as_the_test_says() -> None:
    assert SMALL.layers == 2
