"""The ledger: one SQLite file that indexes the side records. Nothing but SQLite here.

Every row carries the sealed text of its record, so what is read is either what was written or an
error; every read goes over the table and not over an index, so a damaged index hides nothing. A
connection lasts for one operation: the file can be set aside and made anew by any process, and any
thread may call. A rollback journal and not a WAL, because the store may be on an external or a
network disk. There are no foreign keys: a model whose blob has lost its record is still a model.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from freehold.errors import DamagedLedger, NotEnoughSpace, StorageError, StoreBusy
from freehold.names import Digest
from freehold.store.codec import (
    Body,
    RecordDamaged,
    blob_body,
    blob_of,
    health_of,
    model_body,
    model_of,
    read_record,
    write_record,
)
from freehold.store.model import BlobRecord, HealthNote, OwnedModel, now
from freehold.store.records import BLOB, MODEL, Stamp

SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE blobs (
  digest TEXT PRIMARY KEY NOT NULL,
  size INTEGER NOT NULL,
  changed_ns INTEGER NOT NULL,
  length INTEGER NOT NULL,
  record TEXT NOT NULL,
  chunks BLOB NOT NULL  -- last, so that reading the rest of a row doesn't read these
);
CREATE TABLE models (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  changed_ns INTEGER NOT NULL,
  length INTEGER NOT NULL,
  record TEXT NOT NULL
);
"""
_PATIENCE = 30.0
_DISK_TROUBLE = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)


class Ledger:
    """The index. Reading a ledger that does not exist is reading an empty one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def stamps(self) -> dict[str, Stamp]:
        """The stamps of the records as they were indexed, by record file name."""
        with self._reading() as db:
            blobs = "SELECT digest, changed_ns, length FROM blobs NOT INDEXED"
            models = "SELECT id, changed_ns, length FROM models NOT INDEXED"
            found = {f"{key}{BLOB}": Stamp(at, size) for key, at, size in db.execute(blobs)}
            found |= {f"{key}{MODEL}": Stamp(at, size) for key, at, size in db.execute(models)}
            return found

    def models(self) -> list[OwnedModel]:
        """Every model, in no order."""
        with self._reading() as db:
            rows = db.execute("SELECT id, record FROM models NOT INDEXED")
            return [self._model(key, text) for key, text in rows]

    def health(self) -> dict[Digest, HealthNote]:
        """What the last check of each blob found."""
        with self._reading() as db:
            rows = db.execute("SELECT digest, record FROM blobs NOT INDEXED")
            bodies = [self._body(key, "digest", text) for key, text in rows]
            return {Digest(body["digest"]): health_of(body) for body in bodies}

    def blob(self, digest: Digest) -> BlobRecord | None:
        """One blob's record with its chunk hashes."""
        with self._reading() as db:
            query = "SELECT record, chunks FROM blobs NOT INDEXED WHERE digest = ?"
            row = db.execute(query, (digest.hex,)).fetchone()
            return row and blob_of(self._body(digest.hex, "digest", row[0]), bytes(row[1]))

    def model(self, model_id: str) -> OwnedModel | None:
        """One model."""
        return next((model for model in self.models() if model.id == model_id), None)

    def check(self) -> None:
        """Read everything. Raises DamagedLedger unless all of it is as it was written."""
        self.models()
        for digest in self.health():
            self.blob(digest)
        with self._reading() as db:
            _prove(db)

    def put_blob(self, record: BlobRecord, stamp: Stamp) -> None:
        """Index a blob's record."""
        row = (record.digest.hex, record.size, *stamp, write_record(blob_body(record)))
        with self._writing() as db:
            db.execute("REPLACE INTO blobs VALUES (?, ?, ?, ?, ?, ?)", (*row, record.chunks))

    def put_model(self, model: OwnedModel, stamp: Stamp) -> None:
        """Index a model's record."""
        row = (model.id, model.name, *stamp, write_record(model_body(model)))
        with self._writing() as db:
            db.execute("REPLACE INTO models VALUES (?, ?, ?, ?, ?)", row)

    def put_all(
        self, models: list[tuple[OwnedModel, Stamp]], blobs: list[tuple[BlobRecord, Stamp]]
    ) -> None:
        """Index many records in one transaction."""
        with self._writing() as db:
            db.executemany(
                "REPLACE INTO blobs VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (b.digest.hex, b.size, *stamp, write_record(blob_body(b)), b.chunks)
                    for b, stamp in blobs
                ],
            )
            db.executemany(
                "REPLACE INTO models VALUES (?, ?, ?, ?, ?)",
                [(m.id, m.name, *stamp, write_record(model_body(m))) for m, stamp in models],
            )

    def drop_blob(self, digest: Digest) -> None:
        """Forget a blob."""
        with self._writing() as db:
            db.execute("DELETE FROM blobs WHERE digest = ?", (digest.hex,))

    def drop_model(self, model_id: str) -> None:
        """Forget a model."""
        with self._writing() as db:
            db.execute("DELETE FROM models WHERE id = ?", (model_id,))

    def set_aside(self) -> Path:
        """Rename a damaged ledger out of the way, its journal with it. Gives its new path."""
        stem = f"ledger.damaged-{now():%Y%m%d-%H%M%S}"
        for number in itertools.count():
            aside = self._path.with_name(f"{stem}-{number}" if number else stem)
            if not aside.exists():
                break
        # A journal that stayed would be played into the new ledger: it goes first.
        for suffix in ("-journal", ""):
            with contextlib.suppress(FileNotFoundError):
                self._path.with_name(self._path.name + suffix).replace(
                    aside.with_name(aside.name + suffix)
                )
        return aside

    def _model(self, key: object, text: object) -> OwnedModel:
        return model_of(self._body(key, "id", text))

    @staticmethod
    def _body(key: object, field: str, text: object) -> Body:
        body = read_record(text) if isinstance(text, str) else {}
        if body.get(field) != key:
            raise RecordDamaged("A row does not belong to its key.")
        return body

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        if not self._path.exists():
            with contextlib.closing(sqlite3.connect(":memory:")) as db:
                db.executescript(_SCHEMA)
                yield db
            return
        with self._errors(), contextlib.closing(self._connect("rw")) as db:
            if _version(db) != SCHEMA_VERSION:
                raise DamagedLedger(f"{self._path} is not a ledger of this Freehold.")
            yield db

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._errors(), contextlib.closing(self._connect("rwc")) as db:
            db.execute("PRAGMA journal_mode = DELETE")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("BEGIN IMMEDIATE")
            if _version(db) == 0 and not db.execute("SELECT 1 FROM sqlite_schema").fetchone():
                for statement in _SCHEMA.split(";"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            elif _version(db) != SCHEMA_VERSION:
                raise DamagedLedger(f"{self._path} is not a ledger of this Freehold.")
            else:
                _prove(db)  # never write into a damaged file: it would spread
            yield db
            db.execute("COMMIT")

    def _connect(self, mode: str) -> sqlite3.Connection:
        uri = f"{self._path.absolute().as_uri()}?mode={mode}"
        return sqlite3.connect(uri, timeout=_PATIENCE, isolation_level=None, uri=True)

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (RecordDamaged, sqlite3.Error, UnicodeDecodeError, ValueError) as error:
            raise self._named(error) from error

    def _named(self, error: Exception) -> Exception:
        code = getattr(error, "sqlite_errorcode", None)
        primary = code & 0xFF if isinstance(code, int) else None
        if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return StoreBusy(f"Another program keeps {self._path} locked.", "Close that program.")
        if primary == sqlite3.SQLITE_FULL:
            return NotEnoughSpace(
                f"The disk is full: {self._path} cannot grow.", "Free some space."
            )
        # A flipped bit in the header can make SQLite take a file for read-only that is not.
        refused = primary == sqlite3.SQLITE_READONLY and not os.access(self._path, os.W_OK)
        if refused or primary in _DISK_TROUBLE:
            return StorageError(
                f"{self._path} cannot be used: {error}.", "Check the disk and your rights to it."
            )
        return DamagedLedger(f"The ledger {self._path} is damaged: {error}.")


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _prove(db: sqlite3.Connection) -> None:
    verdict = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if verdict != "ok":
        raise DamagedLedger(f"The ledger is damaged: {verdict}.")
