"""Fetch the public data, or take a copy of it, and build the index anew.

A file takes the place of an older one only once an index was built with it: what is here keeps
working until then. Nothing in these requests tells where anybody lives.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.civic_files import CivicFiles, KeptFile, sha256_of
from freehold.civic.index.build import build_index
from freehold.civic.index.sets import Kind, recognise
from freehold.civic.public_sets import PublicFile
from freehold.errors import FormatError, SourceError, Unreachable, UsageError
from freehold.progress import SILENT, Progress
from freehold.store.durable import storage_errors

if TYPE_CHECKING:
    from freehold.actions.network import Network
    from freehold.settings import Settings
    from freehold.transfer.response import Response

_TITLES = {
    Kind.CONGRESS: "Members of Congress",
    Kind.CONGRESS_OFFICES: "Offices of members of Congress",
    Kind.COMMITTEES: "Committees of Congress",
    Kind.COMMITTEE_MEMBERS: "Who sits on them",
    Kind.STATE_LEGISLATORS: "State legislators",
    Kind.ZIP_AREAS: "ZIP areas and districts",
    Kind.BOUNDARIES: "Boundaries",
}


_NO_HEAD = (405, 501)
"""What servers say that only give files."""


@dataclass
class Updated:
    """What came of it. Sizes are in bytes."""

    files: tuple[KeptFile, ...] = ()
    """All that the index rests on now."""
    changed: list[str] = field(default_factory=list)
    """Titles of what is new or other than before."""
    same: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    """What could not be had, each with why."""
    fetched: int = 0
    index_size: int = 0


@dataclass(frozen=True)
class Announced:
    """What a server says of a file before it is fetched."""

    file: PublicFile
    size: int | None
    """None where it does not say."""


def announced(wanted: Iterable[PublicFile], network: Network) -> list[Announced]:
    """How big each file is, as its server says now. Raises Unreachable when none can be asked."""
    found = []
    for file in wanted:
        with network.connect().head(file.address) as response:
            found.append(Announced(file, response.length if response.status == 200 else None))
    return found


def fetch_data(
    settings: Settings,
    wanted: Sequence[PublicFile],
    network: Network,
    progress: Progress = SILENT,
) -> Updated:
    """Fetch what has changed of these files and build the index anew.

    What cannot be had is named, and the rest is used. Raises Unreachable when nothing at all can be
    had, FormatError, StorageError.
    """
    files, done = CivicFiles(settings.home), Updated()
    kept = files.all()
    arrived: dict[str, tuple[Path, KeptFile]] = {}
    with storage_errors("make a folder for the public data"):
        files.incoming.mkdir(parents=True, exist_ok=True)
    for file in wanted:
        try:
            got = _fetch(file, kept.get(file.name), files.incoming, network, progress)
        except (SourceError, FormatError) as error:
            done.failed.append(f"{file.title}: {error.message}")
            continue
        if got is None:
            done.same.append(file.title)
            continue
        arrived[file.name] = got
        done.fetched += got[1].size
    if not arrived and done.failed and not done.same:
        raise Unreachable(
            f"None of the public data could be had. {done.failed[0]}",
            "Is there a network? Copies of it, from a USB stick: freehold act update --from FOLDER",
        )
    return _build(files, kept, arrived, done, progress)


def take_data(settings: Settings, places: Sequence[Path], progress: Progress = SILENT) -> Updated:
    """Take copies of such files from files or folders, told by what is in them; no network.

    Raises UsageError when there is nothing of the kind, FormatError for a broken one, StorageError.
    """
    files, done = CivicFiles(settings.home), Updated()
    kept = files.all()
    arrived: dict[str, tuple[Path, KeptFile]] = {}
    with storage_errors("make a folder for the public data"):
        files.incoming.mkdir(parents=True, exist_ok=True)
    for path in _candidates(places):
        kind = recognise(path)
        if kind is None:
            continue
        digest = sha256_of(path)
        same = kept.get(path.name)
        if same is not None and same.sha256 == digest:
            done.same.append(same.title)
            continue
        with storage_errors(f"copy {path.name}"):
            copy = Path(shutil.copy2(path, files.incoming / path.name))
        title = f"{_TITLES[kind]} ({path.name})"
        size = copy.stat().st_size
        arrived[path.name] = copy, KeptFile(path.name, kind, title, _dated(path), digest, size)
    if not arrived and not done.same:
        raise UsageError(
            "There is no public data of these kinds there.",
            "Files as their makers publish them: see freehold act update --dry-run",
        )
    return _build(files, kept, arrived, done, progress)


def _fetch(
    file: PublicFile, before: KeptFile | None, folder: Path, network: Network, progress: Progress
) -> tuple[Path, KeptFile] | None:
    """Fetch one file; None when it is what is here already."""
    from freehold.transfer.interface import RemoteFile
    from freehold.transfer.state import discard, journal_path

    with network.connect().head(file.address) as response:
        if response.status not in {200, *_NO_HEAD}:
            raise response.error(file.title)
        known = response.status == 200
        version = _version(response) if known else ""
        size = response.length if known else None
        published = _published(response) if known else None
    if before is not None and version and before.version == version:
        return None
    target = folder / file.name
    with progress.task(f"fetch {file.title}", size) as task:
        network.fetcher().fetch(RemoteFile((file.address,), size), target, task)
    digest = sha256_of(target)
    try:
        kind = recognise(target)
    except FormatError:
        discard(target)
        raise
    if kind is None:
        discard(target)
        raise FormatError(f"{file.address} gave something else.", "A page in its place, perhaps.")
    journal_path(target).unlink(missing_ok=True)
    if before is not None and before.sha256 == digest:
        target.unlink()
        return None
    as_of = published or datetime.now(UTC).date()
    return target, KeptFile(
        file.name,
        kind,
        file.title,
        as_of,
        digest,
        target.stat().st_size,
        file.address,
        file.licence,
        version,
    )


def _build(
    files: CivicFiles,
    kept: dict[str, KeptFile],
    arrived: dict[str, tuple[Path, KeptFile]],
    done: Updated,
    progress: Progress,
) -> Updated:
    """The index of what is here and what arrived; only then may that take its place."""
    now = {**kept, **{name: file for name, (_, file) in arrived.items()}}
    if arrived or not files.index.exists():
        sets = [
            files.data_set(file, arrived[name][0] if name in arrived else None)
            for name, file in sorted(now.items())
        ]
        build_index(sets, files.index, today=datetime.now(UTC).date(), progress=progress)
        files.keep(arrived, now)
    shutil.rmtree(files.incoming, ignore_errors=True)
    done.files = tuple(sorted(now.values(), key=lambda file: file.title))
    done.changed = [file.title for _, file in arrived.values()]
    done.index_size = files.index.stat().st_size
    return done


def _candidates(places: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            found += sorted(path for path in place.rglob("*") if path.is_file())
        elif place.is_file():
            found.append(place)
        else:
            raise UsageError(f"There is no {place}.", "A file or a folder with copies of the data.")
    return found


def _dated(path: Path) -> date:
    """The day a copy is of: of the newest thing in an archive, or of the file, the earlier one."""
    days = [datetime.fromtimestamp(path.stat().st_mtime, UTC).date()]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            times = [entry.date_time[:3] for entry in archive.infolist()]
        years = [date(*parts) for parts in times if parts[0] > 1980 and 0 < parts[1] < 13]
        days += [max(years)] if years else []
    return min(days)


def _version(response: Response) -> str:
    return response.header("ETag") or response.header("Last-Modified") or ""


def _published(response: Response) -> date | None:
    try:
        return parsedate_to_datetime(response.header("Last-Modified") or "").date()
    except ValueError:
        return None
