"""The door of a real server: what is turned away, and in whose words."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.server.conftest import Serve, Served

from freehold.actions.api_keys import ApiKeys
from freehold.server.admission import KeyRing
from freehold.server.door import Door
from freehold.server.limits import Limits


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
def test_foreign_pages_are_turned_away_in_openais_words(
    fake: Served, headers: dict[str, str]
) -> None:
    answer = fake.ask("GET", "/v1/models", headers=headers)
    assert answer.status == 403
    assert answer.json()["error"]["type"] == "permission_error"
    assert "freehold_refused_total 1" in fake.ask("GET", "/metrics").data.decode()


def test_a_key_is_asked_once_there_is_one(serve: Serve, home: Path) -> None:
    ring_home = home
    served = serve(door=Door(KeyRing(ring_home)))
    assert served.ask("GET", "/v1/models").status == 200
    secret = ApiKeys(ring_home).make("editor").secret
    refused = served.ask("GET", "/v1/models")
    assert refused.status == 401
    assert refused.json()["error"]["code"] == "key_missing"
    headers = {"Authorization": f"Bearer {secret}"}
    assert served.ask("GET", "/v1/models", headers=headers).status == 200
    ApiKeys(ring_home).remove("editor")
    ApiKeys(ring_home).make("other")
    assert served.ask("GET", "/v1/models", headers=headers).status == 401


def test_too_many_requests_are_told_when_to_come_back(serve: Serve, home: Path) -> None:
    served = serve(door=Door(KeyRing(home), limits=Limits(per_minute=1, burst=1)))
    assert served.ask("GET", "/v1/models").status == 200
    answer = served.ask("GET", "/v1/models")
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 1


def test_a_body_that_is_too_slow_gets_an_answer_all_the_same(serve: Serve, home: Path) -> None:
    served = serve(door=Door(KeyRing(home), limits=Limits(body_seconds=0.2)))

    def letters() -> object:
        import time

        for _ in range(20):
            time.sleep(0.05)
            yield b"["

    answer = served.ask("POST", "/v1/chat/completions", body=letters(), chunked=True)
    assert answer.status == 408
    assert answer.json()["error"]["code"] == "too_slow"
