"""What each layer becomes: its role, and a name that is safe and its own."""

from __future__ import annotations

import pytest

from freehold.errors import SourceError
from freehold.names import Digest
from freehold.sources.interface import Role
from freehold.sources.layers import Layer, layers_of
from freehold.sources.manifests import Descriptor

HEX = "cd" * 32
TITLE = "org.opencontainers.image.title"
PATH = "org.cncf.model.filepath"
OCI_TAR = "application/vnd.oci.image.layer.v1.tar"


def of(*layers: tuple[str, dict[str, str]]) -> tuple[Layer, ...]:
    found = (Descriptor(kind, Digest(HEX), 5, annotations) for kind, annotations in layers)
    return layers_of(found, "llama-1b", "host.example")


def one(media_type: str, **annotations: str) -> tuple[Role, str, bool, bool]:
    keys = {"title": TITLE, "path": PATH, "old": "org.cnai.model.filepath"}
    keys["unpack"] = "io.deis.oras.content.unpack"
    (layer,) = of((media_type, {keys[name]: value for name, value in annotations.items()}))
    return layer.role, layer.name, layer.packed, layer.extra


@pytest.mark.parametrize(
    ("kind", "role", "name"),
    [
        ("model", Role.WEIGHTS, "llama-1b.gguf"),
        ("projector", Role.PROJECTOR, "mmproj.gguf"),
        ("adapter", Role.ADAPTER, "adapter.gguf"),
        ("template", Role.TEMPLATE, "template.gotmpl"),
        ("system", Role.SYSTEM, "system.txt"),
        ("params", Role.PARAMS, "params.json"),
        ("messages", Role.MESSAGES, "messages.json"),
        ("license", Role.LICENCE, "LICENSE"),
    ],
)
def test_ollamas_layers(kind: str, role: Role, name: str) -> None:
    media_type = f"application/vnd.ollama.image.{kind}"
    assert one(media_type) == (role, name, False, False)
    assert one(f"{media_type.upper()}; x=y") == (role, name, False, False)


@pytest.mark.parametrize(
    ("kind", "role", "name"),
    [
        ("gguf.v3", Role.WEIGHTS, "llama-1b.gguf"),
        ("mmproj", Role.PROJECTOR, "mmproj.gguf"),
        ("chat.template.jinja", Role.TEMPLATE, "chat_template.jinja"),
        ("license", Role.LICENCE, "LICENSE"),
    ],
)
def test_dockers_layers(kind: str, role: Role, name: str) -> None:
    assert one(f"application/vnd.docker.ai.{kind}") == (role, name, False, False)


@pytest.mark.parametrize(
    ("kind", "name", "role"),
    [
        ("weight", "a/model.gguf", Role.WEIGHTS),
        ("weight", "pytorch_model.bin", Role.WEIGHTS),
        ("weight", "mmproj-f16.gguf", Role.PROJECTOR),
        ("weight.config", "tokenizer.json", Role.OTHER),
        ("weight.config", "chat_template.jinja", Role.TEMPLATE),
        ("doc", "LICENSE", Role.LICENCE),
        ("doc", "README.md", Role.DOCUMENT),
        ("code", "run.py", Role.OTHER),
        ("dataset", "train.jsonl", Role.OTHER),
    ],
)
def test_modelpacks_layers(kind: str, name: str, role: Role) -> None:
    extra = kind in {"code", "dataset"}
    raw = f"application/vnd.cncf.model.{kind}.v1.raw"
    assert one(raw, path=name) == (role, name, False, extra)
    assert one(raw.replace("cncf", "cnai"), old=name) == (role, name, False, extra)
    for packing in ("tar", "tar+gzip", "tar+zstd"):
        media_type = f"application/vnd.cncf.model.{kind}.v1.{packing}"
        assert one(media_type, path=name) == (role, name, True, extra)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("model-00001-of-00002.gguf", Role.WEIGHTS),
        ("Model.GGUF", Role.WEIGHTS),
        ("null.gguf", Role.WEIGHTS),
        ("sub/mmproj-model-f16.gguf", Role.PROJECTOR),
        ("model.safetensors", Role.WEIGHTS),
        ("LICENSE", Role.LICENCE),
        ("LICENCE.txt", Role.LICENCE),
        ("COPYING", Role.LICENCE),
        ("USE_POLICY.md", Role.LICENCE),
        ("README.md", Role.DOCUMENT),
        ("licensed_words.json", Role.OTHER),
        ("chat.jinja", Role.TEMPLATE),
        ("archive.zip", Role.OTHER),
    ],
)
def test_a_plain_file_is_known_by_its_title(name: str, role: Role) -> None:
    # oras calls every file a layer of an image unless told otherwise
    assert one(OCI_TAR, title=name) == (role, name, False, False)
    assert one("application/octet-stream", title=f"./{name}") == (role, name, False, False)


def test_a_pushed_folder_is_an_archive() -> None:
    assert one(OCI_TAR + "+gzip", title="models.gguf", unpack="true")[::2] == (Role.OTHER, True)


def test_what_is_not_known_is_still_a_file() -> None:
    unnamed = f"layer-{HEX[:12]}"
    assert one("application/vnd.ollama.image.thoughts") == (Role.OTHER, unnamed, False, False)
    assert one("") == (Role.OTHER, unnamed, False, False)
    for packed in ("application/vnd.docker.image.rootfs.diff.tar.gzip", OCI_TAR, OCI_TAR + "+zstd"):
        assert one(packed) == (Role.OTHER, unnamed, True, False)


def test_names_are_told_apart_on_every_file_system() -> None:
    licence: tuple[str, dict[str, str]] = ("application/vnd.ollama.image.license", {})
    weights = [(OCI_TAR, {TITLE: name}) for name in ("a.gguf", "A.gguf", "a-2.gguf", "a.gguf")]
    found = of(licence, licence, licence, *weights)
    names = [each.name for each in found]
    assert names[:5] == ["LICENSE", "LICENSE-2", "LICENSE-3", "a.gguf", "A-2.gguf"]
    assert len({name.casefold() for name in names}) == len(names)
    assert all(name.endswith(".gguf") for name in names[3:])


def test_many_layers_of_one_name_take_no_time() -> None:
    found = of(*[("application/vnd.ollama.image.license", {})] * 20_000)
    assert found[-1].name == "LICENSE-20000"


@pytest.mark.parametrize(
    "name",
    [
        "../evil.gguf",
        "a/../../evil.gguf",
        "/etc/evil.gguf",
        "a//b.gguf",
        "a/./b.gguf",
        "..",
        ".",
        "./",
        "a\\b.gguf",
        "C:evil.gguf",
        "evil.gguf ",
        "evil.",
        "evil\n.gguf",
        "evil\x1b[2J.gguf",
        "e\u202evil.gguf",
        "nul\0.gguf",
        "x" * 256,
        "what?.gguf",
        "NUL.gguf",
        "a/com1",
    ],
)
def test_a_name_that_could_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(SourceError, match=r"host\.example.*refused") as caught:
        one(OCI_TAR, title=name)
    assert "\x1b" not in str(caught.value)
    with pytest.raises(SourceError, match="refused"):
        one("application/vnd.ollama.image.model", title=name)
