"""The CNCF ModelPack format: how a model is written as an OCI artifact.

Media types, annotations and the configuration document, after the specification at
https://github.com/modelpack/model-spec (docs/spec.md, docs/config.md, schema/config-schema.json).
Also which role a layer plays, for the types that other tools write.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from freehold.formats.oci_layout import TITLE, Descriptor
from freehold.formats.strict_json import Object, canonical
from freehold.names import Digest

ARTIFACT_TYPE = "application/vnd.cncf.model.manifest.v1+json"
CONFIG_TYPE = "application/vnd.cncf.model.config.v1+json"
WEIGHT_TYPE = "application/vnd.cncf.model.weight.v1.raw"
WEIGHT_CONFIG_TYPE = "application/vnd.cncf.model.weight.config.v1.raw"
DOC_TYPE = "application/vnd.cncf.model.doc.v1.raw"
FILE_PATH = "org.cncf.model.filepath"
ROLE = "org.freehold.role"
"""Our annotation of a layer: what the file is for."""

_TYPE_OF_ROLE = {
    "weights": WEIGHT_TYPE,
    "projector": WEIGHT_TYPE,
    "adapter": WEIGHT_TYPE,
    "licence": DOC_TYPE,
    "document": DOC_TYPE,
}
_ROLE_OF_TYPE = {
    "application/vnd.cncf.model.weight.v1.gguf": "weights",
    "application/vnd.docker.ai.gguf.v3": "weights",
    "application/vnd.docker.ai.gguf.v3.lora": "adapter",
    "application/vnd.docker.ai.mmproj": "projector",
    "application/vnd.docker.ai.license": "licence",
    "application/vnd.docker.ai.chat.template.jinja": "template",
    "application/vnd.ollama.image.model": "weights",
    "application/vnd.ollama.image.projector": "projector",
    "application/vnd.ollama.image.adapter": "adapter",
    "application/vnd.ollama.image.template": "template",
    "application/vnd.ollama.image.system": "system",
    "application/vnd.ollama.image.params": "params",
    "application/vnd.ollama.image.messages": "messages",
    "application/vnd.ollama.image.license": "licence",
}
_TAR_TYPE = r"application/vnd\.cncf\.model\.(weight|weight\.config|doc)\.v1\.tar"
_LICENCE_NAME = re.compile(r"(licen[cs]e|copying|notice|usage[-_]policy)\b.*", re.IGNORECASE)


@dataclass(frozen=True)
class ModelDescription:
    """What the configuration document tells of a model. Unknown is None."""

    name: str
    licences: tuple[str, ...] = ()
    source: str | None = None
    revision: str | None = None
    title: str | None = None
    architecture: str | None = None
    parameters: int | None = None
    quantization: str | None = None


def write_config(model: ModelDescription, layers: Sequence[Digest]) -> bytes:
    """The configuration document. It has no time in it: the same model gives the same bytes."""
    descriptor = {
        "name": model.name,
        "title": model.title,
        "family": model.architecture,
        "licenses": list(model.licences) or None,
        "sourceURL": model.source,
        "revision": model.revision,
    }
    config = {
        "format": "gguf",
        "architecture": model.architecture,
        "paramSize": model.parameters and _parameter_size(model.parameters),
        "quantization": model.quantization,
    }
    document: Object = {
        "descriptor": {name: value for name, value in descriptor.items() if value},
        "config": {name: value for name, value in config.items() if value},
        # Layers are not compressed, so what they unpack to hashes to what they are.
        "modelfs": {"type": "layers", "diffIds": [str(digest) for digest in layers]},
    }
    return canonical(document)


def read_config(body: Object) -> ModelDescription:
    """What a configuration says, as far as it says it in the way of the specification."""
    found = body.get("descriptor")
    descriptor = found if isinstance(found, dict) else {}
    licences = descriptor.get("licenses")
    return ModelDescription(
        name=_text(descriptor.get("name")) or "",
        title=_text(descriptor.get("title")),
        licences=tuple(filter(None, map(_text, licences))) if isinstance(licences, list) else (),
    )


def type_of_role(role: str) -> str:
    """The media type of a layer that holds a file of this role."""
    return _TYPE_OF_ROLE.get(role, WEIGHT_CONFIG_TYPE)


def file_path(layer: Descriptor) -> str | None:
    """What a layer's file is called: ModelPack's annotation, or the one every OCI tool writes."""
    return layer.annotations.get(FILE_PATH) or layer.annotations.get(TITLE)


def role_of(layer: Descriptor, *, is_gguf: bool) -> str | None:
    """What a layer is for; None when it is nothing that a model here is made of.

    `is_gguf` is whether its bytes begin as a GGUF file does, which outweighs any media type.
    """
    name = (file_path(layer) or "").rsplit("/", 1)[-1].lower()
    known = _ROLE_OF_TYPE.get(layer.media_type)
    if is_gguf:
        if known in {"projector", "adapter"}:
            return known
        return "projector" if "mmproj" in name else "weights"
    if known:
        return None if known == "weights" else known
    if layer.media_type == WEIGHT_CONFIG_TYPE:
        return "template" if name.endswith(".jinja") else "other"
    if layer.media_type == DOC_TYPE or _LICENCE_NAME.match(name):
        return "licence" if _LICENCE_NAME.match(name) else "document"
    return None


def is_tar(layer: Descriptor) -> bool:
    """Whether a layer is a tar of files, not compressed: how modctl packs them unless told."""
    return re.fullmatch(_TAR_TYPE, layer.media_type) is not None


def is_safe_path(path: str) -> bool:
    """Whether a layer's file path stays where it is put: relative, plain, not absurdly long."""
    parts = path.split("/")
    is_plain = path.isprintable() and not any(mark in path for mark in "\\:")
    return is_plain and len(path) <= 512 and not any(part in {"", ".", ".."} for part in parts)


def _parameter_size(count: int) -> str:
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
        if count >= size:
            return f"{count / size:.1f}{letter}"
    return str(count)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
