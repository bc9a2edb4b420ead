from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from freehold.errors import NotEnoughSpace, StorageError
from freehold.store.durable import delete, storage_errors, sync_file, sync_folder, write_durably


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "record"
    write_durably(path, b"one")
    write_durably(path, b"two")
    assert path.read_bytes() == b"two"
    assert [entry.name for entry in path.parent.iterdir()] == ["record"]


def test_who_has_the_old_file_open_still_reads_the_old(tmp_path: Path) -> None:
    path = tmp_path / "record"
    write_durably(path, b"old")
    with path.open("rb") as reader:
        write_durably(path, b"new")
        assert reader.read() == b"old"
    assert path.read_bytes() == b"new"


def test_a_failed_write_leaves_the_old_and_no_temporary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "folder" / "record"
    write_durably(path, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotEnoughSpace, match="write it: No space"), storage_errors("write it"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in path.parent.iterdir()] == ["record"]


def test_a_disk_error_says_what_failed_and_where(tmp_path: Path) -> None:
    missing = tmp_path / "gone"
    with pytest.raises(StorageError, match=r"Could not read it: .*gone") as caught:  # noqa: SIM117
        with storage_errors("read it"):
            missing.read_bytes()
    assert caught.value.hint


def test_deleting_says_whether_it_was_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch(mode=0o444)
    assert delete(path)
    assert not delete(path)


def test_syncing_takes_read_only_files_and_folders(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    path.chmod(0o444)
    sync_file(path)
    sync_folder(tmp_path)
