"""One HTTP answer: its status, its headers, and its bytes as they arrive."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from freehold.errors import SourceError
from freehold.transfer.failures import from_exception, from_status, host_of

SMALL_DOCUMENT = 16 << 20
"""What is taken for a small document unless told otherwise, in bytes."""
DRAIN_LIMIT = 64 << 10
"""What may be read and thrown away to keep a connection for the next request, in bytes."""


class Response:
    """An answer whose body is still on its way. Close it, or use it as a context manager."""

    def __init__(self, url: str, raw: BaseHTTPResponse) -> None:
        self.url = url
        """Where the answer came from, after all redirects."""
        self.status = raw.status
        self._raw = raw

    def __enter__(self) -> Response:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def host(self) -> str:
        """Who answered."""
        return host_of(self.url)

    def header(self, name: str) -> str | None:
        """A header by its name in any case."""
        return self._raw.headers.get(name)

    @property
    def length(self) -> int | None:
        """The body's length in bytes as announced. None where it is not, or is nonsense."""
        value = (self.header("Content-Length") or "").strip()
        return int(value) if value.isdecimal() else None

    @property
    def is_html(self) -> bool:
        """Whether a web page arrived: a login, a block page, an error dressed as success."""
        kind = (self.header("Content-Type") or "").split(";")[0].strip().lower()
        return kind in {"text/html", "application/xhtml+xml"}

    @property
    def is_encoded(self) -> bool:
        """Whether the body is compressed although we asked for it as it is."""
        return (self.header("Content-Encoding") or "identity").strip().lower() != "identity"

    @property
    def validator(self) -> str | None:
        """What identifies this version of the file at this address: a strong ETag, or a date."""
        tag = (self.header("ETag") or "").strip()
        if tag and not tag.startswith("W/"):
            return tag
        return self.header("Last-Modified")

    def read(self, most: int) -> bytes:
        """The next bytes as they arrive, at most `most`; empty at the end. Raises Unreachable."""
        try:
            return self._raw.read1(most, decode_content=False)
        except (HTTPError, OSError, ValueError) as error:
            raise from_exception(error, self.url) from error

    def read_whole(self, limit: int, what: str) -> bytes:
        """The whole body. Raises SourceError when it is larger than `limit` bytes."""
        parts: list[bytes] = []
        size = 0
        while block := self.read(1 << 16):
            size += len(block)
            if size > limit:
                raise SourceError(
                    f"{self.host} sent more than {limit:,} bytes for {what}, so it was refused."
                )
            parts.append(block)
        return b"".join(parts)

    def read_json(self, what: str, limit: int = SMALL_DOCUMENT) -> Any:
        """The whole body as JSON. Raises SourceError when it is something else, or too large."""
        if self.is_html:
            raise SourceError(
                f"{self.host} answered with a web page where data was expected.",
                "Some networks answer so until you log in with a browser.",
            )
        body = self.read_whole(limit, what)
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{self.host} answered with something that is not JSON.") from error

    def error(self, what: str | None = None) -> SourceError:
        """The error that this answer amounts to; `what` names what was asked for."""
        name = what or urlsplit(self.url).path or "/"
        return from_status(self.status, self.url, name, self.header("X-Error-Code"))

    def stop(self) -> None:
        """End a read that waits in another thread."""
        try:
            self._raw.shutdown()
        except (ValueError, OSError, RuntimeError):
            self._raw.close()  # it had ended by itself

    def close(self) -> None:
        """Let go of the connection; it is kept for the next request if little was left to read."""
        left = self._raw.length_remaining
        if left is None or left > DRAIN_LIMIT:
            self._raw.close()
        else:
            self._raw.drain_conn()
        self._raw.release_conn()
