from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from freehold.names import Digest
from freehold.progress import SilentProgress
from freehold.store import blobs
from freehold.store.blobs import BlobFolder, copy_and_hash
from freehold.store.layout import Layout


def digest_of(path: Path) -> Digest:
    return Digest(hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_blob_is_read_only_and_named_by_its_hash(
    home: Path, make_file: Callable[..., Path]
) -> None:
    folder, source = BlobFolder(Layout(home)), make_file("f", 5000)
    digest = digest_of(source)
    stat = folder.place(source, digest)
    path = home / "blobs" / digest.hex[:2] / digest.hex
    assert folder.path(digest) == path
    assert digest_of(path) == digest
    assert path.stat().st_mode & 0o777 == 0o444
    assert stat.st_size == 5000
    assert not source.exists()
    assert list(folder.walk()) == [(path, 5000)]


def test_removing_tells_the_bytes_and_leaves_no_empty_folder(
    home: Path, make_file: Callable[..., Path]
) -> None:
    folder, source = BlobFolder(Layout(home)), make_file("f", 5000)
    digest = digest_of(source)
    folder.place(source, digest)
    assert folder.remove(digest) == 5000
    assert folder.remove(digest) == 0
    assert folder.stat(digest) is None
    assert list((home / "blobs").iterdir()) == []


@pytest.mark.parametrize("shares", [True, False])
def test_a_copy_is_the_same_bytes_whether_shared_or_written(
    tmp_path: Path,
    make_file: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    shares: bool,
) -> None:
    """This file system may not share bytes, so sharing is played by a plain copy."""

    def share(source: object, target: object) -> bool:
        if shares:
            (tmp_path / "copy").write_bytes(path.read_bytes())
        return shares

    monkeypatch.setattr(blobs, "share_bytes", share)
    path = make_file("f", 3_000_000)
    with SilentProgress().task("") as task:
        proof = copy_and_hash(path, tmp_path / "copy", task)
    assert (tmp_path / "copy").read_bytes() == path.read_bytes()
    assert proof.digest == digest_of(path)
    assert proof.size == 3_000_000


def test_sharing_either_works_or_leaves_an_ordinary_copy_to_be_made(
    tmp_path: Path, make_file: Callable[..., Path]
) -> None:
    path = make_file("f", 8192)
    with path.open("rb") as source, (tmp_path / "t").open("w+b") as target:
        shared = blobs.share_bytes(source, target)
    assert (tmp_path / "t").read_bytes() == (path.read_bytes() if shared else b"")
