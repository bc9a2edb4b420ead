"""A model as Ollama's registry keeps models: a manifest, a configuration, a layer for each file.

https://github.com/ollama/ollama: server/images.go and server/manifest.go say what its client reads.
"""

from __future__ import annotations

import json

from freehold.formats.oci_layout import DOCKER_MANIFEST_TYPE
from freehold.share.oci import Packed
from freehold.share.published import PublishedFile, PublishedModel, document

_CONFIG_TYPE = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.ollama.image."
_LAYERS = {
    "weights": "model",
    "adapter": "adapter",
    "projector": "projector",
    "template": "template",
    "system": "system",
    "params": "params",
    "messages": "messages",
    "licence": "license",
}


def pack(model: PublishedModel) -> Packed | None:
    """The model for Ollama; None for what it has no form for.

    That is weights in several files or in another format than GGUF, and an adapter alone.
    """
    weights = [file for file in model.owned if file.role == "weights"]
    if len(weights) != 1 or not model.model.runs:
        return None
    layers = [(file, _LAYERS[file.role]) for file in model.owned if _is_for_ollama(file)]
    config = document("config.json", "config", _config(model, layers))
    body = {
        "schemaVersion": 2,
        "mediaType": DOCKER_MANIFEST_TYPE,
        "config": _descriptor(_CONFIG_TYPE, config),
        "layers": [_descriptor(_LAYER + kind, file) for file, kind in layers],
    }
    blobs = {file.digest: file for file, _ in layers} | {config.digest: config}
    return Packed(DOCKER_MANIFEST_TYPE, _written(body), blobs)


def _is_for_ollama(file: PublishedFile) -> bool:
    """Ollama's templates are Go's; one in Jinja it could only misread."""
    return file.role in _LAYERS and not (
        file.role == "template" and file.path.lower().endswith(".jinja")
    )


def _config(model: PublishedModel, layers: list[tuple[PublishedFile, str]]) -> bytes:
    facts = model.story.facts
    family, parameters = facts.get("architecture"), facts.get("parameters")
    known = {
        "model_format": "gguf",
        "model_family": family,
        "model_families": [family] if family else None,
        "model_type": _in_letters(parameters) if isinstance(parameters, int) else None,
        "file_type": facts.get("quantization"),
        "architecture": "amd64",
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [str(file.digest) for file, _ in layers]},
    }
    return _written({name: value for name, value in known.items() if value})


def _in_letters(count: int) -> str:
    """Parameters as Ollama shows them: `134.52M`, `8.0B`."""
    if count >= 10**9:
        return f"{count / 10**9:.1f}B"
    return f"{count / 10**6:.2f}M" if count >= 10**6 else f"{count / 10**3:.2f}K"


def _descriptor(media_type: str, file: PublishedFile) -> dict[str, object]:
    return {"mediaType": media_type, "digest": str(file.digest), "size": file.size}


def _written(body: dict[str, object]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
