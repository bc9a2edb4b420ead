"""What leaves comes back: byte for byte, with its story, and without what should stay at home."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from freehold.actions.export import export, export_from
from freehold.actions.import_bundle import import_bundle, look_into
from freehold.errors import NotFound, UsageError
from freehold.store.model import OwnedModel, Sighting
from freehold.store.store import Store


def test_export_import_export_gives_the_same_bytes(
    bundle: Path, elsewhere: Store, tmp_path: Path
) -> None:
    done = import_bundle(elsewhere, bundle)
    export(elsewhere, [got.model for got in done.models], tmp_path / "again.tar")
    assert (tmp_path / "again.tar").read_bytes() == bundle.read_bytes()


def test_order_of_the_models_and_the_moment_do_not_matter(
    bundle: Path, shelf: Store, tmp_path: Path
) -> None:
    models = shelf.models()
    export(shelf, [*reversed(models), models[0]], tmp_path / "again.tar")
    assert (tmp_path / "again.tar").read_bytes() == bundle.read_bytes()


def test_everything_known_arrives(bundle: Path, shelf: Store, elsewhere: Store) -> None:
    import_bundle(elsewhere, bundle)
    before, after = shelf.find("alpha"), elsewhere.find("alpha")
    for part in ("id", "name", "files", "licence", "facts", "parents", "tags", "notes"):
        assert getattr(after, part) == getattr(before, part), part
    assert after.sightings[:-1] == before.sightings
    assert after.sightings[-1].ref == "file:both.tar"
    assert all(report.ok for report in elsewhere.verify_all())


def test_the_local_path_of_the_bundle_is_not_kept(bundle: Path, elsewhere: Store) -> None:
    got = import_bundle(elsewhere, bundle).models[0].model
    assert str(bundle.parent) not in repr(got)


def test_shared_bytes_are_in_the_bundle_once(bundle: Path, shelf: Store) -> None:
    licence = next(file for file in shelf.find("alpha").files if file.role == "licence")
    with tarfile.open(bundle) as tar:
        names = tar.getnames()
    assert len(names) == len(set(names))
    assert sum(name.endswith(licence.digest.hex) for name in names) == 1


def test_what_is_private_stays(shelf: Store, tmp_path: Path) -> None:
    model = shelf.add_sightings(
        shelf.find("beta"),
        (
            Sighting.now("file:/home/jane/secret-folder/beta.gguf"),
            Sighting.now("peer:janes-laptop/beta"),
            Sighting.now("hf:someone/beta", "https://jane:pass@cdn.example/b?token=hush#frag"),
            Sighting.now("https://jane:pass@host.example/beta.gguf?key=hush"),
        ),
    )
    model = shelf.note(shelf.tag(model, "for-mother"), "She asked twice.")
    export(shelf, [model], tmp_path / "out.tar", with_notes=False)
    data = (tmp_path / "out.tar").read_bytes()
    for secret in (b"jane", b"hush", b"frag", b"pass", b"mother", b"asked twice", b"shelf"):
        assert secret not in data.replace(b"passed", b""), secret
    assert b"https://cdn.example/b" in data
    assert b"https://host.example/beta.gguf" in data


def test_only_one_of_several(bundle: Path, elsewhere: Store) -> None:
    import_bundle(elsewhere, bundle, only=["beta"])
    assert [model.name for model in elsewhere.models()] == ["beta"]
    with pytest.raises(NotFound, match="no 'delta' in the bundle") as caught:
        import_bundle(elsewhere, bundle, only=["delta"])
    assert "alpha, beta" in str(caught.value.hint)


def test_looking_owns_nothing(bundle: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert [model.name for model in look_into(bundle)] == ["alpha", "beta"]
    assert sorted(tmp_path.rglob("*")) == before


def test_what_is_owned_is_not_copied_again(bundle: Path, elsewhere: Store) -> None:
    first = import_bundle(elsewhere, bundle)
    assert first.copied_bytes == sum(model.size for model in elsewhere.models()) - 41
    stats = {path: path.stat().st_mtime_ns for path in (elsewhere.home / "blobs").rglob("*")}
    again = import_bundle(elsewhere, bundle)
    assert again.copied_bytes == 0
    assert all(got.was_owned for got in again.models)
    assert stats == {p: p.stat().st_mtime_ns for p in (elsewhere.home / "blobs").rglob("*")}
    assert [model.name for model in elsewhere.models()] == ["alpha", "beta"]


def test_import_mends_a_damaged_model(bundle: Path, elsewhere: Store) -> None:
    import_bundle(elsewhere, bundle)
    path = elsewhere.blob_path(elsewhere.find("beta").weights.digest)
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[1_000] ^= 4
    path.write_bytes(data)
    assert not elsewhere.verify(elsewhere.find("beta")).ok
    done = import_bundle(elsewhere, bundle, only=["beta"])
    assert done.copied_bytes == elsewhere.find("beta").weights.size
    assert elsewhere.verify(elsewhere.find("beta")).ok


def test_models_of_two_stores_in_one_bundle(
    shelf: Store,
    elsewhere: Store,
    tmp_path: Path,
    own_model: Callable[..., OwnedModel],
    gguf: bytes,
) -> None:
    gamma = own_model(elsewhere, tmp_path / "files", "gamma", gguf)
    found = [(elsewhere, gamma), (shelf, shelf.find("beta"))]
    export_from(found, tmp_path / "out.tar")
    with Store.open(tmp_path / "third") as store:
        import_bundle(store, tmp_path / "out.tar")
        assert {model.name for model in store.models()} == {"beta", "gamma"}
        assert all(report.ok for report in store.verify_all())


def test_notes_too_long_to_travel(shelf: Store, tmp_path: Path) -> None:
    model = shelf.note(shelf.find("beta"), "x" * (5 << 20))
    with pytest.raises(UsageError, match="What is known of beta cannot travel") as caught:
        export(shelf, [model], tmp_path / "out.tar")
    assert "--no-notes" in str(caught.value.hint)
    export(shelf, [model], tmp_path / "out.tar", with_notes=False)


def test_awkward_file_names_leave_as_safe_ones(
    shelf: Store, elsewhere: Store, tmp_path: Path, gguf: bytes
) -> None:
    from freehold.store.model import NewModel, OwnedFile

    files = []
    for name, role, data in (
        ("../../etc/passwd", "weights", gguf),
        ("C:\\secret\\licence.txt", "licence", b"one"),
        ("sub/licence.txt", "document", b"two"),
        ("licence.txt", "document", b"three"),
        ("freehold.json", "document", b"four"),
        ("evil\x1b[2J.txt", "document", b"five"),
    ):
        (tmp_path / "x").write_bytes(data)
        record = shelf.add_file(tmp_path / "x", move=False)
        files.append(OwnedFile(name, role, record.digest, record.size))
    model = shelf.add_model(NewModel("awkward", tuple(files), facts={"architecture": "llama"}))
    export(shelf, [model], tmp_path / "one.tar")
    got = import_bundle(elsewhere, tmp_path / "one.tar").models[0].model
    assert [file.name for file in got.files] == [
        "passwd",
        "licence.txt",
        "sub/licence.txt",
        "2-licence.txt",
        "2-freehold.json",
        "evil[2J.txt",
    ]
    export(elsewhere, [got], tmp_path / "two.tar")
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


def test_documents_are_what_the_specification_asks(bundle: Path) -> None:
    with tarfile.open(bundle) as tar:
        read = {name: tar.extractfile(name).read() for name in tar.getnames()}  # type: ignore[union-attr]
    index = json.loads(read["index.json"])
    assert json.loads(read["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    for entry in index["manifests"]:
        manifest = json.loads(read["blobs/sha256/" + entry["digest"].removeprefix("sha256:")])
        assert manifest["artifactType"] == "application/vnd.cncf.model.manifest.v1+json"
        assert manifest["config"]["mediaType"] == "application/vnd.cncf.model.config.v1+json"
        config = json.loads(
            read["blobs/sha256/" + manifest["config"]["digest"].removeprefix("sha256:")]
        )
        assert set(config) == {"descriptor", "config", "modelfs"}
        assert config["descriptor"]["licenses"] == ["Apache-2.0"]
        assert config["config"]["format"] == "gguf"
        digests = [layer["digest"] for layer in manifest["layers"]]
        assert config["modelfs"] == {"type": "layers", "diffIds": digests}
        assert {layer["mediaType"] for layer in manifest["layers"]} == {
            "application/vnd.cncf.model.weight.v1.raw",
            "application/vnd.cncf.model.doc.v1.raw",
        }
        assert all(layer["annotations"]["org.cncf.model.filepath"] for layer in manifest["layers"])


def test_the_real_model(
    smollm2: Path, tmp_path: Path, own_model: Callable[..., OwnedModel]
) -> None:
    with Store.open(tmp_path / "a") as here, Store.open(tmp_path / "b") as there:
        model = own_model(here, tmp_path / "files", "smollm2", smollm2.read_bytes())
        export(here, [model], tmp_path / "smollm2.tar")
        got = import_bundle(there, tmp_path / "smollm2.tar").models[0].model
        assert (got.id, got.facts) == (model.id, model.facts)
        assert there.verify(got).ok
        export(there, [got], tmp_path / "again.tar")
    with (tmp_path / "smollm2.tar").open("rb") as one, (tmp_path / "again.tar").open("rb") as two:
        while block := one.read(1 << 20):
            assert block == two.read(1 << 20)
        assert not two.read()
