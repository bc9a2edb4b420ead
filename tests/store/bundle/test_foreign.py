"""Bundles that other tools make, and other tools that read ours."""

from __future__ import annotations

import importlib.util
import io
import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from freehold.actions.export import export
from freehold.actions.import_bundle import import_bundle, look_into
from freehold.errors import FormatError, HashMismatch
from freehold.store.store import Store

Foreign = Callable[..., Any]
PREFIX = "application/vnd.cncf.model."
FILE_PATH = "org.cncf.model.filepath"
TITLE = "org.opencontainers.image.title"


def test_a_model_as_modctl_packs_it(
    foreign: Foreign, gguf: bytes, tmp_path: Path, elsewhere: Store
) -> None:
    config = {
        "descriptor": {"name": "Gamma 1", "licenses": ["MIT"]},
        "config": {"format": "gguf"},
        "modelfs": {"type": "layers", "diffIds": ["sha256:" + "0" * 64]},
    }
    layout = foreign(
        [
            (gguf, PREFIX + "weight.v1.raw", {FILE_PATH: "weights/gamma.gguf"}),
            (b"{{ x }}", PREFIX + "weight.config.v1.raw", {FILE_PATH: "chat_template.jinja"}),
            (b"{}", PREFIX + "weight.config.v1.raw", {FILE_PATH: "generation.json"}),
            (b"MIT License", PREFIX + "doc.v1.raw", {FILE_PATH: "LICENSE"}),
            (b"# Gamma", PREFIX + "doc.v1.raw", {FILE_PATH: "README.md"}),
            (b"print(1)", PREFIX + "code.v1.raw", {FILE_PATH: "run.py"}),
        ],
        config=(json.dumps(config).encode(), PREFIX + "config.v1+json"),
        manifest_changes={"artifactType": PREFIX + "manifest.v1+json"},
    )
    model = import_bundle(elsewhere, layout.write(tmp_path / "modctl.tar")).models[0].model
    assert model.name == "gamma-1"
    assert (model.licence.spdx, model.licence.kind) == ("MIT", "open source")
    assert [(file.name, file.role) for file in model.files] == [
        ("weights/gamma.gguf", "weights"),
        ("chat_template.jinja", "template"),
        ("generation.json", "other"),
        ("LICENSE", "licence"),
        ("README.md", "document"),
    ]
    assert model.facts["architecture"] == "llama"
    assert elsewhere.verify(model).ok


def tar_of(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def test_layers_that_are_tars_of_files(
    foreign: Foreign, gguf: bytes, tmp_path: Path, elsewhere: Store
) -> None:
    layout = foreign(
        [
            (tar_of(("w/gamma.gguf", gguf)), PREFIX + "weight.v1.tar", {FILE_PATH: "w/gamma.gguf"}),
            (tar_of(("LICENSE", b"MIT"), ("README.md", b"Hi")), PREFIX + "doc.v1.tar", {}),
        ]
    )
    model = import_bundle(elsewhere, layout.write(tmp_path / "modctl.tar")).models[0].model
    assert [(file.name, file.role) for file in model.files] == [
        ("w/gamma.gguf", "weights"),
        ("LICENSE", "licence"),
        ("README.md", "document"),
    ]
    assert elsewhere.blob_path(model.weights.digest).read_bytes() == gguf
    assert elsewhere.verify(model).ok


def test_layers_that_are_damaged_or_hostile_tars(
    foreign: Foreign, gguf: bytes, tmp_path: Path, elsewhere: Store
) -> None:
    packed = tar_of(("gamma.gguf", gguf))
    layout = foreign([(packed, PREFIX + "weight.v1.tar", {})])
    name = next(name for name, data in layout.files.items() if data == packed)
    spoilt = bytearray(packed)
    spoilt[700] ^= 1
    path = layout.with_file(name, bytes(spoilt)).write(tmp_path / "damaged.tar")
    with pytest.raises(HashMismatch, match=r"its layer .* does not hash to that"):
        import_bundle(elsewhere, path)
    for evil, words in (
        (tar_of(("../gamma.gguf", gguf)), "could lead out of it"),
        (tar_of(("a.gguf", gguf), ("a.gguf", gguf)), "twice"),
        (packed[:2_000], "cut short|is not a tar"),
        (gguf, "is not a tar archive"),
    ):
        layout = foreign([(evil, PREFIX + "weight.v1.tar", {})])
        with pytest.raises(FormatError, match=words):
            import_bundle(elsewhere, layout.write(tmp_path / "evil.tar"))
    assert elsewhere.models() == []
    assert elsewhere.unfinished() == []


def test_a_plain_oras_artifact(
    foreign: Foreign, gguf: bytes, tmp_path: Path, elsewhere: Store
) -> None:
    layout = foreign([(gguf, "application/vnd.oci.image.layer.v1.tar", {TITLE: "g.gguf"})])
    model = import_bundle(elsewhere, layout.write(tmp_path / "oras.tar")).models[0].model
    assert (model.name, model.weights.name) == ("g", "g.gguf")
    assert (model.licence.spdx or "").upper() == "MIT"  # the header says it, for nobody else does
    assert [seen.ref for seen in model.sightings] == ["file:oras.tar"]


def test_models_of_ollama_and_docker(
    foreign: Foreign, gguf: bytes, tmp_path: Path, elsewhere: Store, make_gguf: Any
) -> None:
    ollama = "application/vnd.ollama.image."
    layout = foreign(
        [
            (gguf, ollama + "model", {}),
            (make_gguf("Eye", 10), ollama + "projector", {}),
            (b"{{ x }}", ollama + "template", {}),
            (b"MIT License", ollama + "license", {}),
        ],
        config=(b'{"model_format":"gguf"}', "application/vnd.docker.container.image.v1+json"),
        manifest_changes={"mediaType": "application/vnd.docker.distribution.manifest.v2+json"},
        ref="registry.example/library/gamma:latest",
    )
    model = import_bundle(elsewhere, layout.write(tmp_path / "ollama.tar")).models[0].model
    assert model.name == "gamma-latest"
    assert [file.role for file in model.files] == ["weights", "projector", "template", "licence"]


def test_images_that_are_no_models_are_left_out_with_a_remark(
    foreign: Foreign, gguf: bytes, tmp_path: Path, elsewhere: Store
) -> None:
    image = foreign([(b"rootfs", "application/vnd.oci.image.layer.v1.tar", {})], ref="image")
    model = foreign([(gguf, PREFIX + "weight.v1.raw", {FILE_PATH: "g.gguf"})], ref="model")
    index = {
        "schemaVersion": 2,
        "manifests": [
            json.loads(part.files["index.json"])["manifests"][0] for part in (image, model)
        ],
    }
    both = type(image)({**image.files, **model.files, "index.json": json.dumps(index).encode()})
    notes: list[str] = []
    from freehold.progress import SilentProgress

    class Noting(SilentProgress):
        def note(self, text: str) -> None:
            notes.append(text)

    got = import_bundle(elsewhere, both.write(tmp_path / "two.tar"), progress=Noting())
    assert [found.model.name for found in got.models] == ["model"]
    assert len(notes) == 1
    assert "has no GGUF weights: it was left out" in notes[0]


def test_archives_of_gnu_tar_with_folders(bundle: Path, tmp_path: Path, elsewhere: Store) -> None:
    if shutil.which("tar") is None:
        pytest.skip("there is no tar command")
    folder = tmp_path / "unpacked"
    folder.mkdir()
    with tarfile.open(bundle) as tar:
        tar.extractall(folder, filter="data")
    for number, options in enumerate((["--format=gnu"], ["--format=pax"], ["--format=ustar"])):
        again = tmp_path / f"again{number}.tar"
        subprocess.run(["tar", *options, "-C", folder, "-cf", again, "."], check=True)
        assert [model.name for model in look_into(again)] == ["alpha", "beta"]
    import_bundle(elsewhere, tmp_path / "again1.tar")
    export(elsewhere, elsewhere.models(), tmp_path / "again.tar")
    assert (tmp_path / "again.tar").read_bytes() == bundle.read_bytes()


def test_skopeo_reads_and_copies_a_bundle(bundle: Path, tmp_path: Path, elsewhere: Store) -> None:
    if shutil.which("skopeo") is None:
        pytest.skip("skopeo is not installed (Debian: apt-get install skopeo)")
    name = f"oci-archive:{bundle}:alpha"
    raw = subprocess.run(["skopeo", "inspect", "--raw", name], capture_output=True, check=True)
    assert json.loads(raw.stdout)["artifactType"] == PREFIX + "manifest.v1+json"
    copied = tmp_path / "copied.tar"
    copy = ["skopeo", "--insecure-policy", "copy", "-q", name, f"oci-archive:{copied}:x"]
    subprocess.run(copy, capture_output=True, check=True)
    model = import_bundle(elsewhere, copied).models[0].model
    assert (model.name, model.notes) == ("alpha", "Mine: “très bien”.")
    assert elsewhere.verify(model).ok


def test_the_oras_client_reads_a_bundle(bundle: Path, shelf: Store, tmp_path: Path) -> None:
    if importlib.util.find_spec("oras") is None:
        pytest.skip("the Python client oras is not installed (pip install oras)")
    layout_module = pytest.importorskip("oras.layout")
    folder = tmp_path / "unpacked"
    folder.mkdir()
    with tarfile.open(bundle) as tar:
        tar.extractall(folder, filter="data")
    layout = layout_module.NewLayout(str(folder))
    blobs = layout.get_ordered_blobs("alpha")
    assert {str(file.digest) for file in shelf.find("alpha").files} <= set(blobs)
    weights = shelf.find("alpha").weights
    path = layout.digest_to_blob_path(str(weights.digest))
    assert Path(path).read_bytes() == shelf.blob_path(weights.digest).read_bytes()
