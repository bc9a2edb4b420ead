"""The one HTTP client: pooled connections, the system's trust store, redirects followed with care.

Importing it costs what urllib3 costs (some 60 ms): import it where a request is about to be made.
It knows nothing of models; it retries only small documents, since files have `fetch` for that.
"""

from __future__ import annotations

import os
import ssl
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import truststore
import urllib3
from urllib3.exceptions import HTTPError

from freehold import __version__
from freehold.errors import SourceError, Unreachable, UsageError
from freehold.transfer.backoff import Patience, retry_after
from freehold.transfer.failures import from_exception, host_of, unusable
from freehold.transfer.proxies import proxy_for
from freehold.transfer.response import SMALL_DOCUMENT, Response

MOST_REDIRECTS = 10
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SECRETS = frozenset({"authorization", "cookie", "proxy-authorization"})


class HttpClient:
    """Asks, follows, and says clearly what went wrong. Safe to use from several threads."""

    def __init__(
        self,
        connect_timeout: float = 10.0,
        stall_timeout: float = 30.0,
        connections: int = 8,
        patience: Patience | None = None,
    ) -> None:
        """`stall_timeout`: seconds without a byte after which a connection counts as dead."""
        self._timeout = urllib3.Timeout(connect=connect_timeout, read=stall_timeout)
        self._connections = connections
        self._patience = patience or Patience(attempts=3, first=0.3)
        self._lock = threading.Lock()
        self._pools: dict[str | None, urllib3.PoolManager] = {}

    def open(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        method: str = "GET",
        follow: bool = True,
    ) -> Response:
        """Ask once and hand back the answer, whatever its status, redirects followed.

        Headers with secrets stay with the host they were meant for. Raises Unreachable when there
        is no answer, and SourceError for redirects that go in a circle or give up encryption.
        """
        sent = {"User-Agent": f"freehold/{__version__}", "Accept-Encoding": "identity"}
        sent |= headers or {}
        seen = [url]
        while True:
            raw = self._ask(method, url, sent)
            where = raw.headers.get("Location")
            if not follow or raw.status not in _REDIRECTS or not where:
                return Response(url, raw)
            Response(url, raw).close()
            following = urljoin(url, where)
            _check_redirect(url, following, seen)
            if _origin(following) != _origin(url):
                sent = {name: sent[name] for name in sent if name.lower() not in _SECRETS}
            seen.append(following)
            url = following

    def stream(
        self,
        url: str,
        start: int | None = None,
        end: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Ask for the bytes [start, end) of a file; `start` below zero counts from its end."""
        sent = dict(headers or {})
        if start is not None and start < 0:
            sent["Range"] = f"bytes={start}"
        elif start is not None or end is not None:
            sent["Range"] = f"bytes={start or 0}-{'' if end is None else end - 1}"
        return self.open(url, sent)

    def head(self, url: str, headers: Mapping[str, str] | None = None) -> Response:
        """Ask for the headers only."""
        return self.open(url, headers, "HEAD")

    def get_bytes(
        self,
        url: str,
        limit: int = SMALL_DOCUMENT,
        headers: Mapping[str, str] | None = None,
        what: str | None = None,
    ) -> bytes:
        """A small document, tried again when the host falters. Raises SourceError over `limit`."""
        with self.document(url, headers, what) as response:
            return response.read_whole(limit, what or url)

    def get_json(
        self,
        url: str,
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
        what: str | None = None,
        limit: int = SMALL_DOCUMENT,
    ) -> Any:
        """A small JSON document. Raises SourceError when something else arrives."""
        with self.document(url, {"Accept": accept, **(headers or {})}, what) as response:
            return response.read_json(what or url, limit)

    def document(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        what: str | None = None,
        ok: tuple[int, ...] = (200,),
    ) -> Response:
        """A successful answer, tried again when the host falters. Raises SourceError otherwise."""
        for attempt in range(1, self._patience.attempts + 1):
            last = attempt == self._patience.attempts
            asked: float | None = None
            try:
                response = self.open(url, headers)
            except Unreachable:
                if last:
                    raise
            else:
                if response.status in ok:
                    return response
                with response:
                    asked = retry_after(response.header("Retry-After"))
                    may_pass = response.status == 429 or response.status >= 500
                    if last or not may_pass or (asked or 0) > self._patience.longest:
                        raise response.error(what)
            time.sleep(self._patience.wait(attempt) if asked is None else asked)
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Close every pooled connection."""
        for pool in self._pools.values():
            pool.clear()

    def _ask(self, method: str, url: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        try:
            way = proxy_for(url)
        except ValueError as error:
            raise unusable(url) from error
        try:
            return self._pool(way).request(
                method,
                url,
                headers=headers,
                timeout=self._timeout,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
        except (HTTPError, OSError, ValueError) as error:
            raise from_exception(error, url) from error

    def _pool(self, proxy: str | None) -> urllib3.PoolManager:
        with self._lock:
            if proxy not in self._pools:
                self._pools[proxy] = self._new_pool(proxy)
            return self._pools[proxy]

    def _new_pool(self, proxy: str | None) -> urllib3.PoolManager:
        context = _trust()
        if proxy is None:
            return urllib3.PoolManager(maxsize=self._connections, ssl_context=context)
        login = urlsplit(proxy)
        headers = None
        if login.username:
            credentials = f"{login.username}:{login.password or ''}"
            headers = urllib3.make_headers(proxy_basic_auth=credentials)
        return urllib3.ProxyManager(
            proxy, maxsize=self._connections, ssl_context=context, proxy_headers=headers
        )


def _trust() -> ssl.SSLContext:
    """What this machine trusts, and what SSL_CERT_FILE names (which only OpenSSL itself heeds)."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if named := os.environ.get("SSL_CERT_FILE"):
        if not Path(named).is_file():
            raise UsageError(f"SSL_CERT_FILE names {named}, which is not a file.")
        context.load_verify_locations(cafile=named)
    return context


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _check_redirect(url: str, following: str, seen: list[str]) -> None:
    host = host_of(url)
    if following in seen:
        raise SourceError(f"{host} redirects in a circle.", "Try another source, or later.")
    if len(seen) > MOST_REDIRECTS:
        raise SourceError(f"{host} redirects more than {MOST_REDIRECTS} times.")
    scheme = urlsplit(following).scheme
    if scheme not in {"http", "https"}:
        raise SourceError(f"{host} redirects to {following[:100]!r}, which is no web address.")
    if urlsplit(url).scheme == "https" and scheme == "http":
        raise SourceError(f"{host} redirects to an address without encryption, so it was refused.")
