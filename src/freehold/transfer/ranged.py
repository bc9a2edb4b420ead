"""A remote file that can be read like a local one, fetching only the parts that are looked at.

For the directory of a zip and the header of a model: a few hundred kilobytes of a file of
gigabytes. Where the server knows no ranges, the file is read from its beginning into a temporary
one, no further than is looked at; whole only when its end is.
"""

from __future__ import annotations

import io
import tempfile
from collections import OrderedDict
from collections.abc import Mapping
from typing import IO, Literal

from freehold.errors import SourceError
from freehold.transfer.answer import blocks, check_opening
from freehold.transfer.http import HttpClient
from freehold.transfer.ranges import parse_content_range
from freehold.transfer.response import Response

BLOCK = 64 << 10
_KEPT_BLOCKS = 512
_WHOLE_LIMIT = 4 << 30
_IN_MEMORY = 8 << 20


class RangedFile(io.RawIOBase):
    """A seekable, read-only binary file over HTTP. `fetched` counts the bytes that it cost."""

    def __init__(
        self,
        client: HttpClient,
        url: str,
        headers: Mapping[str, str] | None = None,
        begin: Literal["head", "tail"] = "head",
        limit: int = 64 << 20,
    ) -> None:
        """Ask for the first or the last block at once, and learn the size from the answer.

        Reading more than `limit` bytes in parts is refused: a hostile file could ask for it.
        Raises NotFound, AccessDenied, Unreachable, and SourceError for answers of no use.
        """
        super().__init__()
        self._client, self.url, self._headers = client, url, dict(headers or {})
        self.fetched = 0
        self._limit = limit
        self._position = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._whole: IO[bytes] | None = None
        self._flow: Response | None = None
        self._run_end = -1
        self._ahead = 1
        try:
            self.size = self._open(begin)
        except BaseException:
            self.close()
            raise

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The position of the next read."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; costs nothing."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as io calls it
        """Fill the buffer from the position on; 0 at the end."""
        data = self._slice(self._position, min(self._position + len(buffer), self.size))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def close(self) -> None:
        """Let go of what was fetched."""
        self._blocks.clear()
        if self._flow is not None:
            self._flow.close()
        if self._whole is not None:
            self._whole.close()
        super().close()

    def _open(self, begin: Literal["head", "tail"]) -> int:
        tail = begin == "tail"
        headers = {**self._headers, "Range": f"bytes=-{BLOCK}" if tail else f"bytes=0-{BLOCK - 1}"}
        response = self._client.document(self.url, headers, ok=(200, 206))
        if response.status == 200 and not response.is_html:
            return self._begin_flow(response, tail)
        with response:
            if response.is_html:
                raise SourceError(f"{response.host} answered with a web page, not with the file.")
            found = parse_content_range(response.header("Content-Range"))
            if found is None or found.size is None:
                raise SourceError(f"{response.host} sent a part without saying which.")
            data = response.read_whole(BLOCK, "a part of the file")
        expected = min(BLOCK, found.size)
        starts = found.size - expected if tail else 0
        if (found.start, len(data)) != (starts, expected):
            raise SourceError(f"{response.host} sent another part of the file than asked for.")
        self.fetched += len(data)
        self._keep(found.start, data)
        return found.size

    def _begin_flow(self, response: Response, tail: bool) -> int:
        """The server sends everything whatever is asked: it is read as far as somebody looks."""
        self._flow = response
        self._whole = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # closed in close
        size = response.length
        if size is not None and not tail:
            return size
        most = _WHOLE_LIMIT if tail else self._limit
        while self._flow_on(response):
            if self.fetched > most:
                raise SourceError(f"{response.host} serves no parts of this large file.")
        if size not in (None, self.fetched):
            raise SourceError(f"{response.host} broke off before the end.")
        return self.fetched

    def _flow_on(self, response: Response) -> int:
        block = response.read(1 << 18)
        self.fetched += len(block)
        if self._whole is not None:
            self._whole.seek(0, io.SEEK_END)
            self._whole.write(block)
        return len(block)

    def _flow_to(self, end: int) -> None:
        while self._flow is not None and self.fetched < end:
            if end > self._limit:
                raise self._too_much()
            if not self._flow_on(self._flow):
                raise SourceError(f"{self._flow.host} broke off before the end.")

    def _slice(self, start: int, end: int) -> bytes:
        if start >= end:
            return b""
        if self._whole is not None:
            self._flow_to(end)
            self._whole.seek(start)
            return self._whole.read(end - start)
        first, last = start // BLOCK, (end - 1) // BLOCK
        if last - first >= _KEPT_BLOCKS // 2:
            last = first + _KEPT_BLOCKS // 2 - 1  # a short read: the reader comes back
            end = (last + 1) * BLOCK
        self._load(first, last)
        data = b"".join(self._blocks[index] for index in range(first, last + 1))
        return data[start - first * BLOCK : end - first * BLOCK]

    def _load(self, first: int, last: int) -> None:
        """Fetch the blocks that are not here, and more ahead the longer one reads on."""
        absent = [index for index in range(first, last + 1) if index not in self._blocks]
        if absent:
            self._ahead = min(self._ahead * 2, 16) if absent[0] == self._run_end else 1
            start = absent[0] * BLOCK
            stop = min((absent[-1] + self._ahead) * BLOCK, self.size)
            self._fetch(start, stop)
            self._run_end = -(-stop // BLOCK)
        for index in range(first, last + 1):
            self._blocks.move_to_end(index)
        while len(self._blocks) > _KEPT_BLOCKS:
            self._blocks.popitem(last=False)

    def _fetch(self, start: int, stop: int) -> None:
        if self.fetched + stop - start > self._limit:
            raise self._too_much()
        headers = {**self._headers, "Range": f"bytes={start}-{stop - 1}"}
        with self._client.document(self.url, headers, ok=(200, 206)) as response:
            opening = check_opening(response, start, stop, self.size, "the file")
            if not opening.ranged:
                raise SourceError(f"{response.host} serves parts of the file only now and then.")
            parts = [block for _, block in blocks(response, opening, BLOCK, lambda: False)]
        self.fetched += stop - start
        self._keep(start, b"".join(parts))

    def _keep(self, start: int, data: bytes) -> None:
        """Cut into blocks; a first one that is not whole is completed when it is asked for."""
        index = -(-start // BLOCK)
        for at in range(index * BLOCK - start, len(data), BLOCK):
            self._blocks[index] = data[at : at + BLOCK]
            index += 1

    def _too_much(self) -> SourceError:
        return SourceError(f"Too much of {self.url} would have to be read to look into it.")
