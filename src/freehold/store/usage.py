"""What takes the space: by model, with bytes that several share told apart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from freehold.names import Digest
from freehold.store.model import OwnedModel


@dataclass(frozen=True)
class ModelUsage:
    """One model's bytes: `own` would be freed by removing it, `shared` would stay."""

    model: OwnedModel
    own: int
    shared: int
    shared_with: tuple[str, ...]


@dataclass(frozen=True)
class Usage:
    """The store's bytes. `models` are by what removing them would free, most first."""

    models: tuple[ModelUsage, ...]
    blobs: int
    """Of all blobs, each counted once, as they are on the disk."""
    unused: int
    """Of blobs that no model is made of."""
    unfinished: int
    """In staging."""
    free: int
    """That could still be written."""


def measure(
    models: list[OwnedModel], blobs: list[tuple[Path, int]], unfinished: int, free: int
) -> Usage:
    """Tell own from shared bytes. `blobs` is every file in the blobs with its size in bytes."""
    users: dict[Digest, list[OwnedModel]] = {}
    for model in models:
        for digest in {file.digest for file in model.files}:
            users.setdefault(digest, []).append(model)
    used = {digest.hex for digest in users}
    return Usage(
        models=tuple(
            sorted(
                (_of_model(model, users) for model in models),
                key=lambda usage: (-usage.own, usage.model.name),
            )
        ),
        blobs=sum(size for _, size in blobs),
        unused=sum(size for path, size in blobs if path.name not in used),
        unfinished=unfinished,
        free=free,
    )


def _of_model(model: OwnedModel, users: dict[Digest, list[OwnedModel]]) -> ModelUsage:
    sizes = {file.digest: file.size for file in model.files}
    own = sum(size for digest, size in sizes.items() if len(users[digest]) == 1)
    others = {other.name for digest in sizes for other in users[digest] if other.id != model.id}
    return ModelUsage(model, own, model.size - own, tuple(sorted(others)))
