"""What a layer of a model in an OCI registry is for, and the name its file gets.

Knows the layers of Ollama, of CNCF ModelPack and of Docker's model images, and plain files with
a title as `oras` pushes them. What it does not know is offered all the same, as an unnamed file.
Layers that are archives cannot be owned as files: they are told apart, not unpacked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from freehold.errors import SourceError
from freehold.sources.interface import Role
from freehold.sources.manifests import Descriptor

_OLLAMA = "application/vnd.ollama.image."
_DOCKER = "application/vnd.docker.ai."
TENSOR = _OLLAMA + "tensor"
"""One tensor of a model kept in Ollama's own format for Apple's MLX."""

# A name of None: called after the model.
_KNOWN: dict[str, tuple[Role, str | None]] = {
    _OLLAMA + "model": (Role.WEIGHTS, None),
    _OLLAMA + "projector": (Role.PROJECTOR, "mmproj.gguf"),
    _OLLAMA + "adapter": (Role.ADAPTER, "adapter.gguf"),
    _OLLAMA + "template": (Role.TEMPLATE, "template.gotmpl"),
    _OLLAMA + "prompt": (Role.TEMPLATE, "template.gotmpl"),
    _OLLAMA + "system": (Role.SYSTEM, "system.txt"),
    _OLLAMA + "params": (Role.PARAMS, "params.json"),
    _OLLAMA + "messages": (Role.MESSAGES, "messages.json"),
    _OLLAMA + "license": (Role.LICENCE, "LICENSE"),
    _DOCKER + "gguf.v3": (Role.WEIGHTS, None),
    _DOCKER + "safetensors": (Role.WEIGHTS, "model.safetensors"),
    _DOCKER + "mmproj": (Role.PROJECTOR, "mmproj.gguf"),
    _DOCKER + "chat.template.jinja": (Role.TEMPLATE, "chat_template.jinja"),
    _DOCKER + "license": (Role.LICENCE, "LICENSE"),
}
_MODELPACK = re.compile(
    r"application/vnd\.(?:cncf|cnai)\.model\.(weight\.config|weight|doc|code|dataset)\.v1\.(.+)"
)
# What a kind usually is, and what the file's name may show it to be instead.
_MODELPACK_ROLES: dict[str, tuple[Role, frozenset[Role]]] = {
    "weight": (Role.WEIGHTS, frozenset({Role.PROJECTOR})),
    "weight.config": (Role.OTHER, frozenset({Role.TEMPLATE})),
    "doc": (Role.DOCUMENT, frozenset({Role.LICENCE})),
    "code": (Role.OTHER, frozenset()),
    "dataset": (Role.OTHER, frozenset()),
}
_NAMES = (
    "org.cncf.model.filepath",
    "org.cnai.model.filepath",
    "org.opencontainers.image.title",
)
_LICENCE = re.compile(r"(licen[cs]e|copying|notice|terms|use_policy|usage_policy)", re.IGNORECASE)
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)
"""Names that open a device on Windows, whatever their suffix."""
_TEXT_SUFFIXES = frozenset({"", ".txt", ".md", ".html", ".rst"})
_ARCHIVES = ("tar", "tar+gzip", "tar+zstd", "tar.gzip", "tar.zstd")


@dataclass(frozen=True)
class Layer:
    """A layer as a file."""

    descriptor: Descriptor
    role: Role
    name: str
    """A relative path with forward slashes that stays inside its folder, unlike all others."""
    packed: bool = False
    """Whether the bytes are an archive rather than the file itself."""
    extra: bool = False
    """Whether it is something to study by, like a data set, rather than a part of the model."""


def layers_of(descriptors: Iterable[Descriptor], model: str, host: str) -> tuple[Layer, ...]:
    """Every layer with its role and a name of its own; `model` names what has no other name.

    Raises SourceError for a name that would lead out of its folder.
    """
    taken: set[str] = set()
    counts: dict[str, int] = {}
    found = []
    for descriptor in descriptors:
        layer = _layer(descriptor, model, host)
        name, path = layer.name, PurePosixPath(layer.name)
        while name.casefold() in taken:  # some file systems do not tell A from a
            counts[layer.name] = counts.get(layer.name, 1) + 1
            name = str(path.with_name(f"{path.stem}-{counts[layer.name]}{path.suffix}"))
        taken.add(name.casefold())
        found.append(Layer(descriptor, layer.role, name, layer.packed, layer.extra))
    return tuple(found)


def _layer(descriptor: Descriptor, model: str, host: str) -> Layer:
    media_type = descriptor.media_type.partition(";")[0].strip().lower()
    given = next(
        (descriptor.annotations[key] for key in _NAMES if key in descriptor.annotations), ""
    )
    name = safe_name(given, host) if given else None
    if media_type in _KNOWN:
        role, usual = _KNOWN[media_type]
        return Layer(descriptor, role, name or usual or f"{model}.gguf")
    if match := _MODELPACK.fullmatch(media_type):
        return _modelpack(descriptor, name, match[1], packed=match[2] != "raw")
    fallback = f"layer-{descriptor.digest.short}"
    if name is None:
        return Layer(descriptor, Role.OTHER, fallback, packed=media_type.endswith(_ARCHIVES))
    # oras calls every file a tar; what really is one (a pushed folder) it marks to be unpacked.
    packed = descriptor.annotations.get("io.deis.oras.content.unpack") == "true"
    return Layer(descriptor, Role.OTHER if packed else role_by_name(name), name, packed)


def _modelpack(descriptor: Descriptor, name: str | None, kind: str, packed: bool) -> Layer:
    name = name or f"{kind.replace('.', '-')}-{descriptor.digest.short}"
    usual, others = _MODELPACK_ROLES[kind]
    by_name = role_by_name(name)
    role = by_name if by_name in others else usual
    return Layer(descriptor, role, name, packed, extra=kind in {"dataset", "code"})


def role_by_name(name: str) -> Role:
    """What a file is for, as far as its name tells."""
    path = PurePosixPath(name.lower())
    match path.suffix:
        case ".gguf":
            return Role.PROJECTOR if "mmproj" in path.name else Role.WEIGHTS
        case ".safetensors":
            return Role.WEIGHTS
        case ".jinja" | ".gotmpl":
            return Role.TEMPLATE
    if path.suffix in _TEXT_SUFFIXES and _LICENCE.match(path.name):
        return Role.LICENCE
    return Role.DOCUMENT if path.suffix in {".md", ".txt", ".html", ".rst"} else Role.OTHER


def safe_name(name: str, host: str) -> str:
    """The name, if it can only mean a file inside a folder on every system.

    Raises SourceError, naming the host that gave it.
    """
    parts = name.removeprefix("./").split("/")
    # An ending dot is . or .. or a name that Windows changes.
    bad = any(not part or part[-1] in " ." or _DEVICE.match(part) for part in parts)
    if bad or len(name) > 255 or not name.isprintable() or set(name) & set('\\:*?"<>|'):
        raise SourceError(
            f"{host} names a file of this model {name[:80]!r}, which was refused.",
            "A name must stay inside its folder and be valid on every system: use another source.",
        )
    return "/".join(parts)
