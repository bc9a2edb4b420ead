"""The server's description of itself, and whether it keeps to it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.server.conftest import Serve, Served
from tests.server.fuzzing import fuzz

from freehold.server.admission import KeyRing
from freehold.server.app import PROTOCOLS
from freehold.server.door import Door
from freehold.server.limits import Limits
from freehold.server.openapi import document
from freehold.server.openapi_schemas import ERRORS, SCHEMAS

DOCUMENT = document(PROTOCOLS)


def test_every_path_is_described_and_nothing_else() -> None:
    described = {
        (method.upper(), path) for path, table in DOCUMENT["paths"].items() for method in table
    }
    assert described == set(SCHEMAS)
    assert {protocol.name for protocol in PROTOCOLS} - {"page", "study", "act"} == set(ERRORS)
    for table in DOCUMENT["paths"].values():
        assert all(operation["summary"].endswith(".") for operation in table.values())


def test_it_is_valid_and_served(fake: Served) -> None:
    served = fake.ask("GET", "/openapi.json").json()
    assert served == DOCUMENT
    assert served["openapi"] == "3.1.0"


def test_whatever_comes_is_answered_as_described(serve_mine: Serve, tmp_path: Any) -> None:
    limits = Limits(per_minute=1_000_000, burst=1_000_000)
    served = serve_mine(door=Door(KeyRing(tmp_path / "home"), limits=limits))
    fuzzed = fuzz(served.address, DOCUMENT, each=5)
    assert fuzzed.complaints == []
    assert fuzzed.cases > 50


@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/api/nothing", "/v1/messages/nothing", "/nothing"]
)
def test_unknown_paths_have_an_error_of_their_api(fake: Served, path: str) -> None:
    answer = fake.ask("GET", path)
    assert answer.status == 404
    assert f"nothing at {path}" in answer.data.decode()
