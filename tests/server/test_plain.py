"""Health, tokens, reranking and figures."""

from __future__ import annotations

import pytest
from tests.server.conftest import Client, Served


def test_health_says_what_is_in_memory(fake: Served, client: Client) -> None:
    assert fake.ask("GET", "/health").json()["models"] == []
    client.completions.create(model="beta", prompt="hello")
    said = fake.ask("GET", "/health").json()
    assert said["status"] == "ok"
    assert said["instance"] == fake.desk.instance
    (model,) = said["models"]
    assert (model["name"], model["purpose"], model["busy"]) == ("beta", "answer", 0)


def test_tokens_there_and_back(fake: Served) -> None:
    said = fake.ask("POST", "/tokenize", json={"model": "alpha", "text": "hé"}).json()
    assert said == {"tokens": list("hé".encode()), "count": 3}
    back = {"model": "alpha", "tokens": said["tokens"]}
    assert fake.ask("POST", "/detokenize", json=back).json() == {"text": "hé"}


@pytest.mark.parametrize("tokens", ["x", [-1], [True], [1.5], [999], None])
def test_tokens_that_are_none(fake: Served, tokens: object) -> None:
    said = fake.ask("POST", "/detokenize", json={"model": "alpha", "tokens": tokens})
    assert said.status == 400
    assert said.json()["error"]["code"] == "invalid_request"
    assert "`tokens`" in said.json()["error"]["message"]


def test_documents_are_ranked(fake: Served) -> None:
    body = {
        "model": "ranker",
        "query": "red fox",
        "documents": ["a blue whale", "the red fox", "a fox"],
        "top_n": 2,
        "return_documents": True,
    }
    for path in ("/rerank", "/v1/rerank"):
        said = fake.ask("POST", path, json=body).json()
        assert [each["index"] for each in said["results"]] == [1, 2]
        assert said["results"][0]["document"] == {"text": "the red fox"}
        assert said["results"][0]["relevance_score"] == 1.0


def test_a_model_that_was_not_made_for_it_ranks_nothing(fake: Served) -> None:
    body = {"model": "alpha", "query": "q", "documents": ["d"]}
    said = fake.ask("POST", "/v1/rerank", json=body)
    assert said.status == 400
    assert "not made to rank" in said.json()["error"]["message"]


def test_figures_count_tokens_and_requests(fake: Served, client: Client) -> None:
    client.chat.completions.create(model="alpha", messages=[{"role": "user", "content": "hi"}])
    fake.ask("GET", "/v1/nothing")
    said = fake.ask("GET", "/metrics")
    rows = dict(
        row.rsplit(" ", 1) for row in said.data.decode().splitlines() if not row.startswith("#")
    )
    assert rows['freehold_requests_total{protocol="openai",status="200"}'] == "1"
    assert rows["freehold_answer_tokens_total"] == str(len("You said: hi"))
    assert rows['freehold_model_busy{model="alpha",purpose="answer"}'] == "0"
    assert int(rows['freehold_model_bytes{model="alpha",purpose="answer"}']) > 0
    assert "hi" not in said.data.decode().split()


def test_an_unknown_path_outside_every_api(fake: Served) -> None:
    said = fake.ask("GET", "/nowhere")
    assert said.status == 404
    assert said.json()["error"]["code"] == "not_found"


def test_a_client_that_offers_another_protocol_is_read_all_the_same(fake: Served) -> None:
    """As Java's own client does by default, which would rather speak HTTP/2."""
    offer = {
        "Connection": "Upgrade, HTTP2-Settings",
        "Upgrade": "h2c",
        "HTTP2-Settings": "AAEAAEAA",
    }
    body = b'{"model": "alpha", "text":\r\n"upgrade:"}'
    answer = fake.ask("POST", "/tokenize", body=body, headers=offer)
    assert answer.status == 200
    assert answer.json()["count"] == len("upgrade:")
