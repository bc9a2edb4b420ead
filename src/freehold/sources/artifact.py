"""From the manifest of a model in an OCI registry to an offer: files, licence, title.

Reads the small documents beside the weights (configuration, licence texts) and nothing else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from freehold.errors import NotFound, SourceError
from freehold.names import ModelRef
from freehold.sources import licence_texts
from freehold.sources.interface import LicenceClaim, Offer, OfferedFile, Piece, Role
from freehold.sources.layers import TENSOR, Layer, layers_of
from freehold.sources.manifests import Manifest
from freehold.sources.oci_registry import Registry

_CONFIG_LIMIT = 1 << 20
_MOST_LICENCES = 8
_CONFIGS = (
    "application/vnd.cncf.model.config.",
    "application/vnd.cnai.model.config.",
    "application/vnd.docker.ai.model.config.",
)
_OLLAMA = "application/vnd.ollama.image."
_ANNOTATION = "org.opencontainers.image."


@dataclass(frozen=True)
class Configuration:
    """What a model's configuration says of it, in any of the three makes."""

    name: str | None = None
    facts: tuple[str, ...] = ()
    """Family, size, quantization, as its packer wrote them."""
    licence: str | None = None
    """An SPDX expression."""
    homepage: str | None = None


def offer(
    registry: Registry, manifest: Manifest, ref: ModelRef, title: str, homepage: str | None = None
) -> Offer:
    """Everything under one manifest. `title` is what it is called when it says nothing itself.

    Layers that are archives, and data sets and code, are alternatives. Raises NotFound when
    there are no weights among the layers.
    """
    name = registry.repository.rpartition("/")[2]
    model = f"{name}-{ref.revision}" if ref.revision and ":" not in ref.revision else name
    layers = layers_of(manifest.layers, model, registry.host)
    _check_weights(layers, registry.host, title)
    configuration = _configuration(registry, manifest)
    annotations = manifest.annotations
    stated = annotations.get(f"{_ANNOTATION}licenses") or configuration.licence
    pages = (
        configuration.homepage,
        annotations.get(f"{_ANNOTATION}url"),
        annotations.get(f"{_ANNOTATION}source"),
        homepage,
    )
    own_name = configuration.name or annotations.get(f"{_ANNOTATION}title")
    return Offer(
        ref=ref,
        revision=str(manifest.digest),
        title=_title(own_name or title, configuration.facts),
        files=tuple(_file(registry, each) for each in layers if _is_part(each)),
        alternatives=tuple(_file(registry, each) for each in layers if not _is_part(each)),
        licence=_licence(registry, layers, stated),
        homepage=next((page for page in pages if page and _is_page(page)), None),
    )


def _is_part(layer: Layer) -> bool:
    return not layer.packed and not layer.extra


def _file(registry: Registry, layer: Layer) -> OfferedFile:
    size = layer.descriptor.size
    piece = Piece(registry.remote(layer.descriptor), size=size)
    return OfferedFile(layer.name, layer.role, (piece,), size, layer.descriptor.digest)


def _check_weights(layers: tuple[Layer, ...], host: str, title: str) -> None:
    weights = [each for each in layers if each.role in {Role.WEIGHTS, Role.ADAPTER}]
    if any(not each.packed for each in weights):
        return
    if weights:
        raise NotFound(
            f"{host} has {title} with its weights packed in an archive, which Freehold cannot own.",
            "Ask its publisher for one with the weights as they are (ModelPack: …weight.v1.raw).",
        )
    if any(each.descriptor.media_type.startswith(TENSOR) for each in layers):
        raise NotFound(
            f"{host} has {title} only in Ollama's format for Apple's MLX, tensor by tensor.",
            "Choose another tag: most models have one with a GGUF file.",
        )
    raise NotFound(
        f"{host} has {title}, but it holds no model weights.",
        "It may be a container image of a program rather than a model.",
    )


def _licence(registry: Registry, layers: tuple[Layer, ...], stated: str | None) -> LicenceClaim:
    texts = [
        each.descriptor
        for each in layers
        if each.role is Role.LICENCE
        and not each.packed
        and each.descriptor.size <= licence_texts.LIMIT
    ]
    read = [
        registry.blob(each, licence_texts.LIMIT, "the licence").decode("utf-8", "replace")
        for each in texts[:_MOST_LICENCES]
    ]
    return licence_texts.claim(read, stated)


def _configuration(registry: Registry, manifest: Manifest) -> Configuration:
    config = manifest.config
    if config is None or config.size > _CONFIG_LIMIT:
        return Configuration()
    ollama = any(each.media_type.startswith(_OLLAMA) for each in manifest.layers)
    if not ollama and not config.media_type.startswith(_CONFIGS):
        return Configuration()
    what = "the model's configuration"
    try:
        document = json.loads(registry.blob(config, _CONFIG_LIMIT, what))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{registry.host} sent {what}, which is not JSON.") from error
    if not isinstance(document, dict):
        raise SourceError(f"{registry.host} sent {what}, which is not a JSON object.")
    return _from_ollama(document) if ollama else _from_model_config(document)


def _from_ollama(document: dict[str, Any]) -> Configuration:
    return Configuration(facts=_facts(document, "model_family", "model_type", "file_type"))


def _from_model_config(document: dict[str, Any]) -> Configuration:
    descriptor, config = _part(document, "descriptor"), _part(document, "config")
    licences = descriptor.get("licenses")
    stated = [
        f"({each})" if " " in each else each
        for each in (licences if isinstance(licences, list) else [])
        if isinstance(each, str)
    ]
    names = _facts(descriptor, "title", "name")
    pages = _facts(descriptor, "sourceURL", "docURL")
    return Configuration(
        name=names[0] if names else None,
        facts=_facts(config, "architecture", "paramSize", "parameters", "quantization"),
        licence=" AND ".join(stated) or None,
        homepage=pages[0] if pages else None,
    )


def _part(document: dict[str, Any], key: str) -> dict[str, Any]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _facts(document: dict[str, Any], *keys: str) -> tuple[str, ...]:
    values = (document.get(key) for key in keys)
    return tuple(value for value in values if isinstance(value, str) and value)


def _title(name: str, facts: tuple[str, ...]) -> str:
    whole = f"{name} ({', '.join(facts)})" if facts else name
    return "".join(each for each in whole if each.isprintable())[:200]


def _is_page(address: str) -> bool:
    return address.startswith(("https://", "http://")) and address.isprintable()
