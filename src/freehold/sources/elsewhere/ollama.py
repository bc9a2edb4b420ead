"""Ollama's store: a manifest for each name and tag, which lists blobs named by their SHA-256.

`manifests/<host>/<namespace>/<model>/<tag>` and `blobs/sha256-<hex>` under OLLAMA_MODELS,
`~/.ollama/models`, or the folder of the Linux service.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from freehold.errors import UsageError
from freehold.names import Digest
from freehold.sources.elsewhere.documents import object_in, objects_in
from freehold.sources.elsewhere.folder import walk
from freehold.sources.elsewhere.found import FoundFile, FoundModel, Program, in_text, known_ref
from freehold.sources.elsewhere.surroundings import Surroundings
from freehold.sources.interface import Role

NAME = "Ollama"
_HOST, _NAMESPACE = "registry.ollama.ai", "library"
_MEDIA = "application/vnd.ollama.image."
_KINDS = {
    "model": (Role.WEIGHTS, "model.gguf"),
    "projector": (Role.PROJECTOR, "mmproj.gguf"),
    "adapter": (Role.ADAPTER, "adapter.gguf"),
    "template": (Role.TEMPLATE, "template.gotmpl"),
    "prompt": (Role.TEMPLATE, "template.gotmpl"),
    "system": (Role.SYSTEM, "system.txt"),
    "params": (Role.PARAMS, "params.json"),
    "messages": (Role.MESSAGES, "messages.json"),
    "license": (Role.LICENCE, "LICENSE"),
}


def _folders(here: Surroundings) -> list[Path]:
    service = here.root / "usr" / "share" / "ollama" / ".ollama" / "models"
    return [
        *here.variable("OLLAMA_MODELS"),
        here.home / ".ollama" / "models",
        *([service] if here.platform == "linux" else []),
    ]


def _recognises(folder: Path) -> bool:
    return (folder / "manifests").is_dir() and (folder / "blobs").is_dir()


def _models(folder: Path) -> Iterator[FoundModel]:
    manifests = folder / "manifests"
    if not manifests.is_dir():
        return
    for place, names in walk(manifests):
        for name in names:
            path = place / name
            parts = path.relative_to(manifests).parts
            if len(parts) == 4 and not name.startswith("."):
                yield _model(path.read_bytes(), in_text(_title(*parts)), folder / "blobs")


def _title(host: str, namespace: str, model: str, tag: str) -> str:
    """The name as Ollama shows it: without what goes without saying."""
    if host != _HOST:
        return f"{host}/{namespace}/{model}:{tag}"
    return f"{model}:{tag}" if namespace == _NAMESPACE else f"{namespace}/{model}:{tag}"


def _model(manifest: bytes, title: str, blobs: Path) -> FoundModel:
    revision = f"sha256:{hashlib.sha256(manifest).hexdigest()}"
    layers = objects_in(object_in(manifest).get("layers"))
    files: list[FoundFile] = []
    lost = unknown = 0
    for layer in layers:
        media, claim = str(layer.get("mediaType")), str(layer.get("digest"))
        kind = _KINDS.get(media.removeprefix(_MEDIA)) if media.startswith(_MEDIA) else None
        if kind is None:
            unknown += 1
            continue
        if kind[0] is Role.WEIGHTS:
            kind = kind[0], f"{title.rsplit('/', 1)[-1].replace(':', '-')}.gguf"
        file = _file(claim, kind, len([f for f in files if f.role is kind[0]]), blobs)
        lost += file is None
        files += [file] if file else []
    has_weights = any(file.role is Role.WEIGHTS for file in files)
    obstacle = None
    if not layers:
        obstacle = "its manifest can't be read"
    elif lost:
        obstacle = f"{lost} of its files are missing"
    elif not has_weights:
        obstacle = "it is not a GGUF" if unknown else "it has no weights"
    elif unknown:
        obstacle = f"{unknown} of its files are of a kind that is not known here"
    return FoundModel(NAME, title, tuple(files), known_ref(f"ollama:{title}"), revision, obstacle)


def _file(claim: str, kind: tuple[Role, str], number: int, blobs: Path) -> FoundFile | None:
    """The blob of a layer; None when it is not there."""
    try:
        digest = Digest.parse(claim)
    except UsageError:  # not a hash, so no name of a blob
        return None
    role, name = kind
    if number:
        plain = PurePosixPath(name)
        name = f"{plain.stem}-{number + 1}{plain.suffix}"
    for mark in "-:":  # the colon is from before 2024
        path = blobs / f"sha256{mark}{digest.hex}"
        if path.is_file():
            real = path.resolve(strict=True)
            return FoundFile(real, name, role, real.stat().st_size, digest)
    return None


OLLAMA = Program(NAME, _folders, _recognises, _models)
