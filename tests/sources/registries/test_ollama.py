"""Ollama's registry as it behaves: plain text, no lengths, blobs elsewhere."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from freehold.errors import HashMismatch, NotFound, UsageError
from freehold.names import ModelRef, Scheme
from freehold.progress import SILENT
from freehold.sources.interface import Offer, OfferedFile, Role
from freehold.sources.manifests import digest_of
from freehold.sources.ollama import OllamaSource
from freehold.transfer.fetch import Fetcher
from freehold.transfer.http import HttpClient

if TYPE_CHECKING:
    from tests.sources.registries.conftest import Answer, FakeRegistry

KIND = "application/vnd.ollama.image."
CONFIG = {"model_format": "gguf", "model_family": "llama", "model_type": "1B", "file_type": "Q4_0"}
LLAMA = b"LLAMA 3.2 COMMUNITY LICENSE AGREEMENT\n\nSome terms."
LAYERS = [
    (KIND + "model", b"GGUF" + bytes(range(256)) * 1200),
    (KIND + "projector", b"GGUF projector"),
    (KIND + "template", b"{{ .Prompt }}"),
    (KIND + "system", b"Be kind."),
    (KIND + "params", b'{"stop": ["<|eot|>"]}'),
    (KIND + "messages", b'[{"role": "user", "content": "Hello"}]'),
    (KIND + "license", LLAMA),
    (KIND + "license", b"Llama 3.2 Acceptable Use Policy"),
    (KIND + "something.new", b"from the future"),
]


class OllamaRegistry:
    """Answers as registry.ollama.ai does; its blobs are at another host."""

    def __init__(self, fake: FakeRegistry, storage: FakeRegistry) -> None:
        self.fake, self.storage = fake, storage
        fake.decorate = self.as_ollama_does
        config = ("application/vnd.docker.container.image.v1+json", json.dumps(CONFIG).encode())
        self.digest = fake.push("library/llama3.2", "latest", LAYERS, config)
        fake.push("library/llama3.2", "1b", LAYERS[:1], config)
        fake.push("ann/llama3.2", "latest", LAYERS[:1], config)
        self.forward()

    def as_ollama_does(self, answer: Answer) -> Answer:
        return replace(answer, headers={"Content-Type": "text/plain"}, length=False)

    def forward(self) -> None:
        for path, (answer,) in list(self.fake.answers.items()):
            if "/blobs/" in path:
                self.storage.say("/far" + path, answer)
                self.fake.give(path, status=307, Location=f"{self.storage.url}/far{path}")


@pytest.fixture
def ollama(fake: FakeRegistry, other: FakeRegistry) -> OllamaRegistry:
    return OllamaRegistry(fake, other)


@pytest.fixture
def source(client: HttpClient, ollama: OllamaRegistry) -> OllamaSource:
    return OllamaSource(client, host=ollama.fake.host)


def resolve(source: OllamaSource, name: str) -> Offer:
    return source.resolve(ModelRef.parse(f"ollama:{name}"))


def fetch(client: HttpClient, file: OfferedFile, target: Path) -> bytes:
    (piece,) = file.pieces
    with SILENT.task("fetch") as task:
        Fetcher(client).fetch(piece.remote, target, task)
    return target.read_bytes()


def test_each_layer_is_a_file_with_its_role(source: OllamaSource, ollama: OllamaRegistry) -> None:
    found = resolve(source, "llama3.2")
    assert [(each.name, each.role) for each in found.files] == [
        ("llama3.2.gguf", Role.WEIGHTS),
        ("mmproj.gguf", Role.PROJECTOR),
        ("template.gotmpl", Role.TEMPLATE),
        ("system.txt", Role.SYSTEM),
        ("params.json", Role.PARAMS),
        ("messages.json", Role.MESSAGES),
        ("LICENSE", Role.LICENCE),
        ("LICENSE-2", Role.LICENCE),
        (f"layer-{digest_of(b'from the future').short}", Role.OTHER),
    ]
    assert [each.sha256 for each in found.files] == [digest_of(each[1]) for each in LAYERS]
    assert found.revision == ollama.digest
    assert found.title == "llama3.2:latest (llama, 1B, Q4_0)"
    assert found.licence.name == "Llama 3.2 Community License"
    assert found.licence.spdx is None
    assert found.licence.text is not None
    assert "Acceptable Use Policy" in found.licence.text


def test_the_blobs_arrive_from_wherever_they_are(
    source: OllamaSource, ollama: OllamaRegistry, client: HttpClient, tmp_path: Path
) -> None:
    for number, file in enumerate(resolve(source, "llama3.2").files):
        assert fetch(client, file, tmp_path / file.name) == LAYERS[number][1]
    assert ollama.storage.asked


def test_a_registry_that_serves_blobs_itself_and_says_where(
    source: OllamaSource, ollama: OllamaRegistry, client: HttpClient, tmp_path: Path
) -> None:
    """200 with a Location: what a registry must do to please Ollama's own client."""
    for path, (answer,) in list(ollama.storage.answers.items()):
        here = path.removeprefix("/far")
        headers = {"Location": ollama.fake.url + here, "Content-Type": "application/octet-stream"}
        ollama.fake.say(here, replace(answer, headers=headers))
    found = resolve(source, "llama3.2")
    assert fetch(client, found.files[0], tmp_path / "model") == LAYERS[0][1]
    assert not ollama.storage.asked


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("llama3.2", "library/llama3.2/manifests/latest"),
        ("llama3.2:1b", "library/llama3.2/manifests/1b"),
        ("library/llama3.2", "library/llama3.2/manifests/latest"),
        ("ann/llama3.2", "ann/llama3.2/manifests/latest"),
    ],
)
def test_ollamas_defaults(
    source: OllamaSource, ollama: OllamaRegistry, name: str, path: str
) -> None:
    found = resolve(source, name)
    assert ollama.fake.paths()[0] == f"/v2/{path}"
    assert found.ref == ModelRef.parse(f"ollama:{name}")
    assert "/v2/" not in ollama.fake.paths()  # ollama.ai is not to be pinged


def test_a_host_in_the_name(client: HttpClient, ollama: OllamaRegistry) -> None:
    found = resolve(OllamaSource(client), f"{ollama.fake.host}/ann/llama3.2:latest")
    assert found.files[0].pieces[0].remote.urls[0].startswith(f"{ollama.fake.url}/v2/ann/llama3.2/")
    assert found.homepage is None


def test_a_digest_in_place_of_the_tag(source: OllamaSource, ollama: OllamaRegistry) -> None:
    ref = ModelRef(Scheme.OLLAMA, "llama3.2", None, ollama.digest)
    assert source.resolve(ref).revision == ollama.digest
    (wrong,) = ollama.fake.answers["/v2/library/llama3.2/manifests/1b"]
    ollama.fake.say(f"/v2/library/llama3.2/manifests/{ollama.digest}", wrong)
    with pytest.raises(HashMismatch):
        source.resolve(ref)
    with pytest.raises(UsageError, match="not a SHA-256"):
        source.resolve(ModelRef(Scheme.OLLAMA, "llama3.2", None, "sha256:abc"))


def test_the_usual_registry_is_ollamas_over_tls(client: HttpClient) -> None:
    registry = OllamaSource(client)._registry(ModelRef.parse("ollama:smollm2:135m"))
    assert (registry.host, registry.repository) == ("registry.ollama.ai", "library/smollm2")


@pytest.mark.parametrize("name", ["localhost:5000/tiny", "models.example/tiny", "127.0.0.1:1/x:y"])
def test_a_host_without_a_namespace_is_not_guessed(source: OllamaSource, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(source, name)
    assert "oci:host/name:tag" in str(caught.value.hint)


def test_a_name_that_is_not_there(source: OllamaSource) -> None:
    with pytest.raises(NotFound, match=r"library/llama9:70b"):
        resolve(source, "llama9:70b")


def test_tags_where_a_registry_tells_them(source: OllamaSource, ollama: OllamaRegistry) -> None:
    ref = ModelRef.parse("ollama:llama3.2")
    with pytest.raises(NotFound):
        source.tags(ref)
    ollama.fake.give("/v2/library/llama3.2/tags/list", b'{"tags": ["latest", "1b"]}')
    assert source.tags(ref) == ("latest", "1b")
