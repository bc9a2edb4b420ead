"""RamaLama's store: refs, roles, origins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from freehold.sources.elsewhere.finder import find_models
from freehold.sources.interface import Role


def test_the_files_of_a_ref_but_not_templates_made_from_the_model(machine: Any) -> None:
    machine.ramalama(
        "huggingface/org/v",
        "latest",
        {
            "v.gguf": ("gguf", b"GGUF v"),
            "mmproj-v.gguf": ("mmproj", b"GGUF eyes"),
            "chat_template_extracted": ("chat_template", b"{{ }}"),
        },
    )
    (model,) = find_models(machine.here)
    assert [(file.role, file.path.read_bytes()) for file in model.files] == [
        (Role.WEIGHTS, b"GGUF v"),
        (Role.PROJECTOR, b"GGUF eyes"),
    ]
    assert all(file.sha256 is not None for file in model.files)


@pytest.mark.parametrize(
    ("place", "tag", "ref"),
    [
        ("huggingface/org/m", "latest", "hf:org/m:m.gguf"),
        ("ollama/library/m", "1b", "ollama:m:1b"),
        ("ollama/someone/m", "1b", "ollama:someone/m:1b"),
        ("file/tmp/m", "latest", None),
    ],
)
def test_where_it_came_from_is_in_the_path(
    machine: Any, place: str, tag: str, ref: str | None
) -> None:
    machine.ramalama(place, tag, {"m.gguf": ("gguf", b"GGUF")})
    (model,) = find_models(machine.here)
    assert model.ref == ref


@pytest.mark.parametrize(
    "broken",
    [b"{", b'{"files": [{"type": []}, 3]}', b'{"files": [{"type": "gguf", "hash": "../../x"}]}'],
)
def test_a_ref_that_is_broken_or_leads_elsewhere_is_not_adoptable(
    machine: Any, broken: bytes
) -> None:
    folder = machine.ramalama("file/a/m", "latest", {"m.gguf": ("gguf", b"GGUF")})
    machine.write(folder / "refs" / "latest.json", broken)
    machine.write(folder.parent / "x", b"secret")
    (model,) = find_models(machine.here)
    assert model.obstacle
    assert model.files == ()


def test_the_variable_moves_it(machine: Any) -> None:
    machine.ramalama("file/a/m", "latest", {"m.gguf": ("gguf", b"GGUF")})
    moved = machine.home / "moved"
    (machine.home / ".local/share/ramalama").rename(moved)
    assert list(find_models(machine.here)) == []
    here = replace(machine.here, environment={"RAMALAMA_STORE": str(moved)})
    assert len(list(find_models(here))) == 1
