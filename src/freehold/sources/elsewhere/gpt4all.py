"""GPT4All's models: GGUF files side by side, in its data folder or where it was told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from freehold.sources.elsewhere.folder import models_under
from freehold.sources.elsewhere.found import FoundModel, Program
from freehold.sources.elsewhere.surroundings import Surroundings

NAME = "GPT4All"
_MODEL_PATH = re.compile(r"^modelPath=(.+)$", re.MULTILINE)


def _folders(here: Surroundings) -> list[Path]:
    return [
        *_chosen(here),
        here.data / "nomic.ai" / "GPT4All",
        here.home / ".cache" / "gpt4all",
    ]


def _chosen(here: Surroundings) -> list[Path]:
    settings = here.home / ".config" / "nomic.ai" / "GPT4All.ini"
    if not settings.is_file():
        return []
    match = _MODEL_PATH.search(settings.read_text(encoding="utf-8", errors="replace"))
    return [Path(match[1].strip())] if match and match[1].strip() else []


def _recognises(folder: Path) -> bool:
    return folder.name.lower() == "gpt4all"


def _models(folder: Path) -> Iterator[FoundModel]:
    for model in models_under(NAME, folder, flat=True):
        unfinished = model.files[0].path.name.startswith("incomplete-")
        yield replace(model, obstacle="its download is not finished") if unfinished else model


GPT4ALL = Program(NAME, _folders, _recognises, _models)
