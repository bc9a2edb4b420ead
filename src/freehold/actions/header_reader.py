"""Reads the header of a model file wherever its bytes are, and no more of it than the header.

Over Range where a server knows it, from the beginning where not; out of a zip by inflating as much
as is needed. A file is read from the first of its addresses that answers. Nothing is kept.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, cast

from freehold.errors import FormatError, FreeholdError, HashMismatch, IntegrityError, SourceError
from freehold.formats.gguf import GgufHeader, HeaderIncomplete, parse_header, read_header
from freehold.formats.gguf_sibling import read_sibling, table_window
from freehold.formats.split import check_split, split_facts

if TYPE_CHECKING:
    from freehold.actions.network import Network
    from freehold.sources.choice import Candidate
    from freehold.sources.interface import OfferedFile
    from freehold.transfer.interface import RemoteFile
    from freehold.transfer.ranged import RangedFile

MOST_READ = 64 << 20
"""Bytes of one file that are read at most; the longest headers known have about 16 MB."""
_STEP = 64 << 10
_ELSE = "Nothing of it was kept. Use another file, or another source."


@dataclass(frozen=True)
class HeaderRead:
    """One model under a name: what its file or its parts say about themselves."""

    name: str
    quantization: str | None
    """As the file's name tells it."""
    headers: tuple[GgufHeader, ...]
    """One for each part."""

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(header.file_size for header in self.headers)


class HeaderReader:
    """Reads headers, from several threads if need be. `fetched` counts bytes over the wire."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._lock = threading.Lock()
        self.fetched = 0

    def read(self, model: Candidate, sibling: HeaderRead | None = None) -> HeaderRead:
        """The headers of a model's files; those of `sibling` may save most of the reading.

        Raises SourceError, FormatError, or HashMismatch for a file of another size than promised.
        """
        bases = sibling.headers if sibling is not None else ()
        base = bases[0] if len(bases) == len(model.files) == 1 else None
        headers = tuple(self._header(file, base) for file in model.files)
        if len(headers) > 1 or split_facts(headers[0]) is not None:
            check_split(headers)
        return HeaderRead(model.name, model.quant, headers)

    def try_read(self, model: Candidate, sibling: HeaderRead) -> HeaderRead | FreeholdError:
        """The same, handing the error back."""
        try:
            return self.read(model, sibling)
        except (FormatError, SourceError, IntegrityError) as error:
            return error

    def _header(self, file: OfferedFile, base: GgufHeader | None) -> GgufHeader:
        only = file.pieces[0] if len(file.pieces) == 1 else None
        if only is not None and only.member is None:
            if only.remote.path is not None:
                return read_header(only.remote.path)
            with self._remote(only.remote, "head") as remote:
                _check_size(file, remote.size)
                if base is not None and (found := _from_table(remote, base, file.name)):
                    return found
                remote.seek(0)
                return header_of(_blocks(remote), remote.size, file.name)
        if file.size is None:
            raise FormatError(f"How large {file.name} is, nobody says.")
        with closing(self._unpacked(file)) as blocks:
            return header_of(blocks, file.size, file.name)

    def _unpacked(self, file: OfferedFile) -> Generator[bytes]:
        """The bytes of a file inside archives, in order, inflated and fetched as they are asked."""
        from freehold.sources.archive import find_member, open_zip

        for piece in file.pieces:
            with self._opened(piece.remote) as packed:
                if piece.member is None:
                    yield from _blocks(packed)
                    continue
                with open_zip(packed, file.name) as archive:
                    info = find_member(archive, piece.member, file.name)
                    with archive.open(info) as member:
                        yield from _blocks(member)

    @contextmanager
    def _opened(self, remote: RemoteFile) -> Iterator[IO[bytes]]:
        """An archive, here or elsewhere, begun at its end, where its directory is."""
        if remote.path is not None:
            with Path(remote.path).open("rb") as local:
                yield local
            return
        with self._remote(remote, "tail") as file:
            yield cast("IO[bytes]", io.BufferedReader(file, _STEP))

    @contextmanager
    def _remote(self, remote: RemoteFile, begin: Literal["head", "tail"]) -> Iterator[RangedFile]:
        """A file that fetches only what is looked at, from the first address that has it."""
        from freehold.transfer.ranged import RangedFile

        file: RangedFile | None = None
        for url in remote.urls:
            headers = remote.headers_for(url)
            try:
                file = RangedFile(self._network.connect(), url, headers, begin, MOST_READ)
            except SourceError:
                if url == remote.urls[-1]:
                    raise
                continue
            break
        if file is None:
            raise SourceError("There is no address to look at.")
        try:
            yield file
        finally:
            with self._lock:
                self.fetched += file.fetched
            file.close()


def header_of(blocks: Iterator[bytes], size: int, label: str) -> GgufHeader:
    """The header at the beginning of a file of `size` bytes, taking no more blocks than it needs.

    Raises FormatError when it is none, and when it would go on past `MOST_READ` bytes.
    """
    buffer, wanted = bytearray(), _STEP
    while True:
        while len(buffer) < wanted and (block := next(blocks, b"")):
            buffer += block
        try:
            return parse_header(buffer, size, label)
        except HeaderIncomplete as more:
            if len(buffer) < wanted:
                raise FormatError(
                    f"{label} ends after {len(buffer):,} bytes, in the middle of its header.", _ELSE
                ) from more
            if more.needed > MOST_READ:
                raise FormatError(
                    f"The header of {label} claims to go on past byte {more.needed:,}; Freehold "
                    f"reads {MOST_READ:,} at most from afar.",
                    _ELSE,
                ) from more
            wanted = max(more.needed, min(len(buffer) * 3 // 2, MOST_READ))
        except FormatError as error:
            raise FormatError(error.message, _ELSE) from error


def _from_table(remote: RangedFile, base: GgufHeader, label: str) -> GgufHeader | None:
    begin, end = table_window(base)
    if begin == 0:
        return None
    remote.seek(begin)
    return read_sibling(base, remote.read(end - begin) or b"", begin, remote.size, label)


def _blocks(stream: IO[bytes] | RangedFile) -> Iterator[bytes]:
    while block := stream.read(_STEP):
        yield block


def _check_size(file: OfferedFile, size: int) -> None:
    if file.size is not None and file.size != size:
        raise HashMismatch(
            f"{file.name} has {size:,} bytes where {file.size:,} were promised.",
            "It is another file, or a newer one: look the model up again, or use another source.",
        )
