"""Bundles that were damaged on the way: every flipped bit is found, or changes nothing at all."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from freehold.actions.import_bundle import import_bundle
from freehold.errors import DamagedModel, FormatError, HashMismatch
from freehold.formats.tar_plain import read_members
from freehold.store.model import OwnedModel
from freehold.store.store import Store

FLIPS = 160


def told(models: list[OwnedModel]) -> list[object]:
    """All that a bundle can tell, but when it was imported."""
    return [
        (m.id, m.name, m.files, m.licence, m.sightings[:-1], m.facts, m.parents, m.tags, m.notes)
        for m in models
    ]


def test_random_single_bit_flips(small_bundle: Path, tmp_path: Path) -> None:
    data, dice = small_bundle.read_bytes(), random.Random(20261123)
    with Store.open(tmp_path / "clean") as store:
        import_bundle(store, small_bundle)
        clean = told(store.models())
    with small_bundle.open("rb", buffering=0) as file:
        members = read_members(file, "it").values()
    contents = [range(m.offset, m.offset + m.size) for m in members]
    found = {"in contents": 0, "elsewhere": 0}
    harmless: list[int] = []
    for number in range(FLIPS):
        at, bit = dice.randrange(len(data)), dice.randrange(8)
        spoilt = bytearray(data)
        spoilt[at] ^= 1 << bit
        (tmp_path / "spoilt.tar").write_bytes(spoilt)
        inside = any(at in content for content in contents)
        with Store.open(tmp_path / f"home{number}") as store:
            try:
                import_bundle(store, tmp_path / "spoilt.tar")
            except (FormatError, HashMismatch):  # any other error fails the test
                assert store.models() == []
                found["in contents" if inside else "elsewhere"] += 1
            else:
                assert told(store.models())[0][1:] == clean[0][1:]  # type: ignore[index]
                harmless.append(at)
    print(f"{FLIPS} flips: found {found}, harmless {len(harmless)} at {harmless}")
    assert not [at for at in harmless if any(at in content for content in contents)]


def test_every_bit_of_the_documents_and_headers(small_bundle: Path, tmp_path: Path) -> None:
    """All bits of the first kilobytes: the layout, the index, the manifest and their headers."""
    from freehold.store.bundle.read import Bundle

    data = small_bundle.read_bytes()
    with Bundle.open(small_bundle) as bundle:
        clean = bundle.models
    tried, harmless = 0, []
    path = tmp_path / "spoilt.tar"
    for at in (*range(0, 1_536, 5), *range(1_536, 2_000), *range(2_000, 2_600, 5)):
        spoilt = bytearray(data)
        spoilt[at] ^= 1 << (at % 8)
        path.write_bytes(spoilt)
        tried += 1
        try:
            with Bundle.open(path) as bundle:
                assert bundle.models == clean
                harmless.append(at)
        except (FormatError, HashMismatch):
            pass
    print(f"{tried} flips in documents and headers, {len(harmless)} without any effect: {harmless}")
    # What is left are spaces for zeros in the check digits of a header: they mean the same.
    assert all(148 <= at % 512 < 156 and at // 512 in {0, 2, 4} for at in harmless)


def test_the_damaged_chunk_is_named(bundle: Path, shelf: Store, elsewhere: Store) -> None:
    digest = shelf.find("alpha").weights.digest
    with bundle.open("rb", buffering=0) as file:
        member = read_members(file, "it")[f"blobs/sha256/{digest.hex}"]
    data = bytearray(bundle.read_bytes())
    data[member.offset + (1 << 20) + 5] ^= 1
    bundle.write_bytes(data)
    with pytest.raises(HashMismatch, match=r"chunk 1 \(bytes 1,048,576 to 2,097,151\)"):
        import_bundle(elsewhere, bundle)
    assert elsewhere.models() == []
    assert not list((elsewhere.home / "blobs").rglob("*"))
    got = import_bundle(elsewhere, bundle, only=["beta"])
    assert [m.model.name for m in got.models] == ["beta"]


def test_a_damaged_model_is_not_exported(shelf: Store, tmp_path: Path) -> None:
    from freehold.actions.export import export

    path = shelf.blob_path(shelf.find("beta").weights.digest)
    path.chmod(0o644)
    good = path.read_bytes()
    for spoilt in (good[:-1] + bytes([good[-1] ^ 1]), good[:-1]):
        path.write_bytes(spoilt)
        with pytest.raises(DamagedModel, match=r"beta\.gguf .* is damaged, so nothing was exp"):
            export(shelf, shelf.models(), tmp_path / "out.tar")
        assert not list(tmp_path.glob("*out.tar*"))
    path.unlink()
    with pytest.raises(DamagedModel, match=r"beta\.gguf .* is missing, so nothing was exp"):
        export(shelf, shelf.models(), tmp_path / "out.tar")
    assert not list(tmp_path.glob("*out.tar*"))
