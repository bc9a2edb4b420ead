"""The transfer engine: one file from one or more addresses into a file on the disk.

Parallel ranges where the server gives them, resumption after a kill at any byte, patience with
servers that falter, fail-over in mid-file, a bandwidth cap. The hash of the whole is for the
caller to prove; with chunk hashes every 1 MiB is proven here as it lands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from freehold.errors import SourceError
from freehold.progress import Progress, Task
from freehold.transfer import state
from freehold.transfer.backoff import Patience
from freehold.transfer.download import Download, Told
from freehold.transfer.http import HttpClient
from freehold.transfer.interface import RemoteFile
from freehold.transfer.local import copy_local
from freehold.transfer.mirrors import Mirrors
from freehold.transfer.ranges import Range, Spans
from freehold.transfer.rate import TokenBucket
from freehold.transfer.work import Work, WrongChunk

_RESTARTS = 2
_MOST_CONNECTIONS = 16
"""To however many peers."""


@dataclass(frozen=True)
class FetchReport:
    """How a download went. All numbers are bytes."""

    size: int
    resumed: int
    """Already there from an earlier run."""
    received: int
    """Read from the network in this run."""
    repeated: int
    """Of these, bytes that had been fetched before, or were of no use."""
    origins: tuple[tuple[str, tuple[Range, ...]], ...]
    """Who gave which ranges in this run: whom to suspect when the whole turns out wrong."""
    notes: tuple[str, ...]
    """What the owner should know: addresses given up, and why."""
    wrong_chunks: tuple[WrongChunk, ...] = ()
    """Chunks of 1 MiB that arrived wrong and were fetched again."""

    @property
    def hosts(self) -> tuple[tuple[str, int], ...]:
        """Who gave how many bytes in this run."""
        return tuple((host, Spans(ranges).total) for host, ranges in self.origins)


class Fetcher:
    """Fetches files, one or several at once, under one bandwidth cap."""

    def __init__(
        self,
        client: HttpClient,
        progress: Progress | None = None,
        limit: float | None = None,
        connections: int = 4,
        patience: Patience | None = None,
    ) -> None:
        """`limit` is in bytes per second; None is no cap."""
        self._client = client
        self._progress = progress
        self._bucket = TokenBucket(limit) if limit else None
        self._connections = connections
        self._patience = patience or Patience()

    def fetch(
        self,
        remote: RemoteFile,
        target: Path,
        task: Task,
        *,
        chunk_hashes: Sequence[bytes] | None = None,
    ) -> FetchReport:
        """Fill `target` with the bytes of `remote` and report how it went.

        A journal beside it (`state.journal_path`) lets a later call go on; `state.discard` drops
        both, and once the file is safely somewhere else the journal is to be removed. `task`
        hears of every byte, those already there included. `chunk_hashes` are the SHA-256 digests
        of each 1 MiB of a file whose size is known. Raises SourceError, HashMismatch or
        StorageError; what was fetched so far is kept.
        """
        if chunk_hashes is not None and remote.size is None:
            raise SourceError("Chunk hashes are of use only when the size is known.")
        if remote.path is not None:
            return _local(Path(remote.path), target, task)
        told = Told(task)
        for attempt in range(_RESTARTS + 1):
            download = Download(remote, target, self._work(remote, chunk_hashes), told)
            resumed = download.resume() if attempt == 0 else 0
            if download.run(self._client, self._bucket):
                return self._report(download.work, resumed)
            state.discard(target)
            self._note("The file changed at its source meanwhile: starting again.")
        raise SourceError(f"The file at {remote.urls[0]} keeps changing while it is fetched.")

    def _work(self, remote: RemoteFile, hashes: Sequence[bytes] | None) -> Work:
        mirrors = Mirrors(remote.urls, self._patience, near=remote.peers)
        most = max(self._connections, min(2 * len(remote.peers), _MOST_CONNECTIONS))
        return Work(mirrors, most, remote.size, hashes=hashes)

    def _note(self, text: str) -> None:
        if self._progress is not None:
            self._progress.note(text)

    def _report(self, work: Work, resumed: int) -> FetchReport:
        for note in work.notes:
            self._note(note)
        return FetchReport(
            size=work.spans.total,
            resumed=resumed,
            received=work.read,
            repeated=work.read - (work.spans.total - resumed),
            origins=tuple(
                (each.host, each.gave.pairs) for each in work.mirrors.all if each.gave.total
            ),
            notes=tuple(work.notes),
            wrong_chunks=tuple(work.wrong),
        )


def _local(path: Path, target: Path, task: Task) -> FetchReport:
    size = copy_local(path, target, task)
    return FetchReport(size, 0, 0, 0, (("this machine", ((0, size),)),), ())
