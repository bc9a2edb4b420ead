"""llama.cpp's own cache: files side by side, notes of where they came from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from freehold.sources.elsewhere.finder import find_models


def test_the_note_beside_a_file_says_where_it_came_from(machine: Any) -> None:
    cache = machine.home / ".cache" / "llama.cpp"
    machine.write(cache / "org_repo_a.gguf", b"GGUF")
    url = "https://huggingface.co/org/repo/resolve/main/a.gguf"
    machine.write(cache / "org_repo_a.gguf.json", {"url": url, "etag": '"x"'})
    (model,) = find_models(machine.here)
    assert (model.program, model.ref) == ("llama.cpp", "hf:org/repo:a.gguf")


@pytest.mark.parametrize("note", [b"{", b"[]", b'{"url": 3}', b'{"url": "https://other/x"}'])
def test_a_note_that_says_nothing_usable_is_no_origin(machine: Any, note: bytes) -> None:
    cache = machine.home / ".cache" / "llama.cpp"
    machine.write(cache / "a.gguf", b"GGUF")
    machine.write(cache / "a.gguf.json", note)
    (model,) = find_models(machine.here)
    assert model.ref is None
    assert model.obstacle is None


def test_a_projector_among_unlike_models_is_given_to_none_of_them(machine: Any) -> None:
    cache = machine.home / ".cache" / "llama.cpp"
    for name in ("org_a.gguf", "org_b.gguf", "org_mmproj-a.gguf"):
        machine.write(cache / name, b"GGUF")
    found = {model.title: (len(model.files), model.obstacle) for model in find_models(machine.here)}
    assert found["org_a.gguf"] == found["org_b.gguf"] == (1, None)
    assert "projector" in str(found["org_mmproj-a.gguf"][1])


def test_llama_cache_moves_it_and_may_hold_repositories(machine: Any) -> None:
    moved = machine.home / "moved"
    machine.write(moved / "flat.gguf", b"GGUF")
    machine.hub_at(moved, "org/a", {"a.gguf": b"a"})
    here = replace(machine.here, environment={"LLAMA_CACHE": str(moved)})
    found = list(find_models(here))
    assert {model.title for model in found} == {"flat.gguf", "org/a:a.gguf"}
    assert {model.program for model in found} == {"llama.cpp"}


def test_each_system_has_its_own_place(machine: Any) -> None:
    for platform, place in (
        ("darwin", "Library/Caches/llama.cpp"),
        ("win32", "AppData/Local/llama.cpp"),
    ):
        machine.write(machine.home / place / f"{platform}.gguf", b"GGUF")
        here = replace(machine.here, platform=platform)
        assert [m.title for m in find_models(here)] == [f"{platform}.gguf"]
