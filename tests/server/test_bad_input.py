"""Nonsense, in every API: an error in its own shape, and never the server's fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3
from tests.server.conftest import Serve, Served

from freehold.actions.api_keys import ApiKeys
from freehold.server.admission import KeyRing
from freehold.server.door import Door


@dataclass(frozen=True)
class Api:
    """How one API is asked for an answer, and where its errors say what they say."""

    path: str
    good: dict[str, Any]
    message: Callable[[Any], str]
    number: str
    """A field that has to be a number."""


HI = [{"role": "user", "content": "hello"}]
APIS = {
    "openai": Api(
        "/v1/chat/completions",
        {"messages": HI},
        lambda told: str(told["error"]["message"]),
        "max_tokens",
    ),
    "responses": Api(
        "/v1/responses",
        {"input": "hello"},
        lambda told: str(told["error"]["message"]),
        "max_output_tokens",
    ),
    "anthropic": Api(
        "/v1/messages",
        {"messages": HI, "max_tokens": 9},
        lambda told: str(told["error"]["message"]) if told["type"] == "error" else "",
        "max_tokens",
    ),
    "ollama": Api("/api/chat", {"messages": HI}, lambda told: str(told["error"]), "top_logprobs"),
    "plain": Api(
        "/v1/rerank",
        {"query": "x", "documents": ["y"]},
        lambda told: str(told["error"]["message"]),
        "top_n",
    ),
}


@pytest.fixture(params=list(APIS))
def api(request: pytest.FixtureRequest) -> Api:
    return APIS[request.param]


def refused(api: Api, answer: urllib3.BaseHTTPResponse, status: int) -> str:
    assert answer.status == status, answer.data
    assert answer.headers["content-type"].startswith("application/json")
    return api.message(answer.json())


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[]", b"null", b"3", b'{"a": NaN}', b"[" * 100_000]
)
def test_what_is_no_json_object(fake: Served, api: Api, body: bytes) -> None:
    answer = fake.ask("POST", api.path, body=body)
    assert "body" in refused(api, answer, 400)


@pytest.mark.parametrize("model", [None, "", 3, ["alpha"], {"name": "alpha"}])
def test_a_model_that_is_no_name(fake: Served, api: Api, model: object) -> None:
    answer = fake.ask("POST", api.path, json=api.good | {"model": model})
    assert "`model`" in refused(api, answer, 400)


@pytest.mark.parametrize("model", ["nobody", "../../etc/passwd", "x" * 10_000, "\0", "🙂"])
def test_a_model_that_is_not_owned(fake: Served, api: Api, model: str) -> None:
    answer = fake.ask("POST", api.path, json=api.good | {"model": model})
    assert "no model" in refused(api, answer, 404)


@pytest.mark.parametrize("value", ["many", -5, 10**30, 1.5, [], {}, True])
def test_a_number_that_is_none(fake: Served, api: Api, value: object) -> None:
    answer = fake.ask("POST", api.path, json=api.good | {"model": "alpha", api.number: value})
    assert api.number in refused(api, answer, 400)


def test_a_body_that_is_too_large(fake: Served, api: Api) -> None:
    fake.desk.largest_body = 10_000
    answer = fake.ask("POST", api.path, body=b" " * 10_001)
    assert "larger than" in refused(api, answer, 413)


def test_a_method_that_there_is_not(fake: Served, api: Api) -> None:
    answer = fake.ask("PUT", api.path)
    assert "use POST" in refused(api, answer, 405)
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("header", ["Authorization", "x-api-key"])
def test_keys(serve: Serve, home: Path, api: Api, header: str) -> None:
    served = serve(door=Door(KeyRing(home)))
    secret = ApiKeys(home).make("editor").secret
    prefix = "Bearer " if header == "Authorization" else ""
    body = api.good | {"model": "nobody"}
    assert "key" in refused(api, served.ask("POST", api.path, json=body), 401)
    wrong = served.ask("POST", api.path, json=body, headers={header: prefix + "wrong"})
    assert "opens nothing" in refused(api, wrong, 401)
    right = served.ask("POST", api.path, json=body, headers={header: prefix + secret})
    assert "no model" in refused(api, right, 404)


def test_a_client_that_sends_half_a_body_is_let_go(fake: Served, api: Api) -> None:
    import socket

    host, port = fake.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as half:
        head = f"POST {api.path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 100\r\n\r\n"
        half.sendall(head.encode() + b'{"model"')
        half.shutdown(socket.SHUT_WR)
        half.recv(1000)
    assert fake.ask("GET", "/health").status == 200


def test_errors_of_models_lists_are_in_the_words_of_who_asks(fake: Served) -> None:
    path = "/v1/models/nobody"
    openai = fake.ask("GET", path).json()
    anthropic = fake.ask("GET", path, headers={"anthropic-version": "2023-06-01"}).json()
    assert openai["error"]["code"] == "model_not_found"
    assert anthropic["type"] == "error"
    assert "code" not in json.dumps(anthropic)
