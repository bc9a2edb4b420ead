"""RamaLama's store: for each model a folder with `refs/<tag>.json`, `blobs/` and `snapshots/`.

A ref lists files by hash, name and type. Chat templates that RamaLama made itself out of the model
are not taken: they are in the model.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from freehold.sources.elsewhere.documents import objects_in, read_object
from freehold.sources.elsewhere.folder import bundles, found_file
from freehold.sources.elsewhere.folder import walk as walk_folder
from freehold.sources.elsewhere.found import FoundFile, FoundModel, Program, in_text, known_ref
from freehold.sources.elsewhere.surroundings import Surroundings
from freehold.sources.interface import Role

NAME = "RamaLama"
_ROLES = {"gguf": Role.WEIGHTS, "mmproj": Role.PROJECTOR}


def _folders(here: Surroundings) -> list[Path]:
    bases = [
        *here.variable("RAMALAMA_STORE"),
        here.home / ".local" / "share" / "ramalama",
        *([here.root / "var" / "lib" / "ramalama"] if here.platform == "linux" else []),
    ]
    return [base / "store" for base in bases]


def _recognises(folder: Path) -> bool:
    return folder.name == "store" and any(folder.glob("*/*/*/refs"))


def _models(folder: Path) -> Iterator[FoundModel]:
    for place, names in walk_folder(folder):
        if place.name == "refs" and (place.parent / "blobs").is_dir():
            for name in names:
                if name.endswith(".json"):
                    parts = place.parent.relative_to(folder).parts
                    yield from _tagged(place / name, parts)


def _tagged(path: Path, parts: tuple[str, ...]) -> Iterator[FoundModel]:
    """The models of one tag; `parts` are the transport, the organisation and the model."""
    title = in_text(f"{'/'.join(parts)}:{path.stem}")
    ref = read_object(path)
    entries = objects_in(ref.get("files"))
    wanted = [entry for entry in entries if str(entry.get("type")) in _ROLES]
    files = [file for entry in wanted if (file := _file(path.parent.parent / "blobs", entry))]
    revision = ref["hash"] if isinstance(ref.get("hash"), str) else None
    if not files or len(files) < len(wanted):
        lost = "some of its files are missing" if wanted else "it lists no GGUF"
        obstacle = lost if entries else "its list of files can't be read"
        yield FoundModel(NAME, title, tuple(files), revision=revision, obstacle=obstacle)
        return
    for bundle in bundles(files):
        origin = _origin(parts, path.stem, bundle.first.name)
        yield FoundModel(NAME, title, bundle.files, origin, revision, bundle.obstacle)


def _file(blobs: Path, entry: dict[str, Any]) -> FoundFile | None:
    name, blob = str(entry.get("name")), str(entry.get("hash")).replace(":", "-")
    if Path(blob).name != blob or not (blobs / blob).is_file():
        return None
    return found_file(blobs / blob, name, _ROLES[str(entry["type"])])


def _origin(parts: tuple[str, ...], tag: str, file: str) -> str | None:
    transport, *names = parts
    if transport == "huggingface" and len(names) in {2, 3}:
        return known_ref(f"hf:{names[0]}/{names[1]}:{file}")
    if transport == "ollama" and len(names) == 2:
        name = names[1] if names[0] in {"library", names[1]} else "/".join(names)
        return known_ref(f"ollama:{name}:{tag}")
    return None


RAMALAMA = Program(NAME, _folders, _recognises, _models)
