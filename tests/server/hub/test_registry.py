"""`ollama pull` by a client that keeps its rules strictly, and plain OCI tools."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import oras.client  # type: ignore[import-untyped]  # it ships no types
import pytest
from tests.server.hub.conftest import APPLE, LICENCE, TEMPLATE, Hub

from freehold.actions.get import get
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.store import Store

DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
OCI = "application/vnd.oci.image.manifest.v1+json"


def pull(hub: Hub, name: str, tag: str = "latest", part: int = 1_000_000) -> dict[str, bytes]:
    """What Ollama's client does: every layer by its type, and the configuration as `config`.

    It asks for the manifest with its one type, for the length of each blob by HEAD, then where the
    bytes are (a redirection, or a Location beside a 200), and there for the parts by Range; in the
    end it proves the digest.
    """
    answer = hub.ask(f"/v2/{name}/manifests/{tag}", Accept=DOCKER)
    assert answer.status == 200
    manifest = json.loads(answer.data)
    assert manifest["schemaVersion"] == 2
    found = {}
    for layer in (*manifest["layers"], manifest["config"]):
        kind = layer["mediaType"].rpartition(".")[2] if layer in manifest["layers"] else "config"
        found[kind] = _blob(hub, f"/v2/{name}/blobs/{layer['digest']}", layer, part)
    return found


def _blob(hub: Hub, path: str, layer: dict[str, Any], part: int) -> bytes:
    head = hub.ask(path, "HEAD")
    total = int(head.headers["Content-Length"])
    assert (head.status, total) == (200, layer["size"])
    direct = hub.pool.request("GET", hub.address + path, redirect=False, preload_content=False)
    assert direct.status in {200, 307}
    where = urljoin(hub.address + path, direct.headers["Location"])
    direct.close()
    data = b""
    for begin in range(0, total, part):
        end = min(begin + part, total)
        asked = {"Range": f"bytes={begin}-{end - 1}"}
        got = hub.pool.request("GET", where, headers=asked, redirect=False)
        assert (got.status, len(got.data)) == (206, end - begin)
        data += got.data
    assert f"sha256:{hashlib.sha256(data).hexdigest()}" == layer["digest"]
    return data


def test_ollama_pulls_the_model_with_what_belongs_to_it(shared: Hub) -> None:
    found = pull(shared, "freehold/apple")
    config = json.loads(found.pop("config"))
    assert found == {"model": APPLE, "template": TEMPLATE, "license": LICENCE}
    assert config["model_format"] == "gguf"
    assert config["model_family"] == "llama"
    assert config["model_type"] == "134.50M"
    assert config["file_type"] == "Q4_0"
    digests = [f"sha256:{hashlib.sha256(each).hexdigest()}" for each in found.values()]
    assert sorted(config["rootfs"]["diff_ids"]) == sorted(digests)


def test_freehold_gets_it_as_ollama_keeps_it(shared: Hub, home: Path) -> None:
    ref = ModelRef.parse(f"ollama:{shared.host}/freehold/apple:ollama")
    with Store.open(home) as store:
        model = get(store, Settings(home=home), ref).model
    assert model.weights.digest.hex == hashlib.sha256(APPLE).hexdigest()
    assert {file.role for file in model.files} == {"weights", "template", "licence"}
    assert model.licence.kind == "open with restrictions"


def test_freehold_gets_it_as_a_modelpack(shared: Hub, home: Path) -> None:
    ref = ModelRef.parse(f"oci:{shared.host}/freehold/apple")
    with Store.open(home) as store:
        model = get(store, Settings(home=home), ref).model
        paths = {file.name: store.blob_path(file.digest) for file in model.files}
    assert paths["apple-Q4_0.gguf"].read_bytes() == APPLE
    assert paths["LICENSE"].read_bytes() == LICENCE


def test_oras_pulls_every_file(shared: Hub, tmp_path: Path) -> None:
    client = oras.client.OrasClient(hostname=shared.host, insecure=True)
    pulled = client.pull(target=f"{shared.host}/freehold/apple:latest", outdir=str(tmp_path))
    found = {Path(each).name: Path(each).read_bytes() for each in pulled}
    assert found["apple-Q4_0.gguf"] == APPLE
    assert found["LICENSE"] == LICENCE
    assert b"Gemma Terms of Use" in found["README.md"]


def test_skopeo_copies_it(shared: Hub, tmp_path: Path) -> None:
    skopeo = shutil.which("skopeo")
    if skopeo is None:
        pytest.skip("skopeo is not installed")
    source, target = f"docker://{shared.host}/freehold/apple", f"oci:{tmp_path}/copy:apple"
    command = [skopeo, "copy", "--quiet", "--src-tls-verify=false", source, target]
    subprocess.run(command, check=True, timeout=120)
    blob = tmp_path / "copy" / "blobs" / "sha256" / hashlib.sha256(APPLE).hexdigest()
    assert blob.read_bytes() == APPLE


def test_a_tag_means_what_the_client_can_read(shared: Hub) -> None:
    path = "/v2/freehold/apple/manifests/"
    assert shared.ask("/v2/").status == 200
    tags = shared.ask("/v2/freehold/apple/tags/list").json()
    assert tags == {"name": "freehold/apple", "tags": ["latest", "modelpack", "ollama"]}
    for tag, accept, expected in (
        ("latest", DOCKER, DOCKER),
        ("latest", f"{DOCKER}, {OCI}", OCI),
        ("latest", "*/*", OCI),
        ("modelpack", DOCKER, OCI),
        ("ollama", OCI, DOCKER),
    ):
        answer = shared.ask(path + tag, Accept=accept)
        assert answer.headers["Content-Type"] == expected
        digest = f"sha256:{hashlib.sha256(answer.data).hexdigest()}"
        assert answer.headers["Docker-Content-Digest"] == digest
        assert shared.ask(path + digest).data == answer.data
        head = shared.ask(path + tag, "HEAD", Accept=accept)
        assert head.headers["Content-Length"] == str(len(answer.data))


def test_only_what_a_manifest_names_is_a_blob_of_it(shared: Hub) -> None:
    apple = f"sha256:{hashlib.sha256(APPLE).hexdigest()}"
    assert shared.ask(f"/v2/freehold/apple/blobs/{apple}", "HEAD").status == 200
    for path, code in (
        (f"/v2/freehold/pear/blobs/{apple}", "BLOB_UNKNOWN"),
        (f"/v2/freehold/apple/blobs/{apple.removeprefix('sha256:')}", "BLOB_UNKNOWN"),
        ("/v2/freehold/apple/blobs/sha256:..%2f..%2fetc", "NAME_UNKNOWN"),
        ("/v2/freehold/apple/manifests/v2", "MANIFEST_UNKNOWN"),
        ("/v2/freehold/secret/manifests/latest", "NAME_UNKNOWN"),
        ("/v2/freehold/secret/tags/list", "NAME_UNKNOWN"),
        ("/v2/nothing", "NAME_UNKNOWN"),
    ):
        answer = shared.ask(path)
        assert (answer.status, answer.json()["errors"][0]["code"]) == (404, code)
    assert not re.search("secret", shared.ask("/v2/_catalog").data.decode())
