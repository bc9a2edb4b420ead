"""GPT4All: its places on each system, the folder it was told, unfinished downloads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from freehold.sources.elsewhere.finder import find_models


@pytest.mark.parametrize(
    ("platform", "place"),
    [
        ("linux", ".local/share/nomic.ai/GPT4All"),
        ("linux", ".cache/gpt4all"),
        ("darwin", "Library/Application Support/nomic.ai/GPT4All"),
        ("win32", "AppData/Local/nomic.ai/GPT4All"),
    ],
)
def test_each_system_has_its_place(machine: Any, platform: str, place: str) -> None:
    machine.write(machine.home / place / "a.gguf", b"GGUF")
    (model,) = find_models(replace(machine.here, platform=platform))
    assert (model.program, model.title) == ("GPT4All", "a.gguf")


def test_the_folder_in_its_settings_and_unfinished_downloads(machine: Any) -> None:
    machine.write(machine.home / "disk" / "a.gguf", b"GGUF")
    machine.write(machine.home / "disk" / "incomplete-b.gguf", b"GG")
    settings = f"[General]\nmodelPath={machine.home / 'disk'}\n".encode()
    machine.write(machine.home / ".config/nomic.ai/GPT4All.ini", settings)
    found = {model.title: model.obstacle for model in find_models(machine.here)}
    assert found == {"a.gguf": None, "incomplete-b.gguf": "its download is not finished"}
