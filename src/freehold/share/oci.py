"""A model as registries keep models: a CNCF ModelPack manifest and the blobs that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from freehold.formats import modelpack, oci_layout
from freehold.formats.oci_layout import Descriptor, Manifest
from freehold.names import Digest
from freehold.share.published import PublishedFile, PublishedModel, document
from freehold.store.bundle.plan import annotations_of, describe


@dataclass(frozen=True)
class Packed:
    """A manifest: its bytes, and every blob it names by hash."""

    media_type: str
    manifest: bytes = field(repr=False)
    blobs: Mapping[Digest, PublishedFile]

    @property
    def digest(self) -> Digest:
        """What the manifest goes by."""
        return Digest(sha256(self.manifest).hexdigest())


def pack(model: PublishedModel) -> Packed:
    """The model as a ModelPack artifact: every file a layer, the weights as they are."""
    layers = tuple(_layer(file) for file in model.files)
    description = describe(model.model, model.story)
    config = document(
        "config.json",
        "config",
        modelpack.write_config(description, [layer.digest for layer in layers]),
    )
    manifest = Manifest(
        config=Descriptor(modelpack.CONFIG_TYPE, config.digest, config.size),
        layers=layers,
        annotations=annotations_of(description),
        artifact_type=modelpack.ARTIFACT_TYPE,
    )
    blobs = {file.digest: file for file in (*model.files, config)}
    return Packed(oci_layout.MANIFEST_TYPE, oci_layout.write_manifest(manifest), blobs)


def _layer(file: PublishedFile) -> Descriptor:
    kind = modelpack.DOC_TYPE if file.data is not None else modelpack.type_of_role(file.role)
    annotations = {
        modelpack.FILE_PATH: file.path,
        oci_layout.TITLE: file.path,
        modelpack.ROLE: str(file.role),
    }
    return Descriptor(kind, file.digest, file.size, annotations)
