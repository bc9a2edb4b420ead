from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from freehold.errors import DamagedLedger, StorageError, StoreBusy
from freehold.names import Digest
from freehold.store.hashing import root_of
from freehold.store.ledger import Ledger
from freehold.store.model import (
    BlobRecord,
    FileState,
    HealthNote,
    Licence,
    OwnedFile,
    OwnedModel,
)
from freehold.store.records import Stamp

THEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
STAMP = Stamp(1_700_000_000_000_000_000, 999)


def blob(number: int) -> BlobRecord:
    chunks = bytes([number]) * 96
    note = HealthNote(FileState.OK, THEN)
    digest = Digest(f"{number:064x}")
    return BlobRecord(digest, 3 << 20, 1 << 20, chunks, root_of(chunks), THEN, 1, 2, note)


def model(number: int) -> OwnedModel:
    files = (OwnedFile("f", "weights", Digest(f"{number:064x}"), 3 << 20),)
    return OwnedModel(f"{number:064x}", f"m{number}", files, Licence(), (), THEN, {})


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite3")


def test_a_ledger_that_is_not_there_is_empty_and_stays_away(ledger: Ledger, tmp_path: Path) -> None:
    assert ledger.models() == []
    assert ledger.stamps() == {}
    assert ledger.blob(Digest("0" * 64)) is None
    assert not (tmp_path / "ledger.sqlite3").exists()


def test_what_was_put_comes_back(ledger: Ledger) -> None:
    ledger.put_blob(blob(1), STAMP)
    ledger.put_model(model(1), STAMP)
    ledger.put_all([(model(2), STAMP)], [(blob(2), STAMP)])
    assert ledger.models() == [model(1), model(2)]
    assert ledger.blob(blob(1).digest) == blob(1)
    assert ledger.model(model(2).id) == model(2)
    assert ledger.health()[blob(2).digest] == blob(2).health
    assert set(ledger.stamps().values()) == {STAMP}
    ledger.check()


def test_what_was_dropped_is_gone(ledger: Ledger) -> None:
    ledger.put_all([(model(1), STAMP), (model(2), STAMP)], [(blob(1), STAMP)])
    ledger.drop_model(model(1).id)
    ledger.drop_blob(blob(1).digest)
    assert ledger.models() == [model(2)]
    assert ledger.blob(blob(1).digest) is None


def test_the_file_is_one_rollback_journal_database_with_a_version(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.put_model(model(1), STAMP)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3")) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        assert db.execute("SELECT name FROM models").fetchall() == [("m1",)]


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_ledger_is_damaged(
    ledger: Ledger, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "ledger.sqlite3").write_bytes(content)
    with pytest.raises(DamagedLedger):
        ledger.models()
    with pytest.raises(DamagedLedger):
        ledger.put_model(model(1), STAMP)


def test_a_cut_off_ledger_is_damaged(ledger: Ledger, tmp_path: Path) -> None:
    ledger.put_all([(model(n), STAMP) for n in range(40)], [(blob(n), STAMP) for n in range(40)])
    path = tmp_path / "ledger.sqlite3"
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(DamagedLedger):
        ledger.check()


def test_a_changed_row_is_never_believed(ledger: Ledger, tmp_path: Path) -> None:
    ledger.put_all([(model(1), STAMP)], [(blob(1), STAMP)])
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3")) as db:
        db.execute("UPDATE models SET record = replace(record, '\"m1\"', '\"m2\"')")
        db.commit()
    with pytest.raises(DamagedLedger, match="seal"):
        ledger.models()


def test_a_row_under_another_key_is_never_believed(ledger: Ledger, tmp_path: Path) -> None:
    ledger.put_all([(model(1), STAMP)], [(blob(1), STAMP)])
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3")) as db:
        db.execute("UPDATE models SET id = ?", ("f" * 64,))
        db.execute("UPDATE blobs SET digest = ?", ("f" * 64,))
        db.commit()
    for read in (ledger.models, ledger.health, lambda: ledger.blob(Digest("f" * 64))):
        with pytest.raises(DamagedLedger, match="key"):
            read()


def test_changed_chunk_hashes_are_never_believed(ledger: Ledger, tmp_path: Path) -> None:
    ledger.put_blob(blob(1), STAMP)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3")) as db:
        db.execute("UPDATE blobs SET chunks = zeroblob(96)")
        db.commit()
    with pytest.raises(DamagedLedger):
        ledger.blob(blob(1).digest)


def test_flipped_bits_are_noticed_or_change_nothing(
    ledger: Ledger, tmp_path: Path, flip_bit: Callable[[Path, int], None]
) -> None:
    models = [model(n) for n in range(5)]
    ledger.put_all([(m, STAMP) for m in models], [(blob(n), STAMP) for n in range(5)])
    path = tmp_path / "ledger.sqlite3"
    noticed = harmless = 0
    for bit in range(0, path.stat().st_size * 8, 1201):
        flip_bit(path, bit)
        try:
            assert ledger.models() == models
            assert all(ledger.blob(blob(n).digest) == blob(n) for n in range(5))
            harmless += 1
        except DamagedLedger:
            noticed += 1
        flip_bit(path, bit)
    print(f"{noticed} flips noticed, {harmless} changed nothing that is read")
    assert noticed > 10
    ledger.check()


def test_a_damaged_ledger_is_set_aside_with_its_journal(ledger: Ledger, tmp_path: Path) -> None:
    for content in (b"one", b"two"):
        (tmp_path / "ledger.sqlite3").write_bytes(content)
        (tmp_path / "ledger.sqlite3-journal").write_bytes(b"journal of " + content)
        aside = ledger.set_aside()
        assert aside.read_bytes() == content
        journal = aside.with_name(aside.name + "-journal")
        assert journal.read_bytes() == b"journal of " + content
    assert not (tmp_path / "ledger.sqlite3-journal").exists()
    assert ledger.models() == []


def test_a_ledger_that_another_program_locks_is_busy_not_damaged(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("freehold.store.ledger._PATIENCE", 0.0)
    ledger.put_model(model(1), STAMP)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3")) as db:
        db.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreBusy):
            ledger.models()


def test_a_folder_in_its_place_is_a_storage_error(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite3").mkdir()
    with pytest.raises(StorageError):
        ledger.models()
