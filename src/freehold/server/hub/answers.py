"""One shared file as an answer: whole or in part, the same headers for HEAD and GET."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Protocol

from starlette.responses import Response

from freehold.errors import DamagedModel, FreeholdError, TooBusy
from freehold.names import Digest
from freehold.server.hub.ranges import Unsatisfiable, part_asked
from freehold.server.hub.sending import SCOPE
from freehold.server.refusal import header
from freehold.share.published import PublishedFile
from freehold.transfer.ranges import Range

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_PLAIN_PIECE = 1 << 20
_BINARY = "application/octet-stream"
_TYPES = {
    ".md": "text/markdown; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
}
_TEXTS = frozenset({"licence", "document"})


class Opens(Protocol):
    """Where the bytes of files come from, opened only if they are what they should be."""

    async def open(self, digest: Digest) -> BinaryIO:
        """Raises FreeholdError."""


Refusal = Callable[[FreeholdError, int], "ASGIApp"]
"""Makes an answer out of an error and a status, in a protocol's own shape."""


@dataclass(frozen=True)
class FileAnswer:
    """Sends a file, or says why not. An application, as Starlette's responses are."""

    file: PublishedFile
    proven: Opens
    refuse: Refusal
    headers: Mapping[str, str] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the class."""
        if _has_it(scope, self._etag):
            await Response(status_code=304, headers=self._headers())(scope, receive, send)
            return
        try:
            part = self._part(scope)
        except Unsatisfiable:
            headers = {"Content-Range": f"bytes */{self.file.size}", "Accept-Ranges": "bytes"}
            text = f"The file has {self.file.size:,} bytes, and none there.\n"
            await Response(text, 416, headers, "text/plain")(scope, receive, send)
            return
        if self.file.data is not None:
            await self._send_document(self.file.data, part, scope, receive, send)
            return
        try:
            opened = await self.proven.open(self.file.digest)
        except FreeholdError as error:
            await self.refuse(error, _status(error))(scope, receive, send)
            return
        with opened:
            await self._send_file(opened, part, scope, send)

    @property
    def _etag(self) -> str:
        return f'"{self.file.digest.hex}"'

    def _part(self, scope: Scope) -> Range | None:
        asked = header(scope, b"range") if scope["method"] == "GET" else None
        if header(scope, b"if-range") not in {None, self._etag}:
            asked = None
        return part_asked(asked, self.file.size)

    def _headers(self) -> dict[str, str]:
        dot = self.file.path.rfind(".")
        kind = _TYPES.get(self.file.path[dot:].lower() if dot >= 0 else "")
        if kind is None and self.file.role in _TEXTS:
            kind = _TYPES[".txt"]
        return {
            "ETag": self._etag,
            "Accept-Ranges": "bytes",
            "Content-Type": kind or _BINARY,
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            **self.headers,
        }

    def _head(self, part: Range | None) -> tuple[int, list[tuple[bytes, bytes]], Range]:
        """The status, the headers, and what is to be sent."""
        headers = self._headers()
        begin, end = part or (0, self.file.size)
        if part is not None:
            headers["Content-Range"] = f"bytes {begin}-{end - 1}/{self.file.size}"
        headers["Content-Length"] = str(end - begin)
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        return (206 if part else 200), raw, (begin, end)

    async def _send_document(
        self, data: bytes, part: Range | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        status, headers, (begin, end) = self._head(part)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": data[begin:end]})

    async def _send_file(
        self, opened: BinaryIO, part: Range | None, scope: Scope, send: Send
    ) -> None:
        status, headers, (begin, end) = self._head(part)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        if scope["method"] != "HEAD" and end > begin:
            send_file = scope.get(SCOPE)
            if send_file is None:
                await _send_plainly(opened, begin, end, send)
                return
            if not await send_file(opened, begin, end - begin):
                return
        await send({"type": "http.response.body", "body": b""})


async def _send_plainly(opened: BinaryIO, begin: int, end: int, send: Send) -> None:
    """Through memory, a piece at a time: on a server that cannot hand files to the system."""
    opened.seek(begin)
    while begin < end:
        piece = opened.read(min(_PLAIN_PIECE, end - begin))
        begin = begin + len(piece) if piece else end
        await send({"type": "http.response.body", "body": piece, "more_body": begin < end})


def _has_it(scope: Scope, etag: str) -> bool:
    known = header(scope, b"if-none-match") or ""
    return etag in {each.strip().removeprefix("W/") for each in known.split(",")}


def _status(error: FreeholdError) -> int:
    if isinstance(error, TooBusy):
        return 503
    return 500 if isinstance(error, DamagedModel) else 404


def retry_headers(error: FreeholdError) -> dict[str, str]:
    """When it is worth asking again, where that is all that is wrong."""
    return {"Retry-After": str(error.retry_seconds)} if isinstance(error, TooBusy) else {}
