"""Where good bytes of a damaged model may be: on this machine, and at every place it was seen.

Copies on this machine are only named here; whoever reads them proves each chunk. Places elsewhere
are asked what they offer and whether they give parts of it, once, and only when they are needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.local_copies import local_copies
from freehold.actions.network import Network
from freehold.errors import FreeholdError, IntegrityError, NotFound, SourceError, UsageError
from freehold.names import ModelRef, Scheme
from freehold.sources.interface import Offer, OfferedFile, Role
from freehold.store.libraries import Found, Libraries
from freehold.store.model import OwnedFile
from freehold.transfer.interface import RemoteFile

if TYPE_CHECKING:
    from freehold.settings import Settings

_ARCHIVES = (".whl", ".zip")


@dataclass(frozen=True)
class Remote:
    """An address elsewhere that has the file itself."""

    ref: str
    remote: RemoteFile
    url: str
    ranged: bool
    """Whether it gives parts. If not, the whole must be read for any chunk of it."""

    def price(self, wanted: int, size: int) -> int:
        """Bytes to fetch for `wanted` bytes of a file of `size`."""
        return wanted if self.ranged else size


@dataclass(frozen=True)
class Whole:
    """A place that has the file only as a whole: packed in an archive, or without chunk hashes."""

    ref: str
    offered: OfferedFile
    fetch_bytes: int


@dataclass(frozen=True)
class Elsewhere:
    """Everything that other places have of one file."""

    remotes: tuple[Remote, ...] = ()
    wholes: tuple[Whole, ...] = ()


class Places:
    """The places for one model. `remarks` says of each that could not help why not."""

    def __init__(
        self,
        libraries: Libraries,
        found: Found,
        settings: Settings,
        network: Network,
        given: Sequence[str],
    ) -> None:
        """`given` are paths and references that the owner names; they come first.

        Raises NotFound for a path that is not there, UsageError for a malformed reference.
        """
        self._libraries, self._found = libraries, found
        self._settings, self._network = settings, network
        self.remarks: list[str] = []
        self._paths: list[Path] = []
        self._refs: list[ModelRef] = []
        for text in given:
            self._add_given(text)
        for sighting in found.model.sightings:
            self._add_seen(sighting.ref)
        self._offers: dict[ModelRef, Offer | None] = {}

    def copies(self, file: OwnedFile) -> Iterator[Path]:
        """Files on this machine that may be copies of `file`, the likeliest first."""
        own = self._found.store.blob_path(file.digest)
        seen: set[Path] = set()
        for path in self._candidates(file):
            try:
                real = path.resolve()
                good = path.is_file() and not (own.exists() and path.samefile(own))
            except (OSError, RuntimeError) as error:  # not ours to look at, or links in a circle
                self.remarks.append(f"{path} can't be looked at: {error}.")
                continue
            if good and real not in seen:
                seen.add(real)
                yield path

    def elsewhere(self, file: OwnedFile, *, by_chunks: bool) -> Elsewhere:
        """What the sources have of a file. Asks them; `by_chunks` says that parts are of use."""
        remotes: list[Remote] = []
        wholes: list[Whole] = []
        asked: set[str] = set()
        for ref in self._refs:
            if ref.scheme is Scheme.FILE or (offer := self._offer(ref)) is None:
                continue
            offered = _same_file(offer, file)
            if offered is None:
                self.remarks.append(f"{ref} has other bytes now.")
            elif by_chunks and _is_plain(offered):
                remote = offered.pieces[0].remote
                remotes += self._serving(str(ref), remote, file, asked)
            elif (price := offered.download_size) is not None:
                wholes.append(Whole(str(ref), replace(offered, sha256=file.digest), price))
        if by_chunks:
            for url in self._seen_at(file):
                remote = RemoteFile((url,), file.size, file.digest)
                remotes += self._serving(url, remote, file, asked)
        return Elsewhere(tuple(remotes), tuple(wholes))

    def _add_given(self, text: str) -> None:
        path = Path(text).expanduser()
        if path.exists():
            self._paths.append(path)
            return
        ref = ModelRef.parse(text)
        if ref.scheme is Scheme.FILE:
            raise NotFound(
                f"There is no file {text}.", "Name a path that exists, or a reference like hf:…"
            )
        self._refs.append(ref)

    def _add_seen(self, text: str) -> None:
        try:
            ref = ModelRef.parse(text)
        except UsageError:  # a ledger from elsewhere may hold words of its own
            self.remarks.append(f"{text} is not a reference that can be asked.")
            return
        if ref not in self._refs:
            self._refs.append(ref)

    def _candidates(self, file: OwnedFile) -> Iterator[Path]:
        for given in self._paths:
            inside = sorted(given.rglob("*")) if given.is_dir() else []
            yield from (path for path in inside if path.is_file() and _size(path) == file.size)
            yield given
        for library in self._libraries.all():
            if library.present and library.name != self._found.library:
                store = self._libraries.store(library.name)
                if store.has(file.digest):
                    yield store.blob_path(file.digest)
        record = self._found.store.by_digest(file.digest)
        if record is not None and record.elsewhere:
            yield Path(record.elsewhere)
        for ref in self._refs:
            if ref.scheme is Scheme.FILE:
                seen = Path(ref.location).expanduser()
                yield from (seen, seen.parent / file.name)
        yield from local_copies(file.digest, file.size, file.name)

    def _offer(self, ref: ModelRef) -> Offer | None:
        """What a place offers now; None, with a remark, when it can't say."""
        from freehold.sources.registry import source_for

        if ref not in self._offers:
            self._offers[ref] = None
            try:
                source = source_for(ref, self._settings, self._network.connect)
                self._offers[ref] = source.resolve(ref)
            except FreeholdError as error:
                self.remarks.append(f"{ref}: {error.message}")
        return self._offers[ref]

    def _serving(
        self, ref: str, remote: RemoteFile, file: OwnedFile, asked: set[str]
    ) -> Iterator[Remote]:
        """The addresses of a download that really have a file of that size."""
        from freehold.transfer.parts import look_at

        for url in remote.urls:
            if url in asked:
                continue
            asked.add(url)
            try:
                served = look_at(self._network.connect(), remote, url, file.size)
            except (SourceError, IntegrityError) as error:
                self.remarks.append(f"{ref}: {error.message}")
                continue
            yield Remote(ref, remote, url, served.ranged)

    def _seen_at(self, file: OwnedFile) -> Iterator[str]:
        """Addresses from the ledger: they can work where the place's own lookup does not."""
        weights = [each for each in self._found.model.files if each.role == Role.WEIGHTS]
        if len(weights) != 1 or weights[0].digest != file.digest:
            return
        for seen in self._found.model.sightings:
            if seen.url and not seen.url.partition("?")[0].endswith(_ARCHIVES):
                yield seen.url


def _same_file(offer: Offer, file: OwnedFile) -> OfferedFile | None:
    """The offered file with these bytes, by its hash; else one as large, first of the same name."""
    files = [*offer.files, *offer.alternatives]
    for each in files:
        if each.sha256 == file.digest:
            return each
    maybe = [each for each in files if each.sha256 is None and each.size in (None, file.size)]
    return next((each for each in maybe if each.name == file.name), next(iter(maybe), None))


def _size(path: Path) -> int:
    return path.stat().st_size


def _is_plain(offered: OfferedFile) -> bool:
    """Whether a download of it is the file itself."""
    return len(offered.pieces) == 1 and offered.pieces[0].member is None
