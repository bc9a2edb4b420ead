"""llama.cpp's own cache, from before it used the Hugging Face one: GGUF files side by side.

Beside a file there may be `<file>.json` with the address that it came from. LLAMA_CACHE moves the
cache, and newer versions may keep repositories in it as the Hub's client does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from freehold.sources.elsewhere.documents import read_object
from freehold.sources.elsewhere.folder import models_under
from freehold.sources.elsewhere.found import FoundModel, Program, known_ref
from freehold.sources.elsewhere.hugging_face import hub_models, is_hub
from freehold.sources.elsewhere.surroundings import Surroundings

NAME = "llama.cpp"
_ADDRESS = re.compile(r"https://huggingface\.co/([^/]+/[^/]+)/resolve/([^/]+)/([^?#]+)")


def _folders(here: Surroundings) -> list[Path]:
    return [*here.variable("LLAMA_CACHE"), here.cache / "llama.cpp"]


def _recognises(folder: Path) -> bool:
    return any(folder.glob("*.gguf.json")) or any(folder.glob("manifest=*.json"))


def _models(folder: Path) -> Iterator[FoundModel]:
    if is_hub(folder):
        yield from (replace(model, program=NAME) for model in hub_models(folder))
    for model in models_under(NAME, folder, flat=True):
        if "models--" not in model.title:
            yield replace(model, ref=_origin(model.files[0].path))


def _origin(path: Path) -> str | None:
    """The reference that the note beside the file gives. `main` is a branch, not a revision."""
    note = path.with_name(f"{path.name}.json")
    address = read_object(note).get("url") if note.is_file() else None
    match = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
    if match is None:
        return None
    return known_ref(f"hf:{match[1]}:{match[3]}" + ("" if match[2] == "main" else f"@{match[2]}"))


LLAMA_CPP = Program(NAME, _folders, _recognises, _models)
