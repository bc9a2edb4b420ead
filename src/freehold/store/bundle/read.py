"""Opening a bundle: which models are in it, proven as far as its documents go, nothing written.

The weights themselves are looked at for four bytes; proving them is for whoever owns them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

from freehold.errors import FormatError
from freehold.formats import modelpack
from freehold.formats.file_window import FileWindow
from freehold.formats.oci_layout import (
    DOCKER_MANIFEST_TYPE,
    LICENSES,
    MANIFEST_TYPE,
    REF_NAME,
    TITLE,
    Descriptor,
    Manifest,
    read_index,
    read_manifest,
)
from freehold.formats.strict_json import parse_object
from freehold.formats.tar_plain import HINT
from freehold.names import Digest, slug
from freehold.store.bundle.archive import BundleArchive
from freehold.store.bundle.contents import (
    CHUNK_SIZE,
    CHUNKS_OF,
    CHUNKS_ROLE,
    PROVENANCE_NAME,
    PROVENANCE_ROLE,
    BundledModel,
    ChunkHashes,
    Story,
)
from freehold.store.bundle.parts import find_bundle
from freehold.store.bundle.provenance import read_story
from freehold.store.licences import classify
from freehold.store.model import WEIGHTS, OwnedFile, model_id

_MAGIC = b"GGUF"
_MAX_CHUNK_HASHES = 64 << 20
"""Bytes of chunk hashes for one file: enough for two terabytes of it."""
_OURS = frozenset({PROVENANCE_ROLE, CHUNKS_ROLE})


@dataclass(frozen=True)
class _Layer:
    """A layer and what it is for: None when it is of no use here."""

    blob: Descriptor
    role: str | None


class Bundle:
    """An opened bundle. Use it in a `with` block."""

    def __init__(self, archive: BundleArchive) -> None:
        self._archive = archive
        self.name = archive.name
        self.models, self.remarks = self._read()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the bundle that `path` means: the file, any of its parts, or their common name.

        Raises FormatError for everything that a bundle must not be, HashMismatch for a document
        that is not what its name says, StorageError when it is not there or cannot be read.
        """
        archive = BundleArchive(find_bundle(path))
        try:
            return cls(archive)
        except BaseException:
            archive.close()
            raise

    @property
    def key(self) -> str:
        """What this bundle is, by its index: the same for every copy of it."""
        return f"bundle {sha256(self._archive.index).hexdigest()[:32]}"

    def blob(self, digest: Digest) -> FileWindow:
        """The bytes of a blob, as they are in the bundle: not yet proven."""
        return self._archive.window(digest)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._archive.close()

    def _read(self) -> tuple[tuple[BundledModel, ...], tuple[str, ...]]:
        models: dict[Digest, BundledModel] = {}
        remarks: list[str] = []
        for entry in read_index(self._archive.index):
            what = f"The manifest {entry.digest.short}"
            if entry.media_type not in {MANIFEST_TYPE, DOCKER_MANIFEST_TYPE}:
                raise FormatError(
                    f"{what} is of the wrong media type {entry.media_type[:100]!r}.",
                    "Only plain OCI manifests are known. Nothing in it was owned.",
                )
            if entry.digest in models:
                continue
            manifest = read_manifest(self._archive.document(entry), what)
            model = self._model(entry, manifest)
            if model is None:
                remarks.append(f"{what} has no GGUF weights: it was left out.")
            else:
                models[entry.digest] = model
        if not models:
            raise FormatError(
                f"{self.name} holds no model that Freehold can use: none has GGUF weights.",
                "Weights must be GGUF files and not compressed.",
            )
        return tuple(models.values()), tuple(remarks)

    def _model(self, entry: Descriptor, manifest: Manifest) -> BundledModel | None:
        config = self._archive.document(manifest.config)
        layers = [_Layer(layer, self._role(layer)) for layer in self._unpacked(manifest.layers)]
        files = self._files([layer for layer in layers if layer.role not in _OURS])
        if not any(file.role == WEIGHTS for file in files):
            return None
        told = [layer.blob for layer in layers if layer.role == PROVENANCE_ROLE]
        if len(told) > 1:
            raise FormatError(f"{self.name} tells two stories of one model.", HINT)
        if told:
            story = read_story(self._archive.document(told[0]), model_id(files), PROVENANCE_NAME)
        else:
            story = _story_of_others(entry, manifest, config, files)
        return BundledModel(files, story, bool(told), self._chunks(layers))

    def _unpacked(self, layers: Sequence[Descriptor]) -> Iterator[Descriptor]:
        """The layers, those that are plain tars of files replaced by what is in them."""
        for layer in layers:
            if modelpack.is_tar(layer):
                yield from self._archive.unpack(layer)
            else:
                yield layer

    def _role(self, layer: Descriptor) -> str | None:
        self._archive.member(layer)
        path = modelpack.file_path(layer)
        if path is not None and not modelpack.is_safe_path(path):
            raise FormatError(
                f"{self.name} has a layer that wants to be written to {path[:100]!r}.", HINT
            )
        if role := layer.annotations.get(modelpack.ROLE):
            if slug(role) != role or len(role) > 40:
                raise FormatError(f"{self.name} has a layer of the role {role[:100]!r}.", HINT)
            return role
        is_gguf = self._archive.beginning(layer, len(_MAGIC)) == _MAGIC
        return modelpack.role_of(layer, is_gguf=is_gguf)

    def _files(self, layers: Sequence[_Layer]) -> tuple[OwnedFile, ...]:
        files: list[OwnedFile] = []
        names: dict[str, Digest] = {}
        for layer in layers:
            if layer.role is None:
                continue
            blob = layer.blob
            name = modelpack.file_path(blob) or _default_name(layer.role, blob.digest)
            if names.setdefault(name, blob.digest) != blob.digest:
                raise FormatError(f"{self.name} has two different files called {name!r}.", HINT)
            files.append(OwnedFile(name, layer.role, blob.digest, blob.size))
        return tuple(dict.fromkeys(files))

    def _chunks(self, layers: Sequence[_Layer]) -> dict[Digest, ChunkHashes]:
        sizes = {layer.blob.digest: layer.blob.size for layer in layers}
        found: dict[Digest, ChunkHashes] = {}
        for layer in (layer.blob for layer in layers if layer.role == CHUNKS_ROLE):
            of = layer.annotations.get(CHUNKS_OF, "").removeprefix("sha256:")
            chunk_size = layer.annotations.get(CHUNK_SIZE, "")
            blob = next((digest for digest in sizes if digest.hex == of), None)
            if blob is None or not re.fullmatch("[1-9][0-9]{0,11}", chunk_size):
                raise FormatError(f"{self.name} has chunk hashes of nothing in it.", HINT)
            data = self._archive.document(layer, _MAX_CHUNK_HASHES)
            if len(data) != 32 * -(-sizes[blob] // int(chunk_size)):
                raise FormatError(f"{self.name} has chunk hashes that are too few or many.", HINT)
            found[blob] = ChunkHashes(int(chunk_size), data)
        return found


def _story_of_others(
    entry: Descriptor, manifest: Manifest, config: bytes, files: Sequence[OwnedFile]
) -> Story:
    """What can be told of a model that another tool packed."""
    described = modelpack.ModelDescription("")
    if manifest.config.media_type == modelpack.CONFIG_TYPE:
        described = modelpack.read_config(parse_object(config, "The model's configuration"))
    stem = next(file.name for file in files if file.role == WEIGHTS).rsplit("/", 1)[-1]
    ref = entry.annotations.get(REF_NAME, "").rsplit("/", 1)[-1]
    named = described.name or manifest.annotations.get(TITLE) or ""
    name = named or ("" if ref in {"latest", "main"} else ref) or stem.removesuffix(".gguf")
    licence = manifest.annotations.get(LICENSES) or " AND ".join(described.licences) or None
    return Story(name=slug(name)[:100], licence=classify(licence))


def _default_name(role: str, digest: Digest) -> str:
    return f"{role}-{digest.short}.gguf" if role == WEIGHTS else f"{role}-{digest.short}"
