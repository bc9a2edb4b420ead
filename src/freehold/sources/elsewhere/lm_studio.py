"""LM Studio's models: `publisher/model/file.gguf` in one of two folders, or where it was told.

The folders look like a repository's name but need not be one: people put files there by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from freehold.sources.elsewhere.documents import read_object
from freehold.sources.elsewhere.folder import models_under
from freehold.sources.elsewhere.found import FoundModel, Program
from freehold.sources.elsewhere.surroundings import Surroundings

NAME = "LM Studio"


def _folders(here: Surroundings) -> list[Path]:
    homes = [*_pointed_to(here), here.home / ".lmstudio", here.home / ".cache" / "lm-studio"]
    chosen = [folder for home in homes for folder in _chosen(home)]
    return [*chosen, *(home / "models" for home in homes)]


def _pointed_to(here: Surroundings) -> list[Path]:
    """The home that LM Studio notes when it is not the usual one."""
    pointer = here.home / ".lmstudio-home-pointer"
    if not pointer.is_file():
        return []
    text = pointer.read_text(encoding="utf-8", errors="replace").strip()
    return [Path(text)] if text else []


def _chosen(home: Path) -> list[Path]:
    settings = home / "settings.json"
    folder = read_object(settings).get("downloadsFolder") if settings.is_file() else None
    return [Path(folder)] if isinstance(folder, str) and folder else []


def _recognises(folder: Path) -> bool:
    return folder.name == "models" and folder.parent.name in {".lmstudio", "lm-studio"}


def _models(folder: Path) -> Iterator[FoundModel]:
    return models_under(NAME, folder)


LM_STUDIO = Program(NAME, _folders, _recognises, _models)
