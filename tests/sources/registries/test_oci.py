"""Debian's own registry: what a client pushes there is resolved, and every byte arrives."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from freehold.errors import AccessDenied, NotFound, Unreachable, UsageError
from freehold.names import ModelRef, Scheme
from freehold.progress import SILENT
from freehold.sources.interface import OfferedFile, Role
from freehold.sources.manifests import DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, digest_of
from freehold.sources.oci import OciSource
from freehold.sources.ollama import OllamaSource
from freehold.transfer.fetch import Fetcher
from freehold.transfer.http import HttpClient

if TYPE_CHECKING:
    from tests.sources.registries.conftest import FakeRegistry, RealRegistry

WEIGHTS = b"GGUF\x03\0\0\0" + hashlib.sha256(b"seed").digest() * 40_000
TITLE = "org.opencontainers.image.title"
PATH = "org.cncf.model.filepath"
PACK = "application/vnd.cncf.model."
OCTETS = "application/octet-stream"


@pytest.fixture
def source(client: HttpClient) -> OciSource:
    return OciSource(client)


def at(host: str, name: str) -> ModelRef:
    return ModelRef.parse(f"oci:{host}/{name}")


def fetch(client: HttpClient, file: OfferedFile, folder: Path) -> bytes:
    (piece,) = file.pieces
    target = folder / Path(file.name).name
    with SILENT.task("fetch") as task:
        Fetcher(client).fetch(piece.remote, target, task)
    return target.read_bytes()


@pytest.mark.parametrize("media_type", [DOCKER_MANIFEST, OCI_MANIFEST])
def test_a_plain_artifact(
    real: RealRegistry, source: OciSource, client: HttpClient, tmp_path: Path, media_type: str
) -> None:
    name = f"plain/{media_type.count('docker')}"
    layers = [
        (OCTETS, WEIGHTS, {TITLE: "tiny.Q4_0.gguf"}),
        ("text/plain", b"MIT", {TITLE: "LICENSE"}),
    ]
    digest = real.push(name, "v1", layers, media_type=media_type)
    found = source.resolve(at(real.host, f"{name}:v1"))
    assert found.revision == digest
    assert found.title == f"{name}:v1"
    assert found.licence.spdx == "MIT"
    assert [(each.name, each.role) for each in found.files] == [
        ("tiny.Q4_0.gguf", Role.WEIGHTS),
        ("LICENSE", Role.LICENCE),
    ]
    assert fetch(client, found.files[0], tmp_path) == WEIGHTS
    by_digest = source.resolve(at(real.host, f"{name}@{digest}"))
    assert (by_digest.revision, by_digest.files) == (digest, found.files)


def test_latest_is_the_tag_of_those_who_name_none(real: RealRegistry, source: OciSource) -> None:
    digest = real.push("deep/er/name", "latest", [(OCTETS, WEIGHTS, {TITLE: "a.gguf"})])
    assert source.resolve(at(real.host, "deep/er/name")).revision == digest


def test_a_modelpack(
    real: RealRegistry, source: OciSource, client: HttpClient, tmp_path: Path
) -> None:
    config = {"descriptor": {"title": "Tiny", "licenses": ["Apache-2.0"]}, "config": {}}
    layers = [
        (PACK + "weight.v1.raw", WEIGHTS[:1000], {PATH: "model-00001-of-00002.gguf"}),
        (PACK + "weight.v1.raw", WEIGHTS[1000:], {PATH: "model-00002-of-00002.gguf"}),
        (PACK + "doc.v1.raw", b"# Tiny", {PATH: "README.md"}),
    ]
    digest = real.push(
        "packs/tiny",
        "1",
        layers,
        (PACK + "config.v1+json", json.dumps(config).encode()),
        OCI_MANIFEST,
        artifactType=PACK + "manifest.v1+json",
    )
    found = source.resolve(at(real.host, "packs/tiny:1"))
    assert found.revision == digest
    assert (found.title, found.licence.spdx) == ("Tiny", "Apache-2.0")
    assert b"".join(fetch(client, each, tmp_path) for each in found.files[:2]) == WEIGHTS
    assert [each.role for each in found.files] == [Role.WEIGHTS, Role.WEIGHTS, Role.DOCUMENT]


def test_an_ollama_model_in_a_plain_registry(
    real: RealRegistry, source: OciSource, client: HttpClient, tmp_path: Path
) -> None:
    """What Ollama itself cannot fetch from here (its client wants redirects)."""
    layers = [
        ("application/vnd.ollama.image.model", WEIGHTS),
        ("application/vnd.ollama.image.template", b"{{ .Prompt }}"),
    ]
    digest = real.push("library/tiny", "latest", layers)
    by_oci = source.resolve(at(real.host, "library/tiny"))
    ref = ModelRef.parse(f"ollama:{real.host}/library/tiny")
    by_ollama = OllamaSource(client).resolve(ref)
    assert by_oci.revision == by_ollama.revision == digest
    assert by_oci.files == by_ollama.files
    assert fetch(client, by_ollama.files[0], tmp_path) == WEIGHTS


def test_a_list_of_images(real: RealRegistry, source: OciSource) -> None:
    layers = [(OCTETS, WEIGHTS, {TITLE: "a.gguf"})]
    digest = real.push("lists/tiny", "one", layers, media_type=OCI_MANIFEST)
    size = len(real.manifest("lists/tiny", "one"))
    entry = {"mediaType": OCI_MANIFEST, "digest": digest, "size": size}
    raw = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]}).encode()
    real.put_manifest("lists/tiny", "latest", raw, OCI_INDEX)
    assert source.resolve(at(real.host, "lists/tiny")).revision == digest


def test_what_is_not_there(real: RealRegistry, source: OciSource) -> None:
    real.push("there/tiny", "v1", [(OCTETS, WEIGHTS, {TITLE: "a.gguf"})])
    real.push("there/tiny", "v2", [(OCTETS, WEIGHTS, {TITLE: "b.gguf"})])
    assert sorted(source.tags(at(real.host, "there/tiny"))) == ["v1", "v2"]
    with pytest.raises(NotFound, match="there/tiny:v3") as caught:
        source.resolve(at(real.host, "there/tiny:v3"))
    assert "v1" in str(caught.value.hint)
    with pytest.raises(NotFound, match="spelling"):
        source.resolve(at(real.host, "not/there"))
    with pytest.raises(NotFound):
        source.resolve(at(real.host, f"there/tiny@sha256:{'0' * 64}"))
    with pytest.raises(NotFound):
        source.tags(at(real.host, "not/there"))


def test_a_name_without_a_registry(source: OciSource) -> None:
    for location in ("tiny", "/tiny", "host/"):
        with pytest.raises(UsageError, match="names no registry"):
            source.resolve(ModelRef(Scheme.OCI, location))
    with pytest.raises(UsageError, match="not a SHA-256"):
        source.resolve(ModelRef(Scheme.OCI, "h.example/a", None, "sha256:latest"))


def test_a_registry_that_is_not_running(source: OciSource, fake: FakeRegistry) -> None:
    fake.stop()
    with pytest.raises(Unreachable, match="nothing listens"):
        source.resolve(at(fake.host, "a/b"))


def login(path: Path, host: str, user: str, secret: str) -> None:
    auth = base64.b64encode(f"{user}:{secret}".encode()).decode()
    path.write_text(json.dumps({"auths": {host: {"auth": auth}}}))


def test_a_registry_with_passwords(
    start_real: Callable[..., RealRegistry],
    source: OciSource,
    client: HttpClient,
    docker_config: Path,
    tmp_path: Path,
) -> None:
    passwords = tmp_path / "htpasswd"  # ann, opensesame
    passwords.write_text("ann:$2y$04$aaaaaaaaaaaaaaaaaaaaauq.pnKVVXsk9kA5klNzb/BDh1JWr.CKG\n")
    real = start_real({"htpasswd": {"realm": "tests", "path": str(passwords)}})
    basic = base64.b64encode(b"ann:opensesame").decode()
    real.headers["Authorization"] = f"Basic {basic}"
    real.push("private/tiny", "v1", [(OCTETS, WEIGHTS, {TITLE: "a.gguf"})])

    with pytest.raises(AccessDenied, match="wants a login") as caught:
        source.resolve(at(real.host, "private/tiny:v1"))
    assert f"docker login {real.host}" in str(caught.value.hint)

    login(docker_config, real.host, "ann", "wrong")
    with pytest.raises(AccessDenied):
        source.resolve(at(real.host, "private/tiny:v1"))

    login(docker_config, real.host, "ann", "opensesame")
    found = source.resolve(at(real.host, "private/tiny:v1"))
    assert fetch(client, found.files[0], tmp_path) == WEIGHTS
    assert source.tags(at(real.host, "private/tiny")) == ("v1",)


class Notary:
    """Signs the tokens that a registry trusts, with a key of its own."""

    def __init__(self, folder: Path) -> None:
        self.key, self.certificate = folder / "key.pem", folder / "certificate.pem"
        self._openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=notary", "-days", "2",
            "-keyout", str(self.key), "-out", str(self.certificate),
        )  # fmt: skip

    def token(self, name: str, *actions: str) -> str:
        der = self._openssl("x509", "-in", str(self.certificate), "-outform", "der")
        now = int(time.time())
        head = {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(der).decode()]}
        access = [{"type": "repository", "name": name, "actions": actions}]
        times = {"iat": now, "nbf": now - 60, "exp": now + 600}
        claims = {"iss": "notary", "sub": "", "aud": "tests", "jti": "1", "access": access, **times}
        text = b".".join(self._encoded(json.dumps(each).encode()) for each in (head, claims))
        signature = self._openssl("dgst", "-sha256", "-sign", str(self.key), stdin=text)
        return (text + b"." + self._encoded(signature)).decode()

    def _encoded(self, data: bytes) -> bytes:
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    def _openssl(self, *arguments: str, stdin: bytes = b"") -> bytes:
        done = subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=True)
        return done.stdout


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_a_registry_with_tokens(
    start_real: Callable[..., RealRegistry],
    fake: FakeRegistry,
    source: OciSource,
    client: HttpClient,
    tmp_path: Path,
) -> None:
    """The whole flow, with a registry that checks the signature of the token it gets."""
    notary = Notary(tmp_path)
    realm = f"{fake.url}/token"
    trust = {"service": "tests", "issuer": "notary", "rootcertbundle": str(notary.certificate)}
    real = start_real({"token": {"realm": realm, **trust}})
    for name in ("open/tiny", "closed/tiny"):
        real.headers["Authorization"] = f"Bearer {notary.token(name, 'pull', 'push')}"
        real.push(name, "v1", [(OCTETS, WEIGHTS, {TITLE: "a.gguf"})])
        actions = ["pull"] if name == "open/tiny" else []
        given = json.dumps({"token": notary.token(name, *actions)}).encode()
        scope = f"repository%3A{name.replace('/', '%2F')}%3Apull"
        fake.give(f"/token?service=tests&scope={scope}", given)

    found = source.resolve(at(real.host, "open/tiny:v1"))
    assert fetch(client, found.files[0], tmp_path) == WEIGHTS
    assert source.tags(at(real.host, "open/tiny")) == ("v1",)
    assert all("Authorization" not in each.headers for each in fake.asked)

    with pytest.raises(AccessDenied, match="closed/tiny:v1") as caught:
        source.resolve(at(real.host, "closed/tiny:v1"))
    assert "docker login" in str(caught.value.hint)


def test_what_a_real_client_pushes(
    real: RealRegistry,
    source: OciSource,
    client: HttpClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    oras = pytest.importorskip("oras.client", reason="oras (from PyPI) is not installed")
    monkeypatch.chdir(tmp_path)
    Path("tiny.gguf").write_bytes(WEIGHTS)
    Path("LICENSE").write_text("Apache-2.0")
    pusher = oras.OrasClient(hostname=real.host, insecure=True)
    answer = pusher.push(target=f"{real.host}/oras/tiny:v1", files=["tiny.gguf", "LICENSE"])
    found = source.resolve(at(real.host, "oras/tiny:v1"))
    assert found.revision == answer.headers["Docker-Content-Digest"]
    assert [(each.name, each.role) for each in found.files] == [
        ("tiny.gguf", Role.WEIGHTS),
        ("LICENSE", Role.LICENCE),
    ]
    assert found.licence.spdx == "Apache-2.0"
    (tmp_path / "got").mkdir()
    assert fetch(client, found.files[0], tmp_path / "got") == WEIGHTS
    assert found.files[0].sha256 == digest_of(WEIGHTS)


@pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed")
def test_what_a_container_tool_copies(
    real: RealRegistry, source: OciSource, client: HttpClient, tmp_path: Path
) -> None:
    layout = tmp_path / "layout"
    blobs = layout / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def keep(media_type: str, data: bytes, **more: object) -> dict[str, object]:
        digest = digest_of(data)
        (blobs / digest.hex).write_bytes(data)
        return {"mediaType": media_type, "digest": str(digest), "size": len(data), **more}

    layer = keep(PACK + "weight.v1.raw", WEIGHTS, annotations={PATH: "tiny.gguf"})
    config = keep(PACK + "config.v1+json", b'{"descriptor": {"name": "Tiny"}}')
    manifest = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": [layer]}
    entry = keep(OCI_MANIFEST, json.dumps(manifest).encode())
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    subprocess.run(
        ["skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false", "--preserve-digests",
         f"oci:{layout}", f"docker://{real.host}/copied/tiny:v1"],
        check=True, capture_output=True,
    )  # fmt: skip
    found = source.resolve(at(real.host, "copied/tiny:v1"))
    assert found.revision == entry["digest"]
    assert found.title == "Tiny"
    assert fetch(client, found.files[0], tmp_path) == WEIGHTS
