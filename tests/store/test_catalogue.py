"""The ledger and the records are brought in step, and a damaged ledger costs nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from freehold.progress import Progress
from freehold.store.model import OwnedModel
from freehold.store.records import model_name
from freehold.store.store import Store

Reopen = Callable[[], Store]


@pytest.fixture
def reopen(home: Path, progress: Progress) -> Reopen:
    return lambda: Store.open(home, progress)


@pytest.fixture
def owned(own: Callable[..., OwnedModel], make_file: Callable[..., Path]) -> list[OwnedModel]:
    return [own(f"m{n}", make_file(f"m{n}.gguf", 4000 + n, seed=n), tags=("t",)) for n in range(3)]


def ledger_of(home: Path) -> Path:
    return home / "ledger.sqlite3"


def record_of(home: Path, model: OwnedModel) -> Path:
    return home / "records" / model_name(model.id)


def test_a_settled_store_is_opened_without_a_write_or_a_lock(
    home: Path, owned: list[OwnedModel], reopen: Reopen
) -> None:
    (home / "store.lock").unlink()
    before = ledger_of(home).stat().st_mtime_ns
    assert reopen().models() == owned
    assert ledger_of(home).stat().st_mtime_ns == before
    assert not (home / "store.lock").exists()


def test_a_lost_ledger_is_made_again(home: Path, owned: list[OwnedModel], reopen: Reopen) -> None:
    ledger_of(home).unlink()
    assert reopen().models() == owned
    assert ledger_of(home).exists()


@pytest.mark.parametrize("damage", ["no database", "cut", "other schema", "emptied"])
def test_a_damaged_ledger_is_set_aside_and_rebuilt(
    home: Path, owned: list[OwnedModel], reopen: Reopen, notes: list[str], damage: str
) -> None:
    ledger = ledger_of(home)
    match damage:
        case "no database":
            ledger.write_bytes(b"this is no database at all" * 1000)
        case "cut":
            os.truncate(ledger, 5000)
        case "other schema":
            with closing(sqlite3.connect(ledger)) as db:
                db.execute("PRAGMA user_version = 77")
        case "emptied":
            os.truncate(ledger, 0)
    store = reopen()
    assert store.models() == owned
    assert store.by_digest(owned[0].weights.digest)
    asides = list(home.glob("ledger.damaged-*"))
    assert len(asides) == 1
    assert asides[0].name in "".join(notes)
    notes.clear()
    assert reopen().models() == owned
    assert notes == []


def test_damage_that_comes_while_the_store_is_open_is_mended_too(
    home: Path, owned: list[OwnedModel], store: Store, notes: list[str]
) -> None:
    ledger_of(home).write_bytes(b"gone")
    assert store.models() == owned
    ledger_of(home).write_bytes(b"gone again")
    assert store.pin(owned[0]).pinned
    assert [model.pinned for model in store.models()] == [True, False, False]
    assert len(notes) == 2


def test_a_changed_row_is_found_and_the_ledger_rebuilt(
    home: Path, owned: list[OwnedModel], reopen: Reopen, notes: list[str]
) -> None:
    with closing(sqlite3.connect(ledger_of(home))) as db:
        db.execute("UPDATE models SET record = replace(record, '\"m1\"', '\"m9\"')")
        db.commit()
    assert reopen().models() == owned
    assert "rebuilt" in "".join(notes)


def test_a_record_without_a_row_is_picked_up(
    home: Path, owned: list[OwnedModel], reopen: Reopen, notes: list[str]
) -> None:
    """As after a kill between the record and the ledger."""
    with closing(sqlite3.connect(ledger_of(home))) as db:
        db.execute("DELETE FROM models WHERE id = ?", (owned[1].id,))
        db.commit()
    assert reopen().models() == owned
    assert notes == []


def test_a_changed_record_is_read_again(
    home: Path, owned: list[OwnedModel], store: Store, reopen: Reopen, tmp_path: Path
) -> None:
    """As after a kill between the record and the ledger, or from a backup of the records."""
    shutil.copy2(ledger_of(home), tmp_path / "older")
    renamed = store.rename(owned[0], "other")
    shutil.copy2(tmp_path / "older", ledger_of(home))
    assert reopen().models() == [renamed, *owned[1:]]


def test_a_lost_record_is_given_back_by_the_ledger(
    home: Path, owned: list[OwnedModel], reopen: Reopen, notes: list[str]
) -> None:
    shutil.rmtree(home / "records")
    assert reopen().models() == owned
    assert len(notes) == 6
    ledger_of(home).unlink()
    assert reopen().models() == owned


def test_a_damaged_record_is_given_back_by_the_ledger(
    home: Path,
    owned: list[OwnedModel],
    reopen: Reopen,
    notes: list[str],
    flip_bit: Callable[[Path, int], None],
) -> None:
    path = record_of(home, owned[0])
    flip_bit(path, 8 * path.read_bytes().index(b"m0"))
    path.touch()
    assert reopen().models() == owned
    assert "written again" in "".join(notes)
    ledger_of(home).unlink()
    assert reopen().models() == owned


def test_a_record_that_cannot_be_read_is_named_and_left_alone(
    home: Path, owned: list[OwnedModel], reopen: Reopen, notes: list[str]
) -> None:
    path = home / "records" / model_name("0" * 64)
    path.write_bytes(b"?")
    assert reopen().models() == owned
    assert path.name in "".join(notes)
    assert path.read_bytes() == b"?"


def test_a_record_of_a_later_freehold_is_named_and_left_alone(
    home: Path, owned: list[OwnedModel], reopen: Reopen, notes: list[str]
) -> None:
    from freehold.store.codec import write_record

    path = record_of(home, owned[0])
    newer = write_record({"format": 2, "id": owned[0].id})
    path.write_text(newer)
    assert reopen().models() == owned  # the ledger still has what this Freehold knows of it
    assert "later Freehold" in "".join(notes)
    assert path.read_text() == newer


def test_a_store_that_cannot_be_written_is_read_from_its_records(
    home: Path,
    owned: list[OwnedModel],
    reopen: Reopen,
    notes: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger_of(home).unlink()
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and access(path, mode))
    store = reopen()
    assert store.models() == owned
    assert store.by_digest(owned[0].weights.digest)
    assert not ledger_of(home).exists()
    assert "cannot be written" in "".join(notes)
