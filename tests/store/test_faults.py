"""Hundreds of single flipped bits over the ledger, the records and the blobs, counts printed."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from freehold.progress import Progress
from freehold.store.model import OwnedModel
from freehold.store.store import Store

Flip = Callable[[Path, int], None]
FLIPS = 120


@pytest.fixture
def tmp_path(quick_folder: Path) -> Path:
    """The store of each test here is in memory, if it can be."""
    return quick_folder


@pytest.fixture
def owned(
    store: Store, own: Callable[..., OwnedModel], make_file: Callable[..., Path]
) -> list[OwnedModel]:
    """Three models; the second is of several chunks and shares its second file with the third."""
    shared = make_file("README", 500, seed=9)
    own("one", make_file("1", 900, seed=1), tags=("t",))
    own("two", make_file("2", 5_000_000, seed=2), shared)
    store.note(own("three", make_file("3", 900, seed=3), shared), "a note")
    return store.models()


def test_flipped_bits_in_the_ledger_lose_nothing(
    home: Path,
    owned: list[OwnedModel],
    flip_bit: Flip,
    tmp_path: Path,
    progress: Progress,
    notes: list[str],
) -> None:
    ledger, whole, chance = home / "ledger.sqlite3", tmp_path / "whole", random.Random(3)
    shutil.copy2(ledger, whole)
    rebuilt = 0
    for _ in range(FLIPS):
        for aside in home.glob("ledger.damaged-*"):
            aside.unlink()
        notes.clear()
        flip_bit(ledger, chance.randrange(ledger.stat().st_size * 8))
        with Store.open(home, progress) as store:
            assert store.models() == owned
            assert all(report.ok for report in store.verify_all())
            changed = store.note(owned[0], "still writable")
            assert store.models()[0] == changed
            assert store.note(owned[0], "") == owned[0]
            rebuilt += any("rebuilt" in note for note in notes)
        with Store.open(home, progress) as store:
            assert store.models() == owned
        shutil.copy2(whole, ledger)
    print(f"{FLIPS} bits flipped in the ledger: {rebuilt} rebuilds, nothing lost by any")
    assert rebuilt >= 3  # the rest hit what is never read


def test_flipped_bits_in_the_blobs_are_all_found(
    store: Store, home: Path, owned: list[OwnedModel], flip_bit: Flip
) -> None:
    chance, blobs = random.Random(4), sorted(home.glob("blobs/*/*"))
    found = 0
    for _ in range(FLIPS):
        blob = chance.choice(blobs)
        bit = chance.randrange(blob.stat().st_size * 8)
        flip_bit(blob, bit)
        named = {
            (file.digest.hex, chunk)
            for report in store.verify_all()
            for file in report.files
            for chunk in file.bad_chunks
        }
        assert named == {(blob.name, bit // 8 >> 20)}
        found += 1
        flip_bit(blob, bit)
    print(f"{FLIPS} bits flipped in the blobs: {found} found, each in its chunk")
    assert all(report.ok for report in store.verify_all())


def test_flipped_bits_in_the_records_lose_nothing(
    home: Path, owned: list[OwnedModel], flip_bit: Flip, progress: Progress, notes: list[str]
) -> None:
    """With times that tell of it and without; the ledger is lost afterwards, every fourth time."""
    chance, records = random.Random(5), home / "records"
    whole = {path.name: path.read_bytes() for path in records.iterdir()}
    mended = 0
    for number in range(FLIPS):
        path = records / chance.choice(sorted(whole))
        flip_bit(path, chance.randrange(path.stat().st_size * 8))
        path.touch()
        notes.clear()
        with Store.open(home, progress) as store:
            assert store.models() == owned
            assert all(report.ok for report in store.verify_all())
        mended += any("written again" in note for note in notes)
        if number % 4 == 0:
            (home / "ledger.sqlite3").unlink()
        with Store.open(home, progress) as store:
            assert store.models() == owned
            assert all(store.by_digest(f.digest) for model in owned for f in model.files)
    print(f"{FLIPS} bits flipped in the records: {mended} written again, nothing lost by any")
    assert mended > FLIPS / 2
