"""A small web site on loopback, an index of packages on it, and wheels made on the spot."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from freehold.sources.pip_settings import PipIndexes
from freehold.sources.pypi import PyPISource
from freehold.transfer.backoff import Patience
from freehold.transfer.http import HttpClient

PYPI_JSON = "application/vnd.pypi.simple.v1+json"


@dataclass
class Page:
    """What is at a path."""

    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    needs: tuple[str, str] | None = None
    """A header without which it answers 401."""
    ranges: bool = True


class Site:
    """A web server with pages, and a record of what was asked and sent."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.sent = 0
        self.answer: Callable[[str, str, dict[str, str]], Page | None] | None = None
        outer = self

        class Handler(_Handler):
            site = outer

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def put(self, path: str, body: bytes | str, **how: Any) -> str:
        """Put a page at a path; its address."""
        data = body.encode() if isinstance(body, str) else body
        self.pages[path] = Page(data, **how)
        return self.url + path

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    site: Site
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args: object) -> None: ...

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        sent = {name.lower(): value for name, value in self.headers.items()}
        self.site.asked.append((self.command, self.path, sent))
        page = self.site.pages.get(self.path)
        if page is None and self.site.answer is not None:
            page = self.site.answer(self.command, self.path, sent)
        page = page or Page(b"nothing here", {"Content-Type": "text/plain"}, 404)
        if page.needs and sent.get(page.needs[0].lower()) != page.needs[1]:
            page = Page(b"who are you?", status=401)
        body, status = page.body, page.status
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", sent.get("range", ""))
        headers = {"Content-Type": "application/octet-stream", **page.headers}
        if asked and page.ranges and status == 200:
            start = int(asked[1]) if asked[1] else max(0, len(body) - int(asked[2]))
            end = min(int(asked[2]) + 1, len(body)) if asked[1] and asked[2] else len(body)
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(body)}"
            body, status = body[start:end], 206
        self.send_response(status)
        headers.setdefault("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        if self.command != "HEAD":
            self.site.sent += len(body)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Index:
    """A package index that speaks the JSON simple API."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.files: dict[str, list[dict[str, Any]]] = {}

    @property
    def url(self) -> str:
        return f"{self.site.url}/simple"

    def add(self, filename: str, data: bytes, **entry: Any) -> None:
        """List a file of a package."""
        package = re.sub(r"[-_.]+", "-", re.split(r"-\d", filename)[0]).lower()
        self.site.put(f"/files/{filename}", data)
        listed = {
            "filename": filename,
            "url": f"../../files/{filename}",
            "hashes": {"sha256": hashlib.sha256(data).hexdigest()},
            "size": len(data),
            "yanked": False,
            **entry,
        }
        self.files.setdefault(package, []).append(listed)
        body = json.dumps({"meta": {"api-version": "1.1"}, "files": self.files[package]})
        self.site.put(f"/simple/{package}/", body, headers={"Content-Type": PYPI_JSON})

    def add_wheel(
        self,
        package: str,
        version: str,
        members: Mapping[str, bytes | str],
        metadata: str = "",
        **entry: Any,
    ) -> bytes:
        """Make a wheel, list it, and give its bytes."""
        data = wheel(package, version, members, metadata)
        self.add(f"{package.replace('-', '_')}-{version}-py3-none-any.whl", data, **entry)
        return data


def wheel(
    package: str, version: str, members: Mapping[str, bytes | str], metadata: str = ""
) -> bytes:
    """A wheel with these members, its METADATA and its RECORD."""
    folder = f"{package.replace('-', '_')}-{version}.dist-info"
    head = f"Metadata-Version: 2.4\nName: {package}\nVersion: {version}\n{metadata}"
    contents = {**members, f"{folder}/METADATA": head}
    record = ""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in contents.items():
            data = body.encode() if isinstance(body, str) else body
            archive.writestr(name, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            record += f"{name},sha256={digest},{len(data)}\n"
        archive.writestr(f"{folder}/RECORD", f"{record}{folder}/RECORD,,\n")
    return packed.getvalue()


@pytest.fixture
def site() -> Iterator[Site]:
    """A site without any page yet."""
    running = Site()
    yield running
    running.close()


@pytest.fixture
def other_site() -> Iterator[Site]:
    """A second one."""
    running = Site()
    yield running
    running.close()


@pytest.fixture
def client() -> Iterator[HttpClient]:
    """A client that loses patience quickly."""
    patience = Patience(attempts=2, first=0.01)
    made = HttpClient(connect_timeout=2, stall_timeout=2, patience=patience)
    yield made
    made.close()


@pytest.fixture
def index(site: Site) -> Index:
    """An index without any package yet."""
    return Index(site)


@pytest.fixture
def pypi(client: HttpClient, index: Index) -> PyPISource:
    """The source over that index."""
    return PyPISource(client, PipIndexes((index.url,)))
