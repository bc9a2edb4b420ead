"""Registries on loopback: Debian's real `docker-registry`, and one that can misbehave.

Both take a model by `push`; the second also answers any path with whatever a test wants, and
remembers what it was asked.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from freehold.sources.manifests import ACCEPT, DOCKER_MANIFEST
from freehold.transfer.backoff import Patience
from freehold.transfer.http import HttpClient

Layer = tuple[str, bytes] | tuple[str, bytes, dict[str, str]]
"""Media type, bytes, annotations."""


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


class Pushable:
    """What a test needs of a registry: to put things into it."""

    host = ""

    def put_blob(self, repository: str, data: bytes) -> None:
        raise NotImplementedError

    def put_manifest(self, repository: str, reference: str, raw: bytes, media_type: str) -> None:
        raise NotImplementedError

    def push(
        self,
        repository: str,
        tag: str,
        layers: Sequence[Layer],
        config: Layer = ("application/vnd.oci.empty.v1+json", b"{}"),
        media_type: str = DOCKER_MANIFEST,
        **fields: Any,
    ) -> str:
        """Put a model there as a client would; returns the digest of its manifest."""
        for each in (config, *layers):
            self.put_blob(repository, each[1])
        document = {
            "schemaVersion": 2,
            "mediaType": media_type,
            "config": _descriptor(config),
            "layers": [_descriptor(each) for each in layers],
            **fields,
        }
        raw = json.dumps(document).encode()
        self.put_manifest(repository, tag, raw, media_type)
        return sha256(raw)


def _descriptor(layer: Layer) -> dict[str, Any]:
    found: dict[str, Any] = {
        "mediaType": layer[0],
        "digest": sha256(layer[1]),
        "size": len(layer[1]),
    }
    return found | ({"annotations": layer[2]} if len(layer) == 3 else {})


class RealRegistry(Pushable):
    """Debian's docker-registry in a process of its own, with its files in a folder."""

    def __init__(self, program: str, folder: Path, auth: Mapping[str, Any] | None = None) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.host = f"127.0.0.1:{free.getsockname()[1]}"
        self.headers: dict[str, str] = {}
        folder.mkdir(parents=True, exist_ok=True)
        settings = {  # JSON is YAML
            "version": 0.1,
            "log": {"level": "error"},
            "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
            "http": {"addr": self.host, "secret": "for tests"},
        }
        if auth:
            settings["auth"] = auth
        (folder / "config.yml").write_text(json.dumps(settings))
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            [program, "serve", str(folder / "config.yml")],
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self._wait(folder / "log")

    def _wait(self, log: Path) -> None:
        for _ in range(200):
            if self._process.poll() is not None:
                pytest.fail(f"docker-registry ended at once: {log.read_text()[-2000:]}")
            try:
                self._request("GET", "/v2/")
            except OSError:
                time.sleep(0.05)
            else:
                return
        pytest.fail("docker-registry does not answer")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        self._log.close()

    def put_blob(self, repository: str, data: bytes) -> None:
        status, headers, _ = self._request("POST", f"/v2/{repository}/blobs/uploads/")
        assert status == 202, status
        where = headers["Location"].partition(self.host)[2]
        joint = "&" if "?" in where else "?"
        kind = {"Content-Type": "application/octet-stream"}
        status, _, body = self._request("PUT", f"{where}{joint}digest={sha256(data)}", data, kind)
        assert status == 201, body

    def put_manifest(self, repository: str, reference: str, raw: bytes, media_type: str) -> None:
        kind = {"Content-Type": media_type}
        path = f"/v2/{repository}/manifests/{reference}"
        status, _, body = self._request("PUT", path, raw, kind)
        assert status == 201, body

    def manifest(self, repository: str, tag: str) -> bytes:
        path = f"/v2/{repository}/manifests/{tag}"
        status, _, body = self._request("GET", path, None, {"Accept": ACCEPT})
        assert status == 200, body
        return body

    def _request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> tuple[int, Mapping[str, str], bytes]:
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            connection.request(method, path, body, {**self.headers, **headers})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()


@dataclass(frozen=True)
class Answer:
    """What a path of the fake registry answers."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: bool = True
    """Whether Content-Length is sent; without it the end is where the connection ends."""
    key: str | None = None
    """The Authorization header without which it answers 401, and `headers` with it."""
    times: int | None = None
    """How often it is given before what comes next in the list; None: for ever."""


@dataclass(frozen=True)
class Asked:
    """A request that the fake registry got."""

    path: str
    headers: dict[str, str]


class FakeRegistry(Pushable):
    """A registry in a thread: honest where `push` was used, anything else where a test says so."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[Asked] = []
        self.decorate: Callable[[Answer], Answer] = lambda answer: answer
        """Changes every honest answer that `push` puts there."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, *_: object) -> None: ...

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.host = f"127.0.0.1:{self._http.server_address[1]}"
        self.url = f"http://{self.host}"

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def say(self, path: str, *answers: Answer) -> None:
        """What a path (with its query) answers: each in turn, the last for ever."""
        self.answers[path] = list(answers)

    def give(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> None:
        """What a path answers for ever; underscores in header names stand for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.say(path, Answer(body, status, named))

    def put_blob(self, repository: str, data: bytes) -> None:
        self.say(f"/v2/{repository}/blobs/{sha256(data)}", self.decorate(Answer(data)))

    def put_manifest(self, repository: str, reference: str, raw: bytes, media_type: str) -> None:
        answer = self.decorate(Answer(raw, headers={"Content-Type": media_type}))
        for name in (reference, sha256(raw)):
            self.say(f"/v2/{repository}/manifests/{name}", answer)

    def paths(self) -> list[str]:
        return [each.path for each in self.asked]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = Asked(handler.path, dict(handler.headers.items()))
        self.asked.append(asked)
        answers = self.answers.get(handler.path) or [Answer(b"{}", 404)]
        answer = answers[0]
        if answer.times is not None and len(answers) > 1:
            left = answer.times - 1
            answers[:1] = [replace(answer, times=left)] if left else []
        if answer.key is not None and asked.headers.get("Authorization") != answer.key:
            answer = replace(answer, body=b"{}", status=401)
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        if answer.length:
            handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        handler.wfile.write(answer.body)
        handler.close_connection = True


@pytest.fixture
def docker_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Docker's configuration would be; no file is there yet."""
    folder = tmp_path / "docker"
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    folder.mkdir()
    return folder / "config.json"


@pytest.fixture
def client(docker_config: Path) -> Iterator[HttpClient]:
    """A client that loses patience at once, on a machine without Docker."""
    client = HttpClient(
        connect_timeout=5, stall_timeout=5, patience=Patience(attempts=3, first=0.001)
    )
    yield client
    client.close()


@pytest.fixture
def fake() -> Iterator[FakeRegistry]:
    server = FakeRegistry()
    yield server
    server.stop()


@pytest.fixture
def other() -> Iterator[FakeRegistry]:
    """Another host."""
    server = FakeRegistry()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def registry_program() -> str:
    program = shutil.which("docker-registry")
    if program is None:
        pytest.skip("docker-registry is not installed (Debian and Ubuntu: the package so named)")
    return program


@pytest.fixture(scope="session")
def real(registry_program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    server = RealRegistry(registry_program, tmp_path_factory.mktemp("registry"))
    yield server
    server.stop()


@pytest.fixture
def start_real(registry_program: str, tmp_path: Path) -> Iterator[Callable[..., RealRegistry]]:
    """Start a registry that asks for a login in the way given."""
    started: list[RealRegistry] = []

    def start(auth: Mapping[str, Any]) -> RealRegistry:
        started.append(RealRegistry(registry_program, tmp_path / "registry", auth))
        return started[-1]

    yield start
    for server in started:
        server.stop()
