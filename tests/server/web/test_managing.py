"""The library page's work as the page asks for it: pin and remove, with the models in memory."""

from __future__ import annotations

from typing import Any

import pytest
from tests.server.conftest import Serve, Served


@pytest.fixture
def own(serve_mine: Serve) -> Served:
    return serve_mine()


def post(own: Served, path: str, status: int = 200, **body: Any) -> Any:
    answer = own.ask("POST", f"/page/models/{path}", json=body)
    assert answer.status == status, answer.data
    return answer.json()


def in_memory(own: Served) -> list[str]:
    return [model.model for model in own.ollama().ps().models]


def test_a_pinned_model_stays_whatever_is_asked_later(own: Served) -> None:
    own.ollama().generate("alpha")
    post(own, "pin", model="alpha", pinned=True)
    own.ollama().generate("alpha", "x", keep_alive=0)
    assert in_memory(own) == ["alpha"]
    assert "pinned" in post(own, "remove", 400, model="alpha")["error"]["message"]
    assert in_memory(own) == ["alpha"]
    post(own, "pin", model="alpha", pinned=False)
    own.ollama().generate("alpha", keep_alive=0)
    assert in_memory(own) == []


def test_a_model_in_use_is_not_removed(own: Served) -> None:
    own.ollama().generate("alpha")
    (loaded,) = own.desk.residence.models
    with loaded.in_use():
        assert "alpha is in use" in post(own, "remove", 429, model="alpha")["error"]["message"]
        assert own.ask("DELETE", "/api/delete", json={"model": "alpha"}).status == 429
    assert in_memory(own) == ["alpha"]
    assert post(own, "remove", model="alpha")["name"] == "alpha"
    assert in_memory(own) == []
    assert own.ask("POST", "/api/show", json={"model": "alpha"}).status == 404
