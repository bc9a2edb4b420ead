"""Ollama's store: manifests, roles, names, and what is broken in it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from freehold.sources.elsewhere.finder import find_models
from freehold.sources.interface import Role

TINY = "registry.ollama.ai/library/tiny/1b"


def test_the_layers_of_a_manifest_are_its_files(machine: Any) -> None:
    layers = {"model": b"GGUF w", "template": b"{{ . }}", "params": b"{}", "license": b"MIT"}
    folder = machine.ollama(TINY, layers)
    (model,) = find_models(machine.here)
    assert [(f.role, f.path.read_bytes()) for f in model.files] == [
        (Role.WEIGHTS, b"GGUF w"),
        (Role.TEMPLATE, b"{{ . }}"),
        (Role.PARAMS, b"{}"),
        (Role.LICENCE, b"MIT"),
    ]
    assert model.files[0].name == "tiny-1b.gguf"
    claim = model.files[0].sha256
    assert claim is not None
    assert claim.hex == hashlib.sha256(b"GGUF w").hexdigest()
    manifest = (folder / "manifests" / TINY).read_bytes()
    assert model.revision == f"sha256:{hashlib.sha256(manifest).hexdigest()}"


@pytest.mark.parametrize(
    ("place", "title"),
    [
        ("registry.ollama.ai/library/tiny/1b", "tiny:1b"),
        ("registry.ollama.ai/someone/tiny/latest", "someone/tiny:latest"),
        ("hf.co/org/tiny-GGUF/Q4_K_M", "hf.co/org/tiny-GGUF:Q4_K_M"),
    ],
)
def test_names_are_as_ollama_shows_them(machine: Any, place: str, title: str) -> None:
    machine.ollama(place, {"model": b"GGUF"})
    (model,) = find_models(machine.here)
    assert (model.title, model.ref) == (title, f"ollama:{title}")


def one_layer(kind: str, digest: str) -> bytes:
    media = f"application/vnd.ollama.image.{kind}"
    return json.dumps({"layers": [{"mediaType": media, "digest": digest}]}).encode()


@pytest.mark.parametrize(
    ("manifest", "obstacle"),
    [
        (b"{ not json", "its manifest can't be read"),
        (b'{"layers": 7}', "its manifest can't be read"),
        (one_layer("model", "sha256:../../../../etc/passwd"), "1 of its files are missing"),
        (one_layer("tensor", "sha256:aa"), "it is not a GGUF"),
    ],
)
def test_what_is_broken_or_unknown_is_said(machine: Any, manifest: bytes, obstacle: str) -> None:
    models = machine.home / ".ollama" / "models"
    machine.write(models / "manifests" / TINY, manifest)
    (model,) = find_models(machine.here)
    assert model.obstacle == obstacle


def test_a_blob_that_is_gone_is_said(machine: Any) -> None:
    folder = machine.ollama(TINY, {"model": b"GGUF", "system": b"Be kind."})
    (folder / "blobs" / f"sha256-{hashlib.sha256(b'Be kind.').hexdigest()}").unlink()
    (model,) = find_models(machine.here)
    assert model.obstacle == "1 of its files are missing"


def test_the_linux_service_and_the_variable_are_looked_at(machine: Any) -> None:
    service = machine.here.root / "usr/share/ollama/.ollama/models"
    machine.ollama("registry.ollama.ai/library/service/1b", {"model": b"s"}, service)
    machine.ollama("registry.ollama.ai/library/moved/1b", {"model": b"m"}, machine.home / "m")
    here = replace(machine.here, environment={"OLLAMA_MODELS": str(machine.home / "m")})
    assert {m.title for m in find_models(here)} == {"service:1b", "moved:1b"}
    assert {m.title for m in find_models(replace(here, platform="darwin"))} == {"moved:1b"}
