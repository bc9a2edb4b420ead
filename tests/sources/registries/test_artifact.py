"""From a manifest to an offer: what is fetched, what is left to choose, what is said of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from freehold.errors import HashMismatch, NotFound, SourceError
from freehold.names import ModelRef
from freehold.sources.artifact import offer
from freehold.sources.interface import Offer, Role
from freehold.sources.manifests import OCI_MANIFEST, digest_of
from freehold.sources.oci_registry import Registry
from freehold.transfer.http import HttpClient

if TYPE_CHECKING:
    from tests.sources.registries.conftest import FakeRegistry

OLLAMA = "application/vnd.ollama.image."
PACK = "application/vnd.cncf.model."
PATH = "org.cncf.model.filepath"
CONFIG = "application/vnd.cncf.model.config.v1+json"
GGUF = (OLLAMA + "model", b"GGUF and more")
RAW = (PACK + "weight.v1.raw", b"GGUF and more", {PATH: "tiny-q4.gguf"})


class Offers:
    """Pushes a model and resolves it."""

    def __init__(self, client: HttpClient, fake: FakeRegistry) -> None:
        self.client, self.fake = client, fake

    def __call__(self, *layers: Any, homepage: str | None = None, **fields: Any) -> Offer:
        fake = self.fake
        fake.push("models/tiny", "1b", layers, **fields)
        registry = Registry(self.client, fake.host, "models/tiny")
        ref = ModelRef.parse(f"oci:{fake.host}/models/tiny:1b")
        return offer(registry, registry.manifest("1b"), ref, "models/tiny:1b", homepage)


@pytest.fixture
def offers(client: HttpClient, fake: FakeRegistry) -> Offers:
    return Offers(client, fake)


def config(document: object) -> tuple[str, bytes]:
    return CONFIG, document if isinstance(document, bytes) else json.dumps(document).encode()


def test_every_layer_is_a_file_with_its_own_address(offers: Offers) -> None:
    found = offers(GGUF, (OLLAMA + "params", b'{"stop": []}'), config=("x/y", b'{"a": 1}'))
    assert [(each.name, each.role, each.size) for each in found.files] == [
        ("tiny-1b.gguf", Role.WEIGHTS, len(GGUF[1])),
        ("params.json", Role.PARAMS, 12),
    ]
    for each in found.files:
        (piece,) = each.pieces
        assert each.sha256 is not None
        assert piece.remote.sha256 == each.sha256
        assert piece.remote.size == piece.size == each.size == each.download_size
        url = f"http://{offers.fake.host}/v2/models/tiny/blobs/{each.sha256}"
        assert piece.remote.urls == (url,)
    assert found.alternatives == ()
    assert found.title == "models/tiny:1b"


def test_the_licence_text_is_read_and_weights_are_not(offers: Offers, repository: Path) -> None:
    apache = (repository / "LICENSE").read_bytes()
    found = offers(GGUF, (OLLAMA + "license", apache))
    assert found.licence.spdx == "Apache-2.0"
    assert found.licence.text == apache.decode()
    asked = [path for path in offers.fake.paths() if "/blobs/" in path]
    weights = str(found.files[0].sha256)
    assert asked
    assert not any(weights in path for path in asked)


def test_a_damaged_licence_is_not_shown(offers: Offers, repository: Path) -> None:
    apache = (repository / "LICENSE").read_bytes()
    offers(GGUF, (OLLAMA + "license", apache))
    damaged = bytearray(apache)
    damaged[1000] ^= 1
    offers.fake.give(f"/v2/models/tiny/blobs/{digest_of(apache)}", bytes(damaged))
    registry = Registry(offers.client, offers.fake.host, "models/tiny")
    with pytest.raises(HashMismatch, match="the licence"):
        offer(registry, registry.manifest("1b"), ModelRef.parse("oci:h/a/b"), "x")


def test_a_licence_of_a_gigabyte_is_not_read(offers: Offers) -> None:
    found = offers(GGUF, (OLLAMA + "license", b"x" * (300 << 10)))
    assert found.licence.text is None
    assert [each.role for each in found.files] == [Role.WEIGHTS, Role.LICENCE]


def test_ollamas_configuration_is_part_of_the_title(offers: Offers) -> None:
    document = {"model_family": "llama", "model_type": "1.2B", "file_type": "Q4_K_M", "os": "linux"}
    docker = ("application/vnd.docker.container.image.v1+json", json.dumps(document).encode())
    assert offers(GGUF, config=docker).title == "models/tiny:1b (llama, 1.2B, Q4_K_M)"


def test_a_modelpacks_configuration_says_what_it_is(offers: Offers) -> None:
    descriptor = {
        "name": "Tiny",
        "licenses": ["Apache-2.0", "MIT OR BSD-3-Clause"],
        "sourceURL": "https://models.example/tiny",
    }
    facts = {"architecture": "transformer", "paramSize": "1b", "quantization": "q4"}
    found = offers(
        RAW, config=config({"descriptor": descriptor, "config": facts}), media_type=OCI_MANIFEST
    )
    assert found.title == "Tiny (transformer, 1b, q4)"
    assert found.licence.spdx == "Apache-2.0 AND (MIT OR BSD-3-Clause)"
    assert found.homepage == "https://models.example/tiny"
    assert found.files[0].name == "tiny-q4.gguf"


def test_annotations_speak_where_there_is_no_configuration(offers: Offers) -> None:
    plain = ("application/octet-stream", b"GGUF", {"org.opencontainers.image.title": "m.gguf"})
    prefix = "org.opencontainers.image."
    found = offers(
        plain,
        annotations={
            prefix + "licenses": "apache-2.0",
            prefix + "title": "My model\x1b[31m",
            prefix + "source": "https://code.example",
            prefix + "url": "javascript:alert(1)",
        },
    )
    assert found.licence.spdx == "Apache-2.0"
    assert found.title == "My model[31m"
    assert found.homepage == "https://code.example"


@pytest.mark.parametrize("document", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_a_configuration_that_is_none_is_one_clear_error(offers: Offers, document: bytes) -> None:
    with pytest.raises(SourceError, match="configuration"):
        offers(RAW, config=config(document))


@pytest.mark.parametrize("part", [None, [], 5, "text", {"licenses": 5, "name": []}])
def test_odd_configurations_are_tolerated(offers: Offers, part: object) -> None:
    found = offers(RAW, config=config({"descriptor": part, "config": part}))
    assert found.title == "models/tiny:1b"
    assert found.licence.spdx is None


def test_archives_data_sets_and_code_are_left_to_choose(offers: Offers) -> None:
    extras = [
        (PACK + "doc.v1.tar", b"MIT", {PATH: "LICENSE"}),
        (PACK + "dataset.v1.raw", b"rows", {PATH: "train.jsonl"}),
        (PACK + "code.v1.raw", b"run", {PATH: "run.py"}),
    ]
    found = offers(RAW, *extras, (PACK + "doc.v1.raw", b"doc", {PATH: "CARD.md"}))
    assert [each.name for each in found.files] == ["tiny-q4.gguf", "CARD.md"]
    assert [each.name for each in found.alternatives] == ["LICENSE", "train.jsonl", "run.py"]
    assert found.licence.text is None


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        ([], "no model weights"),
        ([("application/vnd.docker.image.rootfs.diff.tar.gzip", b"tar")], "no model weights"),
        ([(OLLAMA + "template", b"{{ }}")], "no model weights"),
        ([(PACK + "weight.v1.tar", b"tar", {PATH: "m.gguf"})], "packed in an archive"),
        ([(OLLAMA + "tensor", b"tensor")], "tensor by tensor"),
    ],
)
def test_what_is_no_usable_model_says_why(offers: Offers, layers: list[Any], reason: str) -> None:
    with pytest.raises(NotFound, match=reason) as caught:
        offers(*layers)
    assert "models/tiny:1b" in caught.value.message
    assert caught.value.hint


def test_an_adapter_alone_is_a_model(offers: Offers) -> None:
    assert offers((OLLAMA + "adapter", b"GGUF")).files[0].role is Role.ADAPTER
