"""One repository: what arrives is proven, what misbehaves is one clear error, keys stay home."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from freehold.errors import AccessDenied, HashMismatch, NotFound, SourceError, Unreachable
from freehold.names import Digest
from freehold.sources import manifests
from freehold.sources.manifests import DOCKER_LIST, OCI_INDEX, OCI_MANIFEST, Descriptor
from freehold.sources.oci_registry import Registry
from freehold.transfer.http import HttpClient

if TYPE_CHECKING:
    from tests.sources.registries.conftest import Answer, FakeRegistry

GGUF = ("application/vnd.ollama.image.model", b"GGUF and more")
TAGS = "/v2/a/b/tags/list"


@pytest.fixture
def registry(client: HttpClient, fake: FakeRegistry) -> Registry:
    return Registry(client, fake.host, "a/b")


def blob(data: bytes) -> Descriptor:
    return Descriptor("application/x", manifests.digest_of(data), len(data))


def test_a_tag_and_its_digest_give_the_same_manifest(
    registry: Registry, fake: FakeRegistry
) -> None:
    digest = fake.push("a/b", "latest", [GGUF])
    by_tag, by_digest = registry.manifest("latest"), registry.manifest(digest)
    assert by_tag == by_digest
    assert str(by_tag.digest) == digest
    assert fake.asked[0].headers["Accept"].startswith(manifests.DOCKER_MANIFEST)
    assert OCI_INDEX in fake.asked[0].headers["Accept"]


def test_another_manifest_than_the_one_asked_for_is_refused(
    registry: Registry, fake: FakeRegistry
) -> None:
    digest = fake.push("a/b", "good", [GGUF])
    fake.push("a/b", "evil", [GGUF, GGUF])
    fake.answers[f"/v2/a/b/manifests/{digest}"] = fake.answers["/v2/a/b/manifests/evil"]
    with pytest.raises(HashMismatch, match="other bytes") as caught:
        registry.manifest(digest)
    assert digest in str(caught.value.hint)


def test_a_manifest_other_than_the_registry_announces_is_refused(
    registry: Registry, fake: FakeRegistry
) -> None:
    def announce(answer: Answer) -> Answer:
        return replace(answer, headers={"Docker-Content-Digest": f"sha256:{'0' * 64}"})

    fake.decorate = announce
    fake.push("a/b", "latest", [GGUF])
    with pytest.raises(HashMismatch, match="other bytes"):
        registry.manifest("latest")


@pytest.mark.parametrize(
    "kind", ["text/plain", "text/plain; charset=utf-8", "application/json", ""]
)
def test_the_content_type_and_the_length_do_not_matter(
    registry: Registry, fake: FakeRegistry, kind: str
) -> None:
    fake.decorate = lambda answer: replace(answer, headers={"Content-Type": kind}, length=False)
    digest = fake.push("a/b", "latest", [GGUF])
    assert str(registry.manifest("latest").digest) == digest


def test_a_web_page_is_not_a_manifest(registry: Registry, fake: FakeRegistry) -> None:
    page = b"<!doctype html><title>Log in</title>"
    fake.give("/v2/a/b/manifests/latest", page, Content_Type="text/html; charset=utf-8")
    with pytest.raises(SourceError, match="web page") as caught:
        registry.manifest("latest")
    assert caught.value.hint
    fake.give("/v2/a/b/manifests/latest", page, Content_Type="text/plain")
    with pytest.raises(SourceError, match="not a manifest"):
        registry.manifest("latest")


@pytest.mark.parametrize("length", [True, False])
def test_a_manifest_without_end_is_cut_off(
    registry: Registry, fake: FakeRegistry, length: bool
) -> None:
    fake.decorate = lambda answer: replace(answer, length=length)
    fake.put_manifest("a/b", "latest", b" " * (manifests.LIMIT + 1), "x/y")
    with pytest.raises(SourceError, match="4,194,304"):
        registry.manifest("latest")


def test_a_missing_tag_is_answered_with_the_tags_there_are(
    registry: Registry, fake: FakeRegistry
) -> None:
    fake.give(TAGS, b'{"tags": ["1b", "3b"]}')
    with pytest.raises(NotFound, match="a/b:8b") as caught:
        registry.manifest("8b")
    assert "1b, 3b" in str(caught.value.hint)


def test_a_missing_model_is_one_clear_error(registry: Registry) -> None:
    with pytest.raises(NotFound, match="a/b:latest") as caught:
        registry.manifest("latest")
    assert "spelling" in str(caught.value.hint)


def index_of(fake: FakeRegistry, *digests: str, size: int | None = None) -> None:
    entries = []
    for digest in digests:
        body = fake.answers[f"/v2/a/b/manifests/{digest}"][0].body
        entry = {"mediaType": OCI_MANIFEST, "digest": digest, "size": size or len(body)}
        entries.append(entry)
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
    fake.put_manifest("a/b", "latest", json.dumps(document).encode(), OCI_INDEX)


def test_a_list_leads_to_its_manifest(registry: Registry, fake: FakeRegistry) -> None:
    digest = fake.push("a/b", "one", [GGUF])
    index_of(fake, digest)
    assert str(registry.manifest("latest").digest) == digest
    index_of(fake, digest, size=3)
    with pytest.raises(HashMismatch, match="promised a manifest of 3 bytes"):
        registry.manifest("latest")


def test_a_list_is_not_believed_about_its_manifest(registry: Registry, fake: FakeRegistry) -> None:
    digest = fake.push("a/b", "one", [GGUF])
    fake.push("a/b", "two", [("application/vnd.ollama.image.model", b"GGUF but evil")])
    index_of(fake, digest)
    fake.answers[f"/v2/a/b/manifests/{digest}"] = fake.answers["/v2/a/b/manifests/two"]
    with pytest.raises(HashMismatch):
        registry.manifest("latest")


def test_lists_of_lists_end(registry: Registry, fake: FakeRegistry) -> None:
    raw = json.dumps({"schemaVersion": 2, "layers": []}).encode()
    fake.put_manifest("a/b", "bottom", raw, OCI_MANIFEST)
    for _ in range(5):
        entry = {"mediaType": DOCKER_LIST, "size": len(raw)}
        entry["digest"] = str(manifests.digest_of(raw))
        raw = json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode()
        fake.put_manifest("a/b", "latest", raw, OCI_INDEX)
    with pytest.raises(SourceError, match="lists of lists"):
        registry.manifest("latest")
    assert len(fake.asked) < 6


def test_a_small_blob_is_proven(registry: Registry, fake: FakeRegistry) -> None:
    fake.put_blob("a/b", b"some text")
    assert registry.blob(blob(b"some text"), 100, "the text") == b"some text"
    fake.give(f"/v2/a/b/blobs/{blob(b'some text').digest}", b"some tExt")
    with pytest.raises(HashMismatch, match="the text"):
        registry.blob(blob(b"some text"), 100, "the text")
    with pytest.raises(SourceError, match="too large"):
        registry.blob(blob(b"some text"), 8, "the text")
    fake.give(f"/v2/a/b/blobs/{blob(b'short').digest}", b"x" * 200)
    with pytest.raises(SourceError, match="more than 100 bytes"):
        registry.blob(blob(b"short"), 100, "the text")


def test_a_registry_that_falters_is_asked_again(registry: Registry, fake: FakeRegistry) -> None:
    fake.push("a/b", "latest", [GGUF])
    (good,) = fake.answers["/v2/a/b/manifests/latest"]
    fake.say("/v2/a/b/manifests/latest", replace(good, status=503, times=2), good)
    assert len(registry.manifest("latest").layers) == 1
    fake.say("/v2/a/b/manifests/latest", replace(good, status=503))
    with pytest.raises(Unreachable):
        registry.manifest("latest")


def challenged(fake: FakeRegistry, key: str, realm: str | None = None) -> None:
    """Everything pushed from now on wants a key."""
    header = f'Bearer realm="{realm or fake.url + "/token"}",service="s"'
    headers = {"WWW-Authenticate": header}
    fake.decorate = lambda answer: replace(answer, key=key, headers=headers)


TOKEN = "/token?service=s&scope=repository%3Aa%2Fb%3Apull"


def test_a_token_is_fetched_once_and_goes_along(registry: Registry, fake: FakeRegistry) -> None:
    challenged(fake, "Bearer one")
    fake.push("a/b", "latest", [GGUF])
    fake.give(TOKEN, b'{"token": "one"}')
    manifest = registry.manifest("latest")
    assert registry.blob(manifest.layers[0], 100, "it") == GGUF[1]
    assert fake.paths().count(TOKEN) == 1
    remote = registry.remote(manifest.layers[0])
    assert remote.headers == (("Authorization", "Bearer one"),)


def test_an_expired_token_is_renewed(registry: Registry, fake: FakeRegistry) -> None:
    challenged(fake, "Bearer one")
    fake.push("a/b", "latest", [GGUF])
    fake.give(TOKEN, b'{"token": "one"}')
    registry.manifest("latest")
    challenged(fake, "Bearer two")
    fake.push("a/b", "latest", [GGUF])
    fake.give(TOKEN, b'{"token": "two"}')
    registry.manifest("latest")
    assert registry.remote(blob(b"x")).headers == (("Authorization", "Bearer two"),)


def test_a_token_that_does_not_help_is_access_denied(
    registry: Registry, fake: FakeRegistry
) -> None:
    challenged(fake, "Bearer another")
    fake.push("a/b", "latest", [GGUF])
    fake.give(TOKEN, b'{"token": "one"}')
    with pytest.raises(AccessDenied) as caught:
        registry.manifest("latest")
    assert f"docker login {fake.host}" in str(caught.value.hint)
    assert len(fake.asked) < 6


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_without_a_way_in_is_access_denied(
    registry: Registry, fake: FakeRegistry, status: int
) -> None:
    fake.give("/v2/a/b/manifests/latest", b"{}", status)
    with pytest.raises(AccessDenied, match="a/b:latest") as caught:
        registry.manifest("latest")
    assert "docker login" in str(caught.value.hint)


def test_a_token_never_goes_to_another_host(
    registry: Registry, fake: FakeRegistry, other: FakeRegistry
) -> None:
    challenged(fake, "Bearer one")
    fake.push("a/b", "latest", [GGUF])
    fake.give(TOKEN, b'{"token": "one"}')
    manifest = registry.manifest("latest")
    url = f"/v2/a/b/blobs/{manifest.layers[0].digest}"
    fake.give(url, status=307, Location=f"{other.url}/far")
    other.give("/far", GGUF[1])
    assert registry.blob(manifest.layers[0], 100, "it") == GGUF[1]
    assert "Authorization" in fake.asked[-1].headers
    assert [("Authorization" in each.headers) for each in other.asked] == [False]


def test_a_host_we_were_redirected_to_gets_no_token(
    registry: Registry, fake: FakeRegistry, other: FakeRegistry
) -> None:
    """Otherwise whoever a registry points to could have the login that is meant for it."""
    challenge = {"WWW-Authenticate": f'Bearer realm="{other.url}/token"'}
    fake.give("/v2/a/b/manifests/latest", status=307, Location=f"{other.url}/m")
    other.give("/m", b"{}", 401, **{name.replace("-", "_"): v for name, v in challenge.items()})
    with pytest.raises(AccessDenied):
        registry.manifest("latest")
    assert not any(path.startswith("/token") for path in other.paths())


def test_all_pages_of_tags_are_read(registry: Registry, fake: FakeRegistry) -> None:
    fake.give(TAGS, b'{"tags": ["b", "a"]}', Link=f'<{TAGS}?last=a&n=2>; rel="next"')
    behind_proxy = f'<http://elsewhere.example{TAGS}?last=d>; rel="next"'
    fake.give(f"{TAGS}?last=a&n=2", b'{"tags": ["c", "a", "d"]}', Link=behind_proxy)
    fake.give(f"{TAGS}?last=d", b'{"name": "a/b", "tags": null}', Link='<x>; rel="prev"')
    assert registry.tags() == ("b", "a", "c", "d")


def test_tags_that_never_end_do(registry: Registry, fake: FakeRegistry) -> None:
    fake.give(TAGS, b'{"tags": ["a"]}', Link=f'<{TAGS}>; rel="next"')
    with pytest.raises(SourceError, match="never ends"):
        registry.tags()
    assert len(fake.asked) == 1


@pytest.mark.parametrize(
    "body",
    [b"[]", b"5", b"", b"{", b'{"tags": {}}', b'{"tags": [5]}', b'{"tags": ["a b"]}',
     b'{"tags": ["\\u001b[2J"]}', b'{"tags": ["' + b"x" * 129 + b'"]}'],
)  # fmt: skip
def test_what_is_not_a_list_of_tags_is_refused(
    registry: Registry, fake: FakeRegistry, body: bytes
) -> None:
    fake.give(TAGS, body)
    with pytest.raises(SourceError, match="not a list of tags"):
        registry.tags()


def test_a_next_page_that_is_no_address_is_refused(registry: Registry, fake: FakeRegistry) -> None:
    fake.give(TAGS, b'{"tags": ["a"]}', Link='<http://[::1/x>; rel="next"')
    with pytest.raises(SourceError, match="nowhere"):
        registry.tags()


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:5000", "http://localhost:5000"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("127.9.9.9:80", "http://127.9.9.9:80"),
        ("[::1]:5000", "http://[::1]:5000"),
        ("localhost.example", "https://localhost.example"),
        ("192.168.1.5:5000", "https://192.168.1.5:5000"),
        ("ghcr.io", "https://ghcr.io"),
        ("docker.io", "https://registry-1.docker.io"),
    ],
)
def test_only_this_machine_is_spoken_to_in_the_open(
    client: HttpClient, host: str, origin: str
) -> None:
    digest = Digest("e" * 64)
    remote = Registry(client, host, "a/b").remote(Descriptor("x/y", digest, 7))
    assert remote.urls == (f"{origin}/v2/a/b/blobs/{digest}",)
    assert (remote.size, remote.sha256, remote.headers) == (7, digest, ())


def test_docker_hub_keeps_bare_names_in_its_library(client: HttpClient) -> None:
    assert Registry(client, "docker.io", "x").repository == "library/x"
    assert Registry(client, "docker.io", "ai/x").repository == "ai/x"
    assert Registry(client, "ghcr.io", "x").repository == "x"
