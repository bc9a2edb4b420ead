"""What holds for every protocol: hanging up stops the work, a full queue and a stop are told."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable

import pytest
from tests.server.conftest import Serve, Served

from freehold.actions.residence import ResidenceChoices
from freehold.actions.ways_to_load import Wishes
from freehold.engine.fake import FakeEngine

SLOW = 0.02
BODY = {"model": "alpha", "messages": [{"role": "user", "content": "a long story " * 40}]}


def eventually(true: Callable[[], bool]) -> None:
    """Wait for something that happens elsewhere."""
    for _ in range(500):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("it never came to that")


def begin(served: Served, **fields: object) -> socket.socket:
    """Ask for an answer and leave it unread."""
    host, _, port = served.address.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)))
    content = json.dumps(BODY | fields).encode()
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    head += f"Content-Length: {len(content)}\r\n\r\n"
    connection.sendall(head.encode() + content)
    return connection


def read_all(connection: socket.socket) -> bytes:
    received = b""
    while block := connection.recv(65536):
        received += block
    return received


def up_to(mark: bytes, connection: socket.socket) -> bytes:
    """What comes until `mark` does; fails where the connection ends without it."""
    received = b""
    while mark not in received:
        block = connection.recv(65536)
        assert block, received
        received += block
    return received


@pytest.mark.parametrize("stream", [True, False])
def test_hanging_up_stops_the_work(serve: Serve, stream: bool) -> None:
    engine = FakeEngine(seconds_per_token=SLOW)
    served = serve(engine)
    with begin(served, stream=stream) as connection:
        eventually(lambda: bool(engine.loaded) and engine.loaded[0].under_way == 1)
        if stream:
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
    eventually(lambda: engine.loaded[0].under_way == 0)
    assert served.desk.residence.models[0].slots.busy == 0
    assert served.desk.metrics.cancelled == 1
    assert served.desk.metrics.answer_tokens == 0  # no answer came to its end


def test_hanging_up_while_waiting_leaves_the_queue(serve: Serve) -> None:
    engine = FakeEngine(seconds_per_token=SLOW)
    served = serve(engine, ResidenceChoices(Wishes(parallel=1)))
    with begin(served):
        eventually(lambda: bool(engine.loaded) and engine.loaded[0].under_way == 1)
        slots = served.desk.residence.models[0].slots
        with begin(served):
            eventually(lambda: slots.waiting == 1)
        eventually(lambda: slots.waiting == 0)
        assert slots.busy == 1
    eventually(lambda: slots.busy == 0)


def test_a_full_queue_says_so_and_when_to_come_again(serve: Serve) -> None:
    engine = FakeEngine(seconds_per_token=SLOW)
    served = serve(engine, ResidenceChoices(Wishes(parallel=1), longest_queue=1))
    with begin(served), begin(served):
        eventually(lambda: [m.slots.waiting for m in served.desk.residence.models] == [1])
        said = served.ask("POST", "/v1/chat/completions", json=BODY)
    assert said.status == 429
    assert said.headers["Retry-After"] == "1"
    assert said.json()["error"]["code"] == "too_busy"


def test_requests_beyond_the_places_wait_their_turn(serve: Serve) -> None:
    served = serve(FakeEngine(seconds_per_token=0.001), ResidenceChoices(Wishes(parallel=2)))
    statuses: list[int] = []

    def ask() -> None:
        body = BODY | {"max_tokens": 5}
        statuses.append(served.ask("POST", "/v1/chat/completions", json=body).status)

    askers = [threading.Thread(target=ask) for _ in range(12)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert statuses == [200] * 12


def test_stopping_ends_streams_with_an_error_and_a_proper_end(serve: Serve) -> None:
    engine = FakeEngine(seconds_per_token=SLOW)
    served = serve(engine)
    with begin(served, stream=True) as streamed, begin(served) as whole:
        eventually(lambda: bool(engine.loaded) and engine.loaded[0].under_way == 2)
        eventually(lambda: b"data:" in streamed.recv(65536))
        served.stop()
        rest, refused = read_all(streamed), read_all(whole)
    assert b'"code": "server_stopping"' in rest
    assert b"data: [DONE]\n\n" in rest
    assert rest.endswith(b"0\r\n\r\n")  # the stream itself ends as streams end
    assert refused.startswith(b"HTTP/1.1 503")
    assert not engine.loaded[0].alive()
    assert engine.loaded[0].under_way == 0


def test_a_worker_that_dies_is_an_error_and_the_next_request_has_a_new_one(real: Served) -> None:
    with begin(real, model="smollm2", stream=True, max_tokens=400) as connection:
        received = up_to(b"data:", connection)
        (loaded,) = [m for m in real.desk.residence.models if m.key.purpose == "answer"]
        import psutil

        psutil.Process(loaded.model.pid).kill()  # type: ignore[attr-defined] # llama.cpp's has one
        connection.settimeout(30)
        received += up_to(b"[DONE]", connection)
    assert b'"code": "worker_died"' in received
    body = BODY | {"model": "smollm2", "max_tokens": 3}
    said = real.ask("POST", "/v1/chat/completions", json=body)
    assert said.status == 200
    assert said.json()["usage"]["completion_tokens"] == 3


def test_hanging_up_stops_a_real_engine(real: Served) -> None:
    with begin(real, model="smollm2", stream=True, max_tokens=900) as connection:
        up_to(b"data:", connection)
    slots = next(m for m in real.desk.residence.models if m.key.purpose == "answer").slots
    eventually(lambda: slots.busy == 0)
    # Were it still writing, both its places would be needed for a third request at once.
    said = real.ask(
        "POST", "/v1/chat/completions", json=BODY | {"model": "smollm2", "max_tokens": 2}
    )
    assert said.json()["usage"]["prompt_tokens_details"]["cached_tokens"] > 0


def test_a_body_that_is_too_large(fake: Served) -> None:
    fake.desk.largest_body = 1000
    said = fake.ask("POST", "/v1/chat/completions", json=BODY | {"user": "x" * 2000})
    assert said.status == 413
    assert said.json()["error"]["code"] == "request_too_large"


def test_a_refusal_for_want_of_memory_has_the_numbers(serve: Serve) -> None:
    from freehold.device.memory import Memory

    served = serve(FakeEngine(), measure=lambda: Memory(8_000_000_000, 1_000_000))
    said = served.ask("POST", "/v1/chat/completions", json=BODY)
    assert said.status == 503
    assert said.headers["Retry-After"]
    error = said.json()["error"]
    assert error["code"] == "not_enough_memory"
    assert "8.0 GB" in error["message"]


def test_an_engine_with_a_bug_is_told_of_as_one(serve: Serve) -> None:
    def broken(_: object) -> str:
        raise ZeroDivisionError

    served = serve(FakeEngine(reply=broken))
    said = served.ask("POST", "/v1/chat/completions", json=BODY)
    assert said.status == 500
    assert said.json()["error"]["code"] == "server_error"
    assert "Zero" not in said.json()["error"]["message"]
