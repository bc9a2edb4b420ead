"""A made-up machine: a home folder in which programs keep models the way they really do."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from freehold.sources.elsewhere.surroundings import Surroundings

COMMIT = "0123456789abcdef0123456789abcdef01234567"
OLDER = "89abcdef0123456789abcdef0123456789abcdef"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class Machine:
    """Where the made-up user's files are, and how to lay out more of them."""

    here: Surroundings

    @property
    def home(self) -> Path:
        return self.here.home

    def write(self, path: Path, data: bytes | dict[str, Any]) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
        return path

    def hub(self, repository: str, files: dict[str, bytes], commit: str = COMMIT) -> Path:
        """A repository in the Hub's cache: blobs, and a snapshot of links to them."""
        hub = self.home / ".cache" / "huggingface" / "hub"
        return self.hub_at(hub, repository, files, commit)

    def hub_at(
        self, hub: Path, repository: str, files: dict[str, bytes], commit: str = COMMIT
    ) -> Path:
        folder = hub / ("models--" + repository.replace("/", "--"))
        self.write(folder / "refs" / "main", COMMIT.encode())
        for name, data in files.items():
            large = name.endswith((".gguf", ".safetensors"))
            etag = sha(data) if large else hashlib.sha1(data, usedforsecurity=False).hexdigest()
            blob = self.write(folder / "blobs" / etag, data)
            link = folder / "snapshots" / commit / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(os.path.relpath(blob, link.parent))
        return folder

    def ollama(self, name: str, layers: dict[str, bytes], models: Path | None = None) -> Path:
        """A model in Ollama's store; `name` is host/namespace/model/tag."""
        models = models or self.home / ".ollama" / "models"
        listed = []
        for kind, data in layers.items():
            self.write(models / "blobs" / f"sha256-{sha(data)}", data)
            media = f"application/vnd.ollama.image.{kind}"
            listed.append({"mediaType": media, "digest": f"sha256:{sha(data)}", "size": len(data)})
        manifest = {"schemaVersion": 2, "config": {}, "layers": listed}
        self.write(models / "manifests" / name, manifest)
        return models

    def ramalama(self, place: str, tag: str, files: dict[str, tuple[str, bytes]]) -> Path:
        """A model in RamaLama's store; `files` gives type and bytes by name."""
        folder = self.home / ".local" / "share" / "ramalama" / "store" / place
        listed = []
        for name, (kind, data) in files.items():
            blob = self.write(folder / "blobs" / f"sha256-{sha(data)}", data)
            link = folder / "snapshots" / "sha256-ab" / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(os.path.relpath(blob, link.parent))
            listed.append({"hash": f"sha256-{sha(data)}", "name": name, "type": kind})
        ref = {"version": "v1.0.1", "hash": "sha256-ab", "path": "latest.json", "files": listed}
        self.write(folder / "refs" / f"{tag}.json", ref)
        return folder


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """An empty machine with one user."""
    home = tmp_path / "root" / "home" / "ada"
    home.mkdir(parents=True)
    return Machine(Surroundings(home, {}, "linux", tmp_path / "root"))


@pytest.fixture
def full_machine(machine: Machine) -> Machine:
    """Every program at once, with a model each, and things that are no models."""
    machine.hub("org/tiny-GGUF", {"tiny-Q4_0.gguf": b"GGUF hub", "README.md": b"# Tiny"})
    machine.hub("org/tensors", {"model.safetensors": b"safe", "config.json": b"{}"})
    machine.write(machine.home / ".cache/llama.cpp/org_repo_old-Q8_0.gguf", b"GGUF llama")
    machine.ollama("registry.ollama.ai/library/tiny/1b", {"model": b"GGUF ollama"})
    machine.write(machine.home / ".lmstudio/models/pub/tiny/tiny.gguf", b"GGUF lms")
    machine.ramalama("huggingface/org/rama", "latest", {"r.gguf": ("gguf", b"GGUF rama")})
    machine.write(machine.home / ".local/share/nomic.ai/GPT4All/four.gguf", b"GGUF gpt4all")
    return machine


def traces(folder: Path) -> Iterator[tuple[object, ...]]:
    """Everything that a program could notice about a folder, but how many names a file has."""
    for path in sorted(folder.rglob("*")):
        stat = path.lstat()
        what = path.readlink() if path.is_symlink() else path.is_file() and path.read_bytes()
        yield path, stat.st_size, stat.st_mtime_ns, stat.st_ino, stat.st_mode, what


@pytest.fixture
def trace() -> Any:
    """`traces` as a list, to compare before and after."""
    return lambda folder: list(traces(folder))
