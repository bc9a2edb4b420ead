"""Manifests as OCI registries keep them, read from their raw bytes.

Docker's and OCI's image manifests and their lists are one shape here. The content type a registry
claims is not looked at (some claim text/plain): what counts is the document. It knows neither
what a layer is for nor how to fetch one.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from freehold.errors import NotFound, SourceError
from freehold.names import Digest

LIMIT = 4 << 20
"""No manifest is larger, in bytes: registries refuse to keep larger ones too."""
LARGEST = 1 << 44
"""No layer is larger, in bytes (16 TiB): a size above it is a fault or a trick."""

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
ACCEPT = ", ".join((DOCKER_MANIFEST, OCI_MANIFEST, DOCKER_LIST, OCI_INDEX))
_IMAGES = frozenset({DOCKER_MANIFEST, OCI_MANIFEST})
_INDEXES = frozenset({DOCKER_LIST, OCI_INDEX})
_MODELS = (
    "application/vnd.cncf.model.",
    "application/vnd.cnai.model.",
    "application/vnd.docker.ai.",
)
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Descriptor:
    """A blob or a manifest that another document points to."""

    media_type: str
    digest: Digest
    size: int
    """Bytes."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    artifact_type: str | None = None
    platform: str | None = None
    """`os/architecture`, where the document says it."""


@dataclass(frozen=True)
class Manifest:
    """One model (or image): its configuration and its layers."""

    digest: Digest
    """SHA-256 of the raw bytes, computed here."""
    config: Descriptor | None
    layers: tuple[Descriptor, ...]
    annotations: Mapping[str, str] = field(default_factory=dict)
    artifact_type: str | None = None


@dataclass(frozen=True)
class Index:
    """A list of manifests that go by one name."""

    digest: Digest
    manifests: tuple[Descriptor, ...]


def digest_of(raw: bytes) -> Digest:
    """What those bytes are."""
    return Digest(hashlib.sha256(raw).hexdigest())


def parse(raw: bytes, host: str) -> Manifest | Index:
    """Read a manifest or a list of them. `host` is named in errors. Raises SourceError."""
    if len(raw) > LIMIT:
        raise SourceError(f"{host} sent a manifest of {len(raw):,} bytes, so it was refused.")
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"{host} answered with something that is not a manifest.",
            "Check that a model registry listens there, and the spelling of the name.",
        ) from error
    version = document.get("schemaVersion") if isinstance(document, dict) else None
    if version == 1 and "fsLayers" in document:
        raise SourceError(f"{host} keeps this in Docker's old format 1, which holds no models.")
    if version != 2 or isinstance(version, bool):
        raise SourceError(f"{host} answered with JSON that is not a manifest.")
    return _typed(document, digest_of(raw), host)


def choose(index: Index, host: str, machine: str | None = None) -> Descriptor:
    """The one manifest of a list that is meant: the only one, the only model, or this machine's.

    `machine` is `os/architecture`, this one's when not given. Raises NotFound when the list has
    none, SourceError with all digests when there are several and no reason to prefer one.
    """
    found = {entry.digest: entry for entry in index.manifests if _is_candidate(entry)}
    candidates = list(found.values())
    if not candidates:
        raise NotFound(f"{host} has an empty list under this name.", "Try another tag.")
    here = machine or _this_machine()
    for wanted in (
        candidates,
        [entry for entry in candidates if (entry.artifact_type or "").startswith(_MODELS)],
        [entry for entry in candidates if entry.platform == here],
    ):
        if len(wanted) == 1:
            return wanted[0]
    shown = ", ".join(
        f"@{entry.digest} ({entry.platform or 'any machine'})" for entry in candidates
    )
    raise SourceError(
        f"{host} has {len(candidates)} different things under this name.",
        f"Ask for one of them by its digest in place of the tag: {shown[:2000]}.",
    )


def _typed(document: dict[str, Any], digest: Digest, host: str) -> Manifest | Index:
    declared = document.get("mediaType")
    is_index, is_image = "manifests" in document, "layers" in document
    contradicts = (is_index and declared in _IMAGES) or (is_image and declared in _INDEXES)
    if is_index == is_image or contradicts:
        # Two readings of one document are a known trick: different clients get different things.
        raise SourceError(f"{host} answered with JSON that is not clearly one kind of manifest.")
    if is_index:
        return Index(digest, _descriptors(document["manifests"], host))
    config = document.get("config")
    return Manifest(
        digest,
        None if config is None else _descriptor(config, host),
        _descriptors(document["layers"], host),
        _texts(document.get("annotations")),
        _text(document.get("artifactType")),
    )


def _descriptors(value: object, host: str) -> tuple[Descriptor, ...]:
    if value is None:  # how Go writes an empty list
        return ()
    if not isinstance(value, list):
        raise SourceError(f"{host} answered with a manifest whose list of contents is no list.")
    return tuple(_descriptor(each, host) for each in value)


def _descriptor(value: object, host: str) -> Descriptor:
    if not isinstance(value, dict):
        raise SourceError(f"{host} answered with a manifest that has a malformed entry.")
    size = value.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= LARGEST:
        raise SourceError(
            f"{host} answered with a manifest in which a size is {str(size)[:40]!r}.",
            "The registry is faulty or up to something: use another source.",
        )
    return Descriptor(
        media_type=_text(value.get("mediaType")) or "",
        digest=_digest(value.get("digest"), host),
        size=size,
        annotations=_texts(value.get("annotations")),
        artifact_type=_text(value.get("artifactType")),
        platform=_platform(value.get("platform")),
    )


def _digest(value: object, host: str) -> Digest:
    text = value if isinstance(value, str) else ""
    algorithm, _, digits = text.partition(":")
    if algorithm == "sha256" and len(digits) == 64 and set(digits) <= set("0123456789abcdef"):
        return Digest(digits)
    raise SourceError(
        f"{host} names a part of this model {text[:80]!r}, which is not a SHA-256.",
        "Freehold proves what it fetches by SHA-256 only: use another source.",
    )


def _is_candidate(entry: Descriptor) -> bool:
    """Not the attestations that builders put beside an image, and nothing that is no manifest."""
    if "vnd.docker.reference.type" in entry.annotations or entry.platform == "unknown/unknown":
        return False
    return entry.media_type in _IMAGES | _INDEXES


def _platform(value: object) -> str | None:
    if not isinstance(value, dict):
        return None
    system, architecture = _text(value.get("os")), _text(value.get("architecture"))
    return f"{system}/{architecture}" if system and architecture else None


def _this_machine() -> str:
    architecture = platform.machine().lower()
    return f"{platform.system().lower()}/{_ARCHITECTURES.get(architecture, architecture)}"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {name: text for name, text in value.items() if isinstance(text, str)}
