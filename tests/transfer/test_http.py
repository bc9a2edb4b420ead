"""The client against a real server: what it sends, where it follows, what it says."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from freehold import __version__
from freehold.errors import AccessDenied, NotFound, SourceError, Unreachable, UsageError
from freehold.transfer.http import HttpClient

if TYPE_CHECKING:
    from tests.transfer.conftest import Server

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_a_document_comes_whole(server: Server, client: HttpClient) -> None:
    assert client.get_bytes(server.serve("/a", b"hello")) == b"hello"
    sent = server.requests[0].headers
    assert sent["User-Agent"] == f"freehold/{__version__}"
    assert sent["Accept-Encoding"] == "identity"


def test_json_is_read_and_asked_for(server: Server, client: HttpClient) -> None:
    assert client.get_json(server.serve("/a", b'{"a": [1]}'), "application/x+json") == {"a": [1]}
    assert server.requests[0].headers["Accept"] == "application/x+json"


@pytest.mark.parametrize("body", [b"not json", b"", b"\xff\xfe", b"[" * 200_000])
def test_what_is_not_json_is_one_clear_error(
    server: Server, client: HttpClient, body: bytes
) -> None:
    with pytest.raises(SourceError, match=f"{server.host} answered with something that is not"):
        client.get_json(server.serve("/a", body))


def test_a_web_page_instead_of_json_is_told_apart(server: Server, client: HttpClient) -> None:
    with pytest.raises(SourceError, match="web page"):
        client.get_json(server.serve("/a", html=True))


@pytest.mark.parametrize("how", [{}, {"chunked": True}, {"until_close": True}])
def test_more_than_the_limit_is_refused(
    server: Server, client: HttpClient, how: dict[str, bool]
) -> None:
    with pytest.raises(SourceError, match="more than 1,000 bytes"):
        client.get_bytes(server.serve("/a", bytes(2_000_000), **how), limit=1000)


def test_a_document_that_breaks_off_is_an_error(server: Server, client: HttpClient) -> None:
    with pytest.raises(Unreachable, match="broke off before the end"):
        client.get_bytes(server.serve("/a", bytes(200_000), cut_after=100_000))


def test_one_that_stalls_is_an_error(server: Server, client: HttpClient) -> None:
    with pytest.raises(Unreachable, match="stopped sending"):
        client.get_bytes(server.serve("/a", bytes(200_000), stall_after=100_000))


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, NotFound), (410, NotFound), (401, AccessDenied), (403, AccessDenied)],
)
def test_refusals_are_told_apart(
    server: Server, client: HttpClient, status: int, kind: type[SourceError]
) -> None:
    with pytest.raises(kind, match=f"{server.host}.* the thing"):
        client.get_bytes(server.serve("/a", statuses=[status]), what="the thing")
    assert len(server.requests) == 1


def test_a_server_that_falters_is_asked_again(server: Server, client: HttpClient) -> None:
    assert client.get_bytes(server.serve("/a", b"hello", statuses=[500, 503])) == b"hello"
    with pytest.raises(Unreachable, match="HTTP 500"):
        client.get_bytes(server.serve("/b", b"hello", statuses=[500] * 3))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/", "http://[", "http://a..b/", "https://127.0.0.1:9/x"]
)
def test_no_exception_of_the_library_below_gets_out(client: HttpClient, url: str) -> None:
    with pytest.raises(SourceError):
        client.open(url)


class TestRedirects:
    def test_are_followed(self, server: Server, client: HttpClient) -> None:
        url = server.serve("/a", redirect="/b")
        server.serve("/b", redirect=server.serve("/c", b"there"))
        with client.open(url) as response:
            assert response.read(100) == b"there"
            assert response.url.endswith("/c")

    def test_are_not_when_not_wanted(self, server: Server, client: HttpClient) -> None:
        with client.open(server.serve("/a", redirect="/b"), follow=False) as response:
            assert response.status == 302

    def test_in_a_circle_are_refused(self, server: Server, client: HttpClient) -> None:
        server.serve("/b", redirect="/a")
        with pytest.raises(SourceError, match="in a circle"):
            client.open(server.serve("/a", redirect="/b"))
        assert len(server.requests) == 2

    def test_without_end_are_refused(self, server: Server, client: HttpClient) -> None:
        for number in range(30):
            server.serve(f"/{number}", redirect=f"/{number + 1}")
        with pytest.raises(SourceError, match="more than 10 times"):
            client.open(f"http://{server.host}/0")

    @pytest.mark.parametrize("where", ["file:///etc/passwd", "ftp://host/x", "javascript:1"])
    def test_to_other_schemes_are_refused(
        self, server: Server, client: HttpClient, where: str
    ) -> None:
        with pytest.raises(SourceError, match="no web address"):
            client.open(server.serve("/a", redirect=where))

    def test_to_another_host_lose_the_key(
        self, server: Server, other_server: Server, client: HttpClient
    ) -> None:
        keys = {"Authorization": "Bearer secret", "cookie": "a=b", "X-Plain": "yes"}
        url = server.serve("/a", redirect="/b")
        server.serve("/b", redirect=other_server.serve("/c", b"there"))
        client.open(url, keys).close()
        (same,) = server.asked("/b")
        assert same.headers["Authorization"] == "Bearer secret"
        (other,) = other_server.asked("/c")
        assert not {"Authorization", "cookie", "Cookie"} & set(other.headers)
        assert other.headers["X-Plain"] == "yes"


class TestProxies:
    def test_a_request_goes_through_the_one_that_is_named(
        self, server: Server, client: HttpClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("http_proxy", f"http://user:pass@{server.host}")
        server.serve("http://models.example/a", b"by proxy")
        assert client.get_bytes("http://models.example/a") == b"by proxy"
        sent = {name.lower(): value for name, value in server.requests[0].headers.items()}
        assert sent["proxy-authorization"].startswith("Basic ")

    def test_no_proxy_and_this_machine_are_kept_out_of_it(
        self, server: Server, client: HttpClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        assert client.get_bytes(server.serve("/a", b"straight")) == b"straight"
        with pytest.raises(Unreachable, match="proxy"):
            client.get_bytes("http://models.example/a")

    def test_an_unusable_one_is_named(
        self, client: HttpClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:9")
        with pytest.raises(UsageError, match="socks5"):
            client.open("http://models.example/a")


class _Hello(BaseHTTPRequestHandler):
    def log_message(self, *args: object) -> None: ...

    def do_GET(self) -> None:
        self.send_response(302 if self.path == "/down" else 200)
        if self.path == "/down":
            self.send_header("Location", "http://127.0.0.1:9/")
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")


class _Quiet(HTTPServer):
    def handle_error(self, *args: object) -> None: ...


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An https server and the file of the authority that vouches for it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    command += " -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    command += f" -keyout {key} -out {certificate}"
    subprocess.run(command.split(), check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = _Quiet(("127.0.0.1", 0), _Hello)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"https://localhost:{server.server_address[1]}/", certificate
    server.shutdown()
    server.server_close()
    thread.join()


class TestEncryption:
    def test_a_certificate_nobody_vouches_for_is_refused_with_a_hint(
        self, secure: tuple[str, Path], client: HttpClient
    ) -> None:
        with pytest.raises(Unreachable, match="could not prove who it is") as caught:
            client.get_bytes(secure[0])
        assert "SSL_CERT_FILE" in str(caught.value.hint)

    def test_ssl_cert_file_is_honoured(
        self, secure: tuple[str, Path], client: HttpClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(secure[1]))
        assert client.get_bytes(secure[0]) == b"hello"

    def test_one_that_is_not_there_is_named(
        self, client: HttpClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", "/absent.pem")
        with pytest.raises(UsageError, match=r"/absent\.pem"):
            client.open("https://localhost:9/")

    def test_a_redirect_out_of_it_is_refused(
        self, secure: tuple[str, Path], client: HttpClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(secure[1]))
        with pytest.raises(SourceError, match="without encryption"):
            client.open(f"{secure[0]}down")
