"""Everything that is shared, found by the names and hashes that clients ask for.

What is not here cannot be read: a request is looked up in these tables, and no part of it is ever
made into a path on the disk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from freehold.names import Digest
from freehold.share import oci, ollama
from freehold.share.oci import Packed
from freehold.share.published import SUMS, PublishedFile, PublishedModel, document, sums


@dataclass(frozen=True)
class Repository:
    """Models under one name of a hub. Several are in one where they were got from the same."""

    id: str
    """Two words with a slash between."""
    commit: str
    """Forty hexadecimal digits that change when any byte in it does."""
    files: Mapping[str, PublishedFile]
    """By path."""
    models: tuple[PublishedModel, ...]


@dataclass(frozen=True)
class Image:
    """One model under one name of a registry, in each way in which a registry may give it."""

    name: str
    modelpack: Packed
    ollama: Packed | None
    """None for what Ollama has no form for: split weights, an adapter alone."""

    @cached_property
    def packed(self) -> tuple[Packed, ...]:
        """Those there are."""
        return (self.modelpack,) if self.ollama is None else (self.modelpack, self.ollama)

    @cached_property
    def blobs(self) -> Mapping[Digest, PublishedFile]:
        """Every blob that one of its manifests names."""
        return {digest: file for each in self.packed for digest, file in each.blobs.items()}


class Shelf:
    """The shared models. It never changes: another choice is another shelf."""

    def __init__(self, models: Sequence[PublishedModel]) -> None:
        self.models = tuple(models)
        images = [_image(model) for model in self.models]
        self.images = {image.name: image for image in images}
        manifests = {
            model.name: image.modelpack.digest
            for model, image in zip(self.models, images, strict=True)
        }
        members: dict[str, list[PublishedModel]] = {}
        for model in self.models:
            for name in model.repositories:
                members.setdefault(name, []).append(model)
        self.repositories = {
            name: _repository(name, tuple(several), [manifests[each.name] for each in several])
            for name, several in members.items()
        }

    def model(self, name: str) -> PublishedModel | None:
        """The model of that name, if it is shared."""
        return next((model for model in self.models if model.name == name), None)

    @cached_property
    def files(self) -> Mapping[str, PublishedFile]:
        """Every shared file by the digits of its hash, documents too."""
        return {file.digest.hex: file for model in self.models for file in model.files}


def _image(model: PublishedModel) -> Image:
    return Image(model.repository, oci.pack(model), ollama.pack(model))


def _repository(
    name: str, models: tuple[PublishedModel, ...], manifests: Sequence[Digest]
) -> Repository:
    """Of several models that would have a file of the same path, the first has it."""
    if len(models) == 1:
        return Repository(name, manifests[0].hex[:40], _by_path(models[0].files), models)
    files: dict[str, PublishedFile] = {}
    for model in models:
        files = {**_by_path(model.files), **files}
    files.pop(SUMS, None)
    whole = document(SUMS, "document", sums(list(files.values())))
    text = " ".join(str(digest) for digest in manifests)
    commit = sha256(text.encode()).hexdigest()[:40]
    return Repository(name, commit, {**files, SUMS: whole}, models)


def _by_path(files: Sequence[PublishedFile]) -> dict[str, PublishedFile]:
    return {file.path: file for file in files}
