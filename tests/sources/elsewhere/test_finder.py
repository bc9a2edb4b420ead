"""All programs at once: each model is found, each folder once, and nothing is touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from freehold.errors import NotFound
from freehold.sources.elsewhere.finder import find_in, find_models


def test_a_model_of_every_program_is_found(full_machine: Any) -> None:
    found = {(m.program, m.title): m for m in find_models(full_machine.here)}
    assert {key: model.obstacle for key, model in found.items()} == {
        ("Hugging Face cache", "org/tensors"): "it holds safetensors and no GGUF",
        ("Hugging Face cache", "org/tiny-GGUF:tiny-Q4_0.gguf"): None,
        ("llama.cpp", "org_repo_old-Q8_0.gguf"): None,
        ("Ollama", "tiny:1b"): None,
        ("LM Studio", "pub/tiny"): None,
        ("RamaLama", "huggingface/org/rama:latest"): None,
        ("GPT4All", "four.gguf"): None,
    }


def test_looking_changes_nothing(full_machine: Any, trace: Callable[[Path], Any]) -> None:
    before = trace(full_machine.here.root)
    assert len(list(find_models(full_machine.here))) == 7
    assert trace(full_machine.here.root) == before


def test_a_machine_without_any_program_has_no_models(machine: Any) -> None:
    assert list(find_models(machine.here)) == []


def test_a_folder_that_two_settings_name_is_read_once(machine: Any) -> None:
    machine.ollama("registry.ollama.ai/library/tiny/1b", {"model": b"GGUF"})
    link = machine.home / "elsewhere"
    link.symlink_to(machine.home / ".ollama" / "models")
    here = replace(machine.here, environment={"OLLAMA_MODELS": str(link)})
    assert [m.title for m in find_models(here)] == ["tiny:1b"]


def test_a_folder_that_cannot_be_read_is_said_and_the_others_are_still_found(
    full_machine: Any,
) -> None:
    # Links in a circle can't be read by anyone, the administrator included.
    manifests = full_machine.home / ".ollama" / "models" / "manifests" / "registry.ollama.ai"
    loop = manifests / "library" / "loop" / "1b"
    loop.parent.mkdir()
    loop.symlink_to(loop)
    found = list(find_models(full_machine.here))
    (bad,) = (m for m in found if m.program == "Ollama" and m.obstacle)
    assert "can't be read" in str(bad.obstacle)
    assert str(loop) in bad.title
    assert {m.program for m in found} >= {"LM Studio", "RamaLama", "GPT4All"}


@pytest.mark.parametrize(
    ("folder", "program"),
    [
        (".cache/huggingface/hub", "Hugging Face cache"),
        (".ollama/models", "Ollama"),
        (".lmstudio/models", "LM Studio"),
        (".local/share/ramalama/store", "RamaLama"),
        (".local/share/nomic.ai/GPT4All", "GPT4All"),
    ],
)
def test_a_folder_that_is_named_is_read_as_its_program_would(
    full_machine: Any, folder: str, program: str
) -> None:
    assert {m.program for m in find_in(full_machine.home / folder)} == {program}


def test_a_plain_folder_gives_its_models_and_a_split_one_once(tmp_path: Path) -> None:
    for name in ("a.gguf", "sub/b-00001-of-00002.gguf", "sub/b-00002-of-00002.gguf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"GGUF")
    found = list(find_in(tmp_path))
    assert [(m.title, [f.name for f in m.files]) for m in found] == [
        ("a.gguf", ["a.gguf"]),
        ("sub", ["b-00001-of-00002.gguf", "b-00002-of-00002.gguf"]),
    ]


def test_one_file_of_a_split_model_stands_for_all_parts_beside_it(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"b-0000{number}-of-00003.gguf").write_bytes(b"GGUF")
    (model,) = find_in(tmp_path / "b-00002-of-00003.gguf")
    assert len(model.files) == 2
    assert model.obstacle == "1 of its 3 parts are missing"


def test_nothing_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no folder"):
        list(find_in(tmp_path / "none"))
