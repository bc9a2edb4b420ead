"""The OCI image layout: `oci-layout`, `index.json` and blobs named by their hash.

Documents only, read strictly and written canonically; where their bytes are is for others to know.
https://github.com/opencontainers/image-spec: image-layout.md, image-index.md, manifest.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from freehold.errors import FormatError, FreeholdError
from freehold.formats.strict_json import Object, canonical, parse_object
from freehold.names import Digest

LAYOUT_NAME = "oci-layout"
LAYOUT_BYTES = b'{"imageLayoutVersion":"1.0.0"}'
INDEX_NAME = "index.json"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
DOCKER_MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"

REF_NAME = "org.opencontainers.image.ref.name"
TITLE = "org.opencontainers.image.title"
LICENSES = "org.opencontainers.image.licenses"
SOURCE = "org.opencontainers.image.source"
REVISION = "org.opencontainers.image.revision"
SEAL = "org.freehold.seal"
"""Our annotation of an index: the SHA-256 of the rest of it. Nothing else proves an index."""

_MAX_SIZE = 1 << 50
_MAX_ENTRIES = 10_000
_HINT = "It is damaged, or was made to do harm. Nothing in it was owned."


@dataclass(frozen=True)
class Descriptor:
    """What a document says of a blob. `size` is in bytes."""

    media_type: str
    digest: Digest
    size: int
    annotations: Mapping[str, str] = field(default_factory=dict)
    artifact_type: str | None = None

    def body(self) -> Object:
        """As it is written."""
        body: Object = {
            "mediaType": self.media_type,
            "digest": str(self.digest),
            "size": self.size,
        }
        if self.artifact_type:
            body["artifactType"] = self.artifact_type
        if self.annotations:
            body["annotations"] = dict(self.annotations)
        return body


@dataclass(frozen=True)
class Manifest:
    """One artifact: its configuration and its layers, in order."""

    config: Descriptor
    layers: tuple[Descriptor, ...]
    annotations: Mapping[str, str] = field(default_factory=dict)
    artifact_type: str | None = None


def blob_name(digest: Digest) -> str:
    """Where a layout keeps a blob."""
    return f"blobs/sha256/{digest.hex}"


def write_manifest(manifest: Manifest) -> bytes:
    """The canonical bytes of a manifest."""
    return canonical(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "artifactType": manifest.artifact_type,
            "config": manifest.config.body(),
            "layers": [layer.body() for layer in manifest.layers],
            "annotations": dict(manifest.annotations),
        }
    )


def write_index(manifests: tuple[Descriptor, ...]) -> bytes:
    """The canonical bytes of an index, sealed."""
    body: Object = {
        "schemaVersion": 2,
        "mediaType": INDEX_TYPE,
        "manifests": [manifest.body() for manifest in manifests],
    }
    return canonical({**body, "annotations": {SEAL: _seal(body)}})


def check_layout(data: bytes) -> None:
    """Raise FormatError unless these are the bytes of an `oci-layout` of version 1."""
    version = parse_object(data, LAYOUT_NAME).get("imageLayoutVersion")
    if version != "1.0.0":
        raise FormatError(f"The OCI layout has the version {version!r}; 1.0.0 is known.", _HINT)


def read_index(data: bytes) -> tuple[Descriptor, ...]:
    """The manifests that an index names. Proves its seal if it has one. Raises FormatError."""
    body = parse_object(data, INDEX_NAME)
    _check_schema(body, INDEX_NAME, {INDEX_TYPE, None})
    if not _is_sound(body):
        raise FormatError(
            f"{INDEX_NAME} is damaged: its seal does not match.",
            "Ask for the file again. Nothing in it was owned.",
        )
    return _descriptors(body, "manifests", INDEX_NAME)


def read_manifest(data: bytes, what: str) -> Manifest:
    """A manifest, whoever wrote it. Raises FormatError."""
    body = parse_object(data, what)
    _check_schema(body, what, {MANIFEST_TYPE, DOCKER_MANIFEST_TYPE, None})
    return Manifest(
        config=_descriptor(body.get("config"), what),
        layers=_descriptors(body, "layers", what),
        annotations=_annotations(body, what),
        artifact_type=_optional_text(body, "artifactType", what),
    )


def _seal(body: Object) -> str:
    return sha256(canonical(body)).hexdigest()


def _is_sound(body: Object) -> bool:
    """Whether an index is as it was sealed, or never was. A seal under a damaged name counts."""
    annotations = _annotations(body, INDEX_NAME)
    for name, value in body.items():
        rest = {other: body[other] for other in body if other != name}
        if name == "annotations" and SEAL in annotations:
            return annotations == {SEAL: _seal(rest)}
        if isinstance(value, dict) and _seal(rest) in value.values():
            return False
    return True


def _check_schema(body: Object, what: str, types: set[str | None]) -> None:
    if body.get("schemaVersion") != 2:
        raise FormatError(f"{what} is of schema {body.get('schemaVersion')!r}, not 2.", _HINT)
    if body.get("mediaType") not in types:
        raise FormatError(f"{what} is of the wrong media type {body['mediaType']!r}.", _HINT)


def _descriptors(body: Object, key: str, what: str) -> tuple[Descriptor, ...]:
    entries = body.get(key)
    if not isinstance(entries, list) or len(entries) > _MAX_ENTRIES:
        raise FormatError(f"{what} has no proper list of {key}.", _HINT)
    return tuple(_descriptor(entry, what) for entry in entries)


def _descriptor(entry: Any, what: str) -> Descriptor:
    if not isinstance(entry, dict):
        raise FormatError(f"{what} has a descriptor that is none.", _HINT)
    kind, size, text = entry.get("mediaType"), entry.get("size"), entry.get("digest")
    if not isinstance(kind, str):
        raise FormatError(f"{what} has a descriptor without a media type.", _HINT)
    if type(size) is not int or not 0 <= size <= _MAX_SIZE:
        raise FormatError(f"{what} promises a blob of an absurd size.", _HINT)
    if not isinstance(text, str) or not text.startswith("sha256:"):
        raise FormatError(f"{what} names a blob by something else than a SHA-256.", _HINT)
    try:
        digest = Digest(text.removeprefix("sha256:"))
    except FreeholdError as error:
        raise FormatError(f"{what} names a blob by something that is no SHA-256.", _HINT) from error
    return Descriptor(
        kind, digest, size, _annotations(entry, what), _optional_text(entry, "artifactType", what)
    )


def _annotations(body: Object, what: str) -> dict[str, str]:
    found = body.get("annotations") or {}
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise FormatError(f"{what} has annotations that are not text.", _HINT)
    return found


def _optional_text(body: Object, key: str, what: str) -> str | None:
    value = body.get(key)
    if value is not None and not isinstance(value, str):
        raise FormatError(f"{what} has a {key} that is not text.", _HINT)
    return value
