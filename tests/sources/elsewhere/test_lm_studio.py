"""LM Studio: both homes, the pointer, the folder chosen in its settings."""

from __future__ import annotations

from typing import Any

import pytest

from freehold.sources.elsewhere.finder import find_models


def test_both_homes_the_pointer_and_the_chosen_folder_are_looked_at(machine: Any) -> None:
    home = machine.home
    machine.write(home / ".lmstudio/models/p/new/new.gguf", b"1")
    machine.write(home / ".cache/lm-studio/models/p/old/old.gguf", b"2")
    machine.write(home / "lms/models/p/pointed/pointed.gguf", b"3")
    machine.write(home / ".lmstudio-home-pointer", str(home / "lms").encode() + b"\n")
    machine.write(home / ".lmstudio/settings.json", {"downloadsFolder": str(home / "disk")})
    machine.write(home / "disk/p/chosen/chosen.gguf", b"4")
    found = list(find_models(machine.here))
    assert {model.program for model in found} == {"LM Studio"}
    assert {model.title for model in found} == {"p/new", "p/old", "p/pointed", "p/chosen"}


@pytest.mark.parametrize("folder", ["a\0b", "\ud800", 7, "", "relative", "x" * 5000])
def test_a_setting_that_names_no_folder_hides_nothing_else(machine: Any, folder: object) -> None:
    machine.write(machine.home / ".lmstudio/models/p/a/a.gguf", b"1")
    machine.write(machine.home / ".lmstudio/settings.json", {"downloadsFolder": folder})
    assert "p/a" in {model.title for model in find_models(machine.here)}


def test_two_files_of_one_model_are_told_apart_and_no_origin_is_claimed(machine: Any) -> None:
    for name in ("a-Q4.gguf", "a-Q8.gguf"):
        machine.write(machine.home / ".lmstudio/models/p/a" / name, b"x")
    found = list(find_models(machine.here))
    assert [model.title for model in found] == ["p/a/a-Q4.gguf", "p/a/a-Q8.gguf"]
    assert {model.ref for model in found} == {None}


def test_what_is_not_gguf_or_not_whole_is_listed_as_such(machine: Any) -> None:
    models = machine.home / ".lmstudio" / "models" / "p"
    machine.write(models / "mlx" / "model.safetensors", b"x")
    machine.write(models / "empty" / "empty.gguf", b"")
    machine.write(models / "part" / "downloading_part.gguf.part", b"x")
    found = {model.title: model.obstacle for model in find_models(machine.here)}
    assert found == {"p/mlx": "it holds safetensors and no GGUF", "p/empty": "it is empty"}
