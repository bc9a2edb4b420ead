"""A client that sends its headers letter by letter, against a real uvicorn."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from tests.server.asking import greet

from freehold.server.patience import PatientHttp


class _Hurried(PatientHttp):
    header_seconds = 0.3


@pytest.fixture
def port() -> Iterator[int]:
    config = uvicorn.Config(greet, port=0, http=_Hurried, lifespan="off", log_level="error")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


def _is_closed_within(connection: socket.socket, letters: bytes, most: int = 100) -> bool:
    """Send letter by letter until the other side has had enough."""
    connection.settimeout(0.02)
    for index in range(most):
        try:
            connection.sendall(letters[index % len(letters)].to_bytes())
            if connection.recv(100) == b"":
                return True
        except TimeoutError:
            continue
        except ConnectionError:
            return True
    return False


def test_headers_that_never_end_are_not_waited_for(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: ")
        assert _is_closed_within(connection, b"a")


def test_nor_are_those_of_a_second_request(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET / HTTP/1.1\r\nX: ")
        assert _is_closed_within(connection, b"a")


def test_a_connection_that_says_nothing_is_closed(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        assert connection.recv(10) == b""


def test_a_slow_body_is_not_its_business(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n")
        for letter in (b"a", b"b", b"c", b"d"):
            time.sleep(0.15)
            connection.sendall(letter)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")


def test_headers_larger_than_any_are_refused(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000)
        assert connection.recv(1000).startswith(b"HTTP/1.1 431 ")
        assert connection.recv(10) == b""
