"""What a bundle of these models will be, to the byte, before anything is written.

Documents come first and weights last, each sorted by its hash and each blob once. Nothing in it
depends on the time, the machine or the order of the models: the same models, the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from freehold.errors import FormatError, NotOwned, UsageError
from freehold.formats import modelpack, oci_layout
from freehold.formats.oci_layout import Descriptor, Manifest, blob_name
from freehold.formats.tar_plain import END, space_in_tar
from freehold.names import Digest
from freehold.store.bundle.contents import (
    CHUNK_SIZE,
    CHUNKS_OF,
    CHUNKS_ROLE,
    PROVENANCE_NAME,
    PROVENANCE_ROLE,
    Story,
)
from freehold.store.bundle.provenance import read_story, story_of, write_story
from freehold.store.model import BlobRecord, OwnedFile, OwnedModel, model_id
from freehold.store.store import Store


@dataclass(frozen=True)
class PlannedBlob:
    """A blob that will be copied, and where it is."""

    digest: Digest
    size: int
    label: str
    path: Path


@dataclass(frozen=True)
class BundlePlan:
    """The documents with their bytes, the blobs with their sizes, and the size of the whole."""

    documents: tuple[tuple[str, bytes], ...]
    blobs: tuple[PlannedBlob, ...]

    @property
    def size(self) -> int:
        """Bytes of the bundle."""
        sizes = [len(data) for _, data in self.documents] + [blob.size for blob in self.blobs]
        return sum(map(space_in_tar, sizes)) + len(END)


def plan_bundle(
    models: Sequence[tuple[Store, OwnedModel]], *, with_notes: bool = True
) -> BundlePlan:
    """Plan a bundle of these models, each with the store it is in. Reads records, not the bytes."""
    documents: dict[Digest, bytes] = {}
    blobs: dict[Digest, PlannedBlob] = {}
    manifests: list[Descriptor] = []
    unique = {model.id: (store, model) for store, model in models}
    for store, model in sorted(unique.values(), key=lambda pair: (pair[1].name, pair[1].id)):
        records = {file.digest: store.by_digest(file.digest) for file in model.files}
        planned = _ModelPlan(model, records, story_of(model, with_notes=with_notes))
        manifests.append(planned.manifest)
        documents.update(planned.documents)
        for file in model.files:
            if records[file.digest] is None:
                raise NotOwned(
                    f"{file.name} of {model.name} is not in the store.",
                    f"`freehold verify {model.name}` looks, `freehold repair {model.name}` mends.",
                )
            blobs[file.digest] = PlannedBlob(
                file.digest, file.size, file.name, store.blob_path(file.digest)
            )
    first = (
        (oci_layout.LAYOUT_NAME, oci_layout.LAYOUT_BYTES),
        (oci_layout.INDEX_NAME, oci_layout.write_index(tuple(manifests))),
    )
    # A small file that is also a document of ours would otherwise come twice.
    rest = sorted(
        (blob_name(digest), data) for digest, data in documents.items() if digest not in blobs
    )
    return BundlePlan((*first, *rest), tuple(sorted(blobs.values(), key=_by_size)))


def _by_size(blob: PlannedBlob) -> tuple[int, str]:
    return blob.size, blob.digest.hex


class _ModelPlan:
    """One model's manifest, and the documents it points to."""

    def __init__(
        self, model: OwnedModel, records: dict[Digest, BlobRecord | None], story: Story
    ) -> None:
        self.documents: dict[Digest, bytes] = {}
        layers = [*self._files(model), *self._chunks(records, model)]
        layers.append(
            self._document(
                legible(story, model),
                modelpack.DOC_TYPE,
                {modelpack.FILE_PATH: PROVENANCE_NAME, modelpack.ROLE: PROVENANCE_ROLE},
            )
        )
        description = describe(model, story)
        config = modelpack.write_config(description, [layer.digest for layer in layers])
        manifest = Manifest(
            config=self._document(config, modelpack.CONFIG_TYPE, {}),
            layers=tuple(layers),
            annotations=annotations_of(description),
            artifact_type=modelpack.ARTIFACT_TYPE,
        )
        self.manifest = self._document(
            oci_layout.write_manifest(manifest),
            oci_layout.MANIFEST_TYPE,
            {oci_layout.REF_NAME: model.name},
            modelpack.ARTIFACT_TYPE,
        )

    def _document(
        self,
        data: bytes,
        media_type: str,
        annotations: dict[str, str],
        artifact_type: str | None = None,
    ) -> Descriptor:
        digest = Digest(sha256(data).hexdigest())
        self.documents[digest] = data
        return Descriptor(media_type, digest, len(data), annotations, artifact_type)

    def _files(self, model: OwnedModel) -> list[Descriptor]:
        taken: set[str] = {PROVENANCE_NAME}
        layers: list[Descriptor] = []
        for file in model.files:
            name = path_in_bundle(file, taken)
            taken.add(name)
            annotations = {
                modelpack.FILE_PATH: name,
                oci_layout.TITLE: name,
                modelpack.ROLE: str(file.role),
            }
            kind = modelpack.type_of_role(file.role)
            layers.append(Descriptor(kind, file.digest, file.size, annotations))
        return layers

    def _chunks(
        self, records: dict[Digest, BlobRecord | None], model: OwnedModel
    ) -> list[Descriptor]:
        """The chunk hashes of each larger file, so that damage on the way can be told apart."""
        layers: list[Descriptor] = []
        for digest in dict.fromkeys(file.digest for file in model.files):
            record = records[digest]
            if record is not None and record.chunk_count > 1:
                annotations = {
                    modelpack.FILE_PATH: f"chunks/{digest.hex}.sha256",
                    modelpack.ROLE: CHUNKS_ROLE,
                    CHUNKS_OF: str(digest),
                    CHUNK_SIZE: str(record.chunk_size),
                }
                layers.append(self._document(record.chunks, modelpack.DOC_TYPE, annotations))
        return layers


def legible(story: Story, model: OwnedModel) -> bytes:
    """The story's document, once it is sure that an import will accept it."""
    identity = model_id(model.files)
    data = write_story(story, identity)
    try:
        read_story(data, identity, "Its story")
    except FormatError as error:
        raise UsageError(
            f"What is known of {model.name} cannot travel: {error.message}",
            "If its notes are very long, leave them here: --no-notes.",
        ) from error
    return data


def path_in_bundle(file: OwnedFile, taken: set[str]) -> str:
    """The file's own name where it is safe to be written by other tools, else what is left of it.

    Names that are taken get a number in front: two files must not unpack to one.
    """
    name = file.name
    if not modelpack.is_safe_path(name):
        last = "".join(c for c in name.replace("\\", "/").split("/")[-1] if c.isprintable())
        name = last.replace(":", "-")[:200].strip(". ") or "file"
    wanted, number = name, 1
    while name in taken:
        number += 1
        name = f"{number}-{wanted.rsplit('/', 1)[-1]}"
    return name


def describe(model: OwnedModel, story: Story) -> modelpack.ModelDescription:
    """What a manifest's configuration tells of a model, out of what may leave with it."""

    def fact(name: str) -> str | None:
        value = story.facts.get(name)
        return value if isinstance(value, str) else None

    parameters = story.facts.get("parameters")
    first = next((seen for seen in story.sightings if seen.url), None)
    licence = story.licence.spdx or story.licence.name
    return modelpack.ModelDescription(
        name=model.name,
        title=fact("title"),
        licences=(licence,) if licence else (),
        source=first.url if first else None,
        revision=first.revision if first else None,
        architecture=fact("architecture"),
        parameters=parameters if type(parameters) is int else None,
        quantization=fact("quantization"),
    )


def annotations_of(description: modelpack.ModelDescription) -> dict[str, str]:
    """The same in the annotations that every OCI tool knows."""
    found = {
        oci_layout.TITLE: description.title or description.name,
        oci_layout.LICENSES: " AND ".join(description.licences),
        oci_layout.SOURCE: description.source,
        oci_layout.REVISION: description.revision,
    }
    return {name: value for name, value in found.items() if value}
