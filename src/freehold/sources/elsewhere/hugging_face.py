"""The Hugging Face cache, which llama.cpp shares: repositories, commits, and links to blobs.

`models--org--name/snapshots/<commit>/…` links to `blobs/<etag>`; an etag of 64 hexadecimal digits
is the file's SHA-256. `refs/` says which commit a branch was at. Where the system has no links,
the snapshot holds the files themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from freehold.sources.elsewhere.folder import (
    bundles,
    found_file,
    is_gguf,
    is_other_weights,
    other_weights,
    walk,
)
from freehold.sources.elsewhere.found import FoundFile, FoundModel, Program, in_text, known_ref
from freehold.sources.elsewhere.surroundings import Surroundings

NAME = "Hugging Face cache"
_PREFIX = "models--"


def _folders(here: Surroundings) -> list[Path]:
    homes = [
        *here.variable("HF_HOME"),
        *(c / "huggingface" for c in here.variable("XDG_CACHE_HOME")),
    ]
    return [
        *here.variable("HF_HUB_CACHE"),
        *here.variable("HUGGINGFACE_HUB_CACHE"),
        *(home / "hub" for home in homes),
        here.home / ".cache" / "huggingface" / "hub",
    ]


def is_hub(folder: Path) -> bool:
    """Whether a folder holds repositories as the Hub's client keeps them."""
    return any(path.is_dir() for path in folder.glob(f"{_PREFIX}*"))


def hub_models(folder: Path) -> Iterator[FoundModel]:
    """Every model in the cache, each set of files once, under the newest commit that has it."""
    for repository in sorted(folder.glob(f"{_PREFIX}*")):
        if repository.is_dir():
            yield from _repository(repository)


def _repository(repository: Path) -> Iterator[FoundModel]:
    title = in_text(repository.name).removeprefix(_PREFIX).replace("--", "/", 1)
    seen: set[tuple[Path, ...]] = set()
    for snapshot in _snapshots(repository):
        for model in _snapshot(snapshot, title):
            key = tuple(file.path for file in model.files)
            if key not in seen:
                seen.add(key)
                yield model


def _snapshots(repository: Path) -> list[Path]:
    """The commits here: the one `main` is at first, then the others, newest first."""
    folder = repository / "snapshots"
    if not folder.is_dir():
        return []
    main = repository / "refs" / "main"
    head = main.read_text(encoding="utf-8", errors="replace").strip() if main.is_file() else ""
    commits = [path for path in folder.iterdir() if path.is_dir()]
    return sorted(commits, key=lambda path: (path.name == head, path.stat().st_mtime), reverse=True)


def _snapshot(snapshot: Path, title: str) -> Iterator[FoundModel]:
    commit = in_text(snapshot.name)
    others: list[FoundFile] = []
    has_gguf = False
    for place, names in walk(snapshot):
        models: list[FoundFile] = []
        for path in (place / name for name in names):
            name = path.relative_to(snapshot).as_posix()
            if not path.is_file():  # a link to a blob that is gone: nothing is left to adopt
                continue
            if is_gguf(name):
                models.append(found_file(path, name))
            elif is_other_weights(name):
                others.append(found_file(path, name))
        has_gguf = has_gguf or bool(models)
        for bundle in bundles(models):
            ref = known_ref(f"hf:{title}:{bundle.first.name}@{commit}")
            shown = f"{title}:{bundle.first.name}"
            yield FoundModel(NAME, shown, bundle.files, ref, commit, bundle.obstacle)
    if others and not has_gguf:
        ref = known_ref(f"hf:{title}@{commit}")
        yield FoundModel(NAME, title, tuple(others), ref, commit, other_weights(others))


HUGGING_FACE = Program(NAME, _folders, is_hub, hub_models)
