"""Small real models, a store that owns two of them, bundles of them, and tars made by hand."""

from __future__ import annotations

import io
import json
import random
import shutil
import struct
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from freehold.actions.describe import plain_facts, read_model_facts
from freehold.actions.export import export
from freehold.names import Digest
from freehold.store.licences import classify
from freehold.store.model import NewModel, OwnedFile, OwnedModel, Parent, Sighting
from freehold.store.store import Store

LICENCE_TEXT = b"Apache License\nVersion 2.0, January 2004\n"


def tiny_gguf(name: str, floats: int, seed: int = 0) -> bytes:
    """A GGUF file with one tensor of random numbers: small, and every reader accepts it."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    entries = {"general.architecture": "llama", "general.name": name, "general.license": "mit"}
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, len(entries))
    for key, value in entries.items():
        head += text(key) + struct.pack("<I", 8) + text(value)
    head += text("output.weight") + struct.pack("<IQIQ", 1, floats, 0, 0)
    head += bytes(-len(head) % 32)
    return head + random.Random(seed).randbytes(4 * floats)


def own(store: Store, folder: Path, name: str, weights: bytes, **more: Any) -> OwnedModel:
    """A model of these weights and a licence text, owned with a story."""
    folder.mkdir(exist_ok=True)
    files = []
    for label, role, data in (
        (f"{name}.gguf", "weights", weights),
        ("LICENSE", "licence", LICENCE_TEXT),
    ):
        path = folder / label
        path.write_bytes(data)
        record = store.add_file(path, move=False)
        files.append(OwnedFile(label, role, record.digest, record.size))
    facts = plain_facts(read_model_facts(folder / f"{name}.gguf"))
    return store.add_model(
        NewModel(
            name=name,
            files=tuple(files),
            licence=classify("Apache-2.0", text_digest=files[1].digest),
            sightings=(
                Sighting.now(f"hf:someone/{name}:{name}.gguf", "https://hub.example/x", "abc"),
                Sighting.now("pypi:some-package"),
            ),
            facts=facts,
            **more,
        )
    )


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in `shelf`, and the bundles `both.tar` and `beta.tar` of it, made once."""
    folder = tmp_path_factory.mktemp("made")
    with Store.open(folder / "shelf") as store:
        own(
            store,
            folder / "files",
            "alpha",
            tiny_gguf("Alpha", 655_360, seed=1),
            parents=(Parent("f" * 64, "quantized", "mother", "to Q4"),),
            tags=("small", "good"),
            notes="Mine: “très bien”.",
        )
        own(store, folder / "files", "beta", tiny_gguf("Beta", 2_000, seed=2))
        export(store, store.models(), folder / "both.tar")
        export(store, [store.find("beta")], folder / "beta.tar")
    return folder


@pytest.fixture
def shelf(made: Path, tmp_path: Path) -> Store:
    """A store that owns `alpha` (2.5 chunks) and `beta` (small), which share a licence text."""
    return Store.open(Path(shutil.copytree(made / "shelf", tmp_path / "shelf")))


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Path:
    """Both models, exported."""
    return Path(shutil.copy(made / "both.tar", tmp_path))


@pytest.fixture
def small_bundle(made: Path, tmp_path: Path) -> Path:
    """`beta` alone: some 15 kB."""
    return Path(shutil.copy(made / "beta.tar", tmp_path))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Store:
    """An empty store on what could be another machine."""
    return Store.open(tmp_path / "elsewhere")


@dataclass(frozen=True)
class Layout:
    """An OCI layout as plain files by name, to be spoilt and written as a tar."""

    files: dict[str, bytes]

    def with_file(self, name: str, data: bytes) -> Layout:
        """With another file, or another content of one."""
        return Layout({**self.files, name: data})

    def without(self, name: str) -> Layout:
        """With one file less."""
        return Layout({key: data for key, data in self.files.items() if key != name})

    def write(self, path: Path, *extra: tuple[tarfile.TarInfo, bytes], **options: Any) -> Path:
        """As a tar made by Python's own tarfile, `extra` members last."""
        mode: Any = options.pop("mode", "w")
        with tarfile.open(path, mode, **options) as tar:
            for name, data in self.files.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
            for info, data in extra:
                tar.addfile(info, io.BytesIO(data))
        return path


def put(files: dict[str, bytes], data: bytes) -> Digest:
    """Add a blob under its own hash."""
    digest = Digest(sha256(data).hexdigest())
    files[f"blobs/sha256/{digest.hex}"] = data
    return digest


def descriptor(data: bytes, media_type: str, **annotations: str) -> dict[str, Any]:
    """A descriptor of `data`; `__` in a keyword stands for nothing else but what it says."""
    return {
        "mediaType": media_type,
        "digest": f"sha256:{sha256(data).hexdigest()}",
        "size": len(data),
        "annotations": annotations,
    }


def foreign_layout(
    layers: list[tuple[bytes, str, Mapping[str, str]]],
    *,
    config: tuple[bytes, str] = (b"{}", "application/vnd.oci.empty.v1+json"),
    ref: str = "latest",
    manifest_changes: Mapping[str, Any] | None = None,
    index_changes: Mapping[str, Any] | None = None,
) -> Layout:
    """A layout such as other tools write: layers of (bytes, media type, annotations)."""
    files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": descriptor(*config),
        "layers": [descriptor(data, kind, **notes) for data, kind, notes in layers],
        **(manifest_changes or {}),
    }
    for data in (config[0], *(data for data, _, _ in layers)):
        put(files, data)
    written = json.dumps(manifest).encode()
    put(files, written)
    entry = descriptor(written, "application/vnd.oci.image.manifest.v1+json")
    entry["annotations"] = {"org.opencontainers.image.ref.name": ref}
    index = {"schemaVersion": 2, "manifests": [entry], **(index_changes or {})}
    files["index.json"] = json.dumps(index).encode()
    return Layout(files)


@pytest.fixture
def gguf() -> bytes:
    """A small GGUF file."""
    return tiny_gguf("Gamma", 1_000, seed=3)


@pytest.fixture
def foreign() -> Callable[..., Layout]:
    """`foreign_layout`, for tests that make bundles as other tools do, or as nobody should."""
    return foreign_layout


@pytest.fixture
def own_model() -> Callable[..., OwnedModel]:
    """`own`, for tests that need models of their own."""
    return own


@pytest.fixture
def make_gguf() -> Callable[..., bytes]:
    """`tiny_gguf`."""
    return tiny_gguf
