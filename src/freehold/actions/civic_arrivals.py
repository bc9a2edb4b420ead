"""Public data on its way in: one file, proven to be what it should be, not yet in its place.

It knows publishers, lists of another Freehold, and copies on a disk. A file that is half there, or
something else than it should be, never arrives.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.civic_files import sha256_of
from freehold.civic.datasets import kept
from freehold.civic.datasets.kept import Kept
from freehold.civic.datasets.known import day_of, know
from freehold.civic.index.sets import Kind, recognise
from freehold.errors import FormatError, FreeholdError, HashMismatch, SourceError, UsageError
from freehold.names import Digest
from freehold.progress import Progress
from freehold.store.durable import storage_errors
from freehold.transfer.interface import RemoteFile

if TYPE_CHECKING:
    from freehold.actions.network import Network
    from freehold.civic.public_sets import PublicFile

_LARGEST = 1 << 32
_MOST_FILES = 20_000
_NO_HEAD = frozenset({405, 501})


@dataclass(frozen=True)
class Arrival:
    """A whole file, outside its place, and what is going to be said of it there."""

    entry: Kept
    path: Path


class Arrivals:
    """Brings files into a folder of their own, from where they can be moved in one step."""

    def __init__(self, folder: Path, network: Network, progress: Progress, today: date) -> None:
        self._folder, self._network = folder, network
        self._progress, self._today = progress, today

    def published(self, file: PublicFile, before: Kept | None) -> Arrival | None:
        """What its publisher has now; None: the same as before. Raises SourceError, FormatError."""
        failure: FreeholdError | None = None
        for address in (file.address, *file.also):
            try:
                return self._from_publisher(file, address, before)
            except (SourceError, FormatError) as error:
                failure = failure or error
        assert failure is not None  # noqa: S101 - there is one address at least
        raise failure

    def listed(self, address: str) -> tuple[Kept, ...]:
        """What a folder of public data on a web server, or of a peer, says it has."""
        client = self._network.connect()
        text = client.get_bytes(address + kept.NAME, what="a list of public data")
        return kept.read(text, address + kept.NAME)

    def shared(self, address: str, entry: Kept) -> Arrival:
        """One file of such a folder, proven by the hash in its list."""
        if entry.size > _LARGEST:
            raise SourceError(f"{entry.name} is said to have {entry.size:,} bytes: refused.")
        digest = Digest.parse(f"sha256:{entry.sha256}")
        path = self._fetch(RemoteFile((address + entry.name,), entry.size, digest), entry.name)
        if (found := sha256_of(path)) != entry.sha256:
            path.unlink()
            raise HashMismatch(f"{entry.name} has the hash {found[:12]}…, not the one in the list.")
        self._must_be(path, entry.kind, entry.title)
        day = min(entry.as_of, self._today)
        return Arrival(replace(entry, as_of=day, fetched=self._today, version=""), path)

    def copied(self, source: Path, listed: dict[str, Kept], dated: date | None) -> Arrival | None:
        """A copy of a file on a disk; None: it is no public data. Raises FormatError."""
        known = know(source, self._today)
        if known is None:
            return None
        path = self._folder / known.name
        with storage_errors(f"copy {source.name}"):
            self._folder.mkdir(parents=True, exist_ok=True)
            hashed = hashlib.sha256()
            with source.open("rb") as old, path.open("wb") as new:
                while block := old.read(1 << 20):
                    hashed.update(block)
                    new.write(block)
        told = listed.get(hashed.hexdigest())
        entry = Kept(
            known.kind,
            known.name,
            told.title if told else known.title,
            dated or (min(told.as_of, self._today) if told else known.as_of),
            self._today,
            hashed.hexdigest(),
            path.stat().st_size,
            told.address if told else known.address,
            told.licence if told else known.licence,
        )
        return Arrival(entry, path)

    def _from_publisher(
        self, file: PublicFile, address: str, before: Kept | None
    ) -> Arrival | None:
        client = self._network.connect()
        with client.head(address) as head:
            if head.status != 200 and head.status not in _NO_HEAD:
                raise head.error(file.title)
            published = _http_day(head.header("Last-Modified"))
            version = head.header("ETag") or head.header("Last-Modified") or ""
        if before is not None and version and version == before.version:
            return None
        path = self._fetch(RemoteFile((address,)), file.name)
        kind = self._must_be(path, file.kind, file.title)
        day = min(published or self._today, day_of(path), self._today)
        entry = Kept(
            kind,
            file.name,
            file.title,
            day,
            self._today,
            sha256_of(path),
            path.stat().st_size,
            address,
            file.licence,
            version,
        )
        return Arrival(entry, path)

    def _fetch(self, remote: RemoteFile, name: str) -> Path:
        from freehold.transfer.state import journal_path

        self._folder.mkdir(parents=True, exist_ok=True)
        coming, path = self._folder / f"{name}.part", self._folder / name
        with self._progress.task(f"fetch {name}", remote.size) as task:
            self._network.fetcher().fetch(remote, coming, task)
        coming.replace(path)
        journal_path(coming).unlink(missing_ok=True)
        return path

    def _must_be(self, path: Path, kind: Kind | None, title: str) -> Kind:
        try:
            found = recognise(path)
        except FormatError:
            path.unlink()
            raise
        if found is None or kind not in {None, found}:
            path.unlink()
            raise FormatError(
                f"What came for {title} is something else.",
                "Some networks answer with a page of their own until you log in with a browser.",
            )
        return found


def copies_in(place: Path) -> Iterator[Path]:
    """A file, or every file in a folder and below. Raises UsageError."""
    if place.is_file():
        yield place
        return
    if not place.is_dir():
        raise UsageError(f"There is no file or folder {place}.", "Is the stick plugged in?")
    for count, path in enumerate(sorted(place.rglob("*"))):
        if count > _MOST_FILES:
            raise UsageError(
                f"{place} has more than {_MOST_FILES:,} files.", "Name a folder in it."
            )
        if path.is_file() and not path.is_symlink() and path.name != kept.NAME:
            yield path


def _http_day(text: str | None) -> date | None:
    try:
        return parsedate_to_datetime(text).date() if text else None
    except ValueError:
        return None
