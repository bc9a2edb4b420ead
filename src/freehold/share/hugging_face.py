"""A repository as the Hugging Face Hub's API tells of it. Documents only.

Every file is told as one in large-file storage, which is how that API says a SHA-256.
https://huggingface.co/docs/hub/api
"""

from __future__ import annotations

import hashlib
from typing import Any

from freehold.share.published import PublishedFile
from freehold.share.shelf import Repository, Shelf

BRANCH = "main"


def is_revision(repository: Repository, revision: str) -> bool:
    """Whether a revision is one that there is: the branch, or the commit."""
    return revision in {BRANCH, repository.commit}


def models(shelf: Shelf) -> list[dict[str, Any]]:
    """Every repository, as a search without words lists them."""
    return [about(each) for each in shelf.repositories.values()]


def about(repository: Repository) -> dict[str, Any]:
    """What a model's page of the API says."""
    licence = repository.models[0].story.licence
    known = licence.spdx or licence.name
    formats = dict.fromkeys(
        str(model.story.facts.get("format", "gguf")) for model in repository.models
    )
    return {
        "id": repository.id,
        "modelId": repository.id,
        "author": repository.id.partition("/")[0],
        "sha": repository.commit,
        "private": False,
        "gated": False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": [*formats, *([f"license:{known.lower()}"] if known else [])],
        "cardData": {"license": known.lower()} if known else {},
        "siblings": [{"rfilename": path} for path in repository.files],
    }


def refs(repository: Repository) -> dict[str, Any]:
    """Its one branch."""
    branch = {"name": BRANCH, "ref": f"refs/heads/{BRANCH}", "targetCommit": repository.commit}
    return {"branches": [branch], "converts": [], "tags": []}


def tree(repository: Repository, folder: str = "", *, recursive: bool) -> list[dict[str, Any]]:
    """The files below a folder; without `recursive`, its folders in place of what is in them."""
    below = f"{folder}/" if folder else ""
    found: dict[str, dict[str, Any]] = {}
    for path, file in repository.files.items():
        if not path.startswith(below):
            continue
        first, slash, _ = path.removeprefix(below).partition("/")
        if slash and not recursive:
            found[below + first] = _folder(below + first)
        else:
            found[path] = _file(file)
    return list(found.values())


def _file(file: PublishedFile) -> dict[str, Any]:
    pointer = (
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{file.digest.hex}\nsize {file.size}\n"
    ).encode()
    oid = _git_hash(b"blob %d\0" % len(pointer) + pointer)
    lfs = {"oid": file.digest.hex, "size": file.size, "pointerSize": len(pointer)}
    return {"type": "file", "oid": oid, "size": file.size, "path": file.path, "lfs": lfs}


def _folder(path: str) -> dict[str, Any]:
    return {"type": "directory", "oid": _git_hash(path.encode()), "size": 0, "path": path}


def _git_hash(data: bytes) -> str:
    """The name that git gives to bytes. Nothing is proven by it."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()
