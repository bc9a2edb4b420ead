"""One request and its answer over a real socket, whole and cut short."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from freehold.engine.exchange import Exchange

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


def exchanged(answer: bytes, body: bytes | None = b"{}") -> tuple[bytes, int, bytes]:
    """What the server got, the status, and the content."""
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as pool:
        port = listening.getsockname()[1]
        asked = pool.submit(_serve, listening, answer)
        exchange = Exchange(urlsplit(f"http://127.0.0.1:{port}"))
        try:
            exchange.send("/path", body, {"X-Name": "value"})
            status, blocks = exchange.answer()
            content = b"".join(blocks)
        finally:
            exchange.stop()
            exchange.stop()
        return asked.result(), status, content


def _serve(listening: socket.socket, answer: bytes) -> bytes:
    connection, _ = listening.accept()
    with connection:
        asked = connection.recv(65_536)
        for at in range(0, len(answer), 7):  # in pieces that end anywhere
            connection.sendall(answer[at : at + 7])
    return asked


def test_a_body_is_posted_and_chunks_are_read() -> None:
    asked, status, content = exchanged(CHUNKED)
    assert asked.startswith(b"POST /path HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nX-Name: value\r\n" in asked
    assert asked.endswith(b"\r\nContent-Length: 2\r\n\r\n{}")
    assert (status, content) == (200, b"hello")


def test_without_a_body_it_is_a_get() -> None:
    answer = b"HTTP/1.1 404 No\r\nContent-Length: 3\r\n\r\nnot more"
    asked, status, content = exchanged(answer, None)
    assert asked.startswith(b"GET /path HTTP/1.1\r\n")
    assert (status, content) == (404, b"not")


def test_an_answer_of_unknown_length_ends_with_the_connection() -> None:
    assert exchanged(b"HTTP/1.0 200 OK\r\n\r\nall of it")[2] == b"all of it"


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"]
)
def test_one_that_is_cut_short_is_a_broken_connection(answer: bytes) -> None:
    with pytest.raises(OSError, match="closed"):
        exchanged(answer)


@pytest.mark.parametrize("answer", [b"220 mail.example\r\n\r\n", b"HTTP/1.1\r\n\r\n"])
def test_what_is_no_http_is_told(answer: bytes) -> None:
    with pytest.raises(ValueError, match=r"HTTP|invalid"):
        exchanged(answer)
