"""What changes what is owned, by Ollama's API: pull, create, copy, delete."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import ollama
import pytest
from tests.conftest import tiny_gguf
from tests.server.conftest import Client, Serve, Served
from tests.serving import FileServer, hub

from freehold.actions.api_keys import ApiKeys
from freehold.engine.fake import FakeEngine
from freehold.engine.interface import Message
from freehold.server.admission import KeyRing
from freehold.server.door import Door
from freehold.store.store import Store

HI = [{"role": "user", "content": "hello"}]


@pytest.fixture
def mine(serve_mine: Serve) -> Served:
    return serve_mine()


@pytest.fixture
def llama(mine: Served) -> Client:
    return mine.ollama()


def names(llama: Client) -> list[str]:
    """What is owned, the ranker aside."""
    return [each.model for each in llama.list().models if each.model != "ranker"]


def test_a_copy_is_a_model_of_its_own_with_the_same_bytes(mine: Served, llama: Client) -> None:
    store = mine.desk.residence.libraries.store()
    llama.copy("alpha", "gamma")
    assert names(llama) == ["alpha", "beta", "gamma"]
    assert llama.chat("gamma", HI).message.content == "You said: hello"
    alpha, gamma = store.find("alpha"), store.find("gamma")
    assert alpha.weights == gamma.weights
    assert [parent.id for parent in gamma.parents] == [alpha.id]
    llama.delete("alpha")
    assert names(llama) == ["beta", "gamma"]
    assert llama.chat("gamma", HI).message.content == "You said: hello"
    assert store.verify(gamma).ok


def test_a_model_made_with_words_and_settings_of_its_own(serve_mine: Serve) -> None:
    engine = FakeEngine()
    served = serve_mine(engine)
    llama = served.ollama()
    steps = list(
        llama.create(
            "mario",
            from_="alpha",
            system="You are Mario.",
            parameters={"temperature": 0.5, "stop": ["zzz"]},
            stream=True,
        )
    )
    assert steps[-1].status == "success"
    assert llama.chat("mario:latest", HI).message.content == "You said: hello"
    request: Any = engine.loaded[-1].asked[-1]
    assert request.messages[0] == Message("system", "You are Mario.")
    assert (request.sampling.temperature, request.sampling.stop) == (0.5, ("zzz",))
    with served.openai() as client:
        client.chat.completions.create(
            model="mario", messages=[{"role": "system", "content": "Mine."}, *HI], temperature=1
        )
    request = engine.loaded[-1].asked[-1]
    assert request.messages[0] == Message("system", "Mine.")
    assert request.sampling.temperature == 1
    shown = llama.show("mario")
    assert "FROM alpha" in shown.modelfile
    assert "temperature 0.5" in shown.parameters
    assert shown.details.parent_model == "alpha"


def test_what_was_made_can_be_made_anew_and_nothing_else_is_replaced(llama: Client) -> None:
    llama.create("mario", from_="alpha", system="One.")
    llama.create("mario", from_="alpha", system="Two.")
    llama.create("mario", from_="mario", parameters={"top_k": 3})
    assert names(llama) == ["alpha", "beta", "mario"]
    shown = llama.show("mario")
    assert 'SYSTEM """Two."""' in shown.modelfile
    assert "top_k 3" in shown.parameters
    with pytest.raises(ollama.ResponseError, match="Another model is called beta"):
        llama.create("beta", from_="alpha", system="x")


def test_a_template_of_its_own_is_loaded(serve_mine: Serve) -> None:
    engine = FakeEngine()
    llama = serve_mine(engine).ollama()
    jinja = "{% for turn in messages %}{{ turn.content }}{% endfor %}"
    llama.create("plain", from_="alpha", template=jinja)
    llama.generate("plain", "x")
    assert engine.loaded[-1].plan.chat_template == jinja
    assert llama.show("plain").template == jinja


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"template": "{{ .System }} {{ .Prompt }}"}, "Go's language"),
        ({"adapters": {"a": "sha256:" + "0" * 64}}, "adapters"),
        ({"quantize": "q4_K_M"}, "quantize"),
        ({"parameters": {"num_ctx": 100}}, "num_ctx"),
        ({"parameters": {"mirostat": 1}}, "mirostat"),
        ({"messages": [{"role": "user", "content": "x"}]}, "messages"),
    ],
)
def test_what_cannot_be_made_is_refused(
    llama: Client, fields: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ollama.ResponseError, match=complaint):
        llama.create("mario", from_="alpha", **fields)
    assert names(llama) == ["alpha", "beta"]


def test_only_an_exact_name_is_deleted(llama: Client) -> None:
    for name in ("alp", "nobody", ""):
        with pytest.raises((ollama.ResponseError, ValueError)):
            llama.delete(name)
    llama.chat("alpha", HI)
    llama.delete("alpha:latest")
    assert names(llama) == ["beta"]
    assert llama.ps().models == []


def test_blobs_can_be_asked_for_and_not_sent(mine: Served) -> None:
    owned = mine.desk.residence.libraries.store().find("alpha").weights.digest
    assert mine.ask("HEAD", f"/api/blobs/{owned}").status == 200
    assert mine.ask("HEAD", f"/api/blobs/sha256:{'0' * 64}").status == 404
    assert mine.ask("HEAD", "/api/blobs/..%2f..%2fkeys.json").status in {400, 404}
    sent = mine.ask("POST", f"/api/blobs/sha256:{'0' * 64}", body=b"GGUF")
    assert sent.status == 403
    assert "not taken" in sent.json()["error"]


def test_a_pull_is_told_step_by_step(
    mine: Served, llama: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FileServer() as server:
        hub(server, {"m-Q4_K_M.gguf": 300_000})
        monkeypatch.setenv("HF_ENDPOINT", f"http://{server.host}")
        steps = list(llama.pull("hf.co/org/m:Q4_K_M", stream=True))
        assert steps[0].status == "pulling manifest"
        assert steps[-1].status == "success"
        (digest,) = {step.digest for step in steps if step.digest}
        assert digest == str(mine.desk.residence.libraries.store().find("m-q4-k-m").weights.digest)
        layer = [step for step in steps if step.digest]
        assert {step.status for step in layer} == {f"pulling {digest[7:19]}"}
        assert layer[-1].completed == layer[-1].total == layer[0].total
        assert "m-q4-k-m" in names(llama)
        assert llama.pull("hf.co/org/m:Q4_K_M").status == "success"
        assert llama.chat("m-q4-k-m", HI).message.content == "You said: hello"


def test_turning_away_stops_a_pull_and_the_next_goes_on(
    mine: Served, llama: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "m-Q4_K_M.gguf"
    many = 12_000_000  # more than the system's buffers hold of what the server has sent
    size = len(tiny_gguf(name, payload=many))
    with FileServer() as server:
        hub(server, {name: many})
        monkeypatch.setenv("HF_ENDPOINT", f"http://{server.host}")
        monkeypatch.setenv("FREEHOLD_LIMIT", "1MB/s")
        for step in llama.pull("hf.co/org/m", stream=True):
            if step.completed:
                break
        llama.close()
        deadline = time.monotonic() + 60
        while _fetching() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not _fetching()
        assert server.sent < size
        monkeypatch.delenv("FREEHOLD_LIMIT")
        again = mine.ollama()
        assert again.pull("hf.co/org/m").status == "success"
        assert "m-q4-k-m" in names(again)
        assert server.sent < 2 * size


def _fetching() -> bool:
    return any(thread.name.startswith("freehold") for thread in threading.enumerate())


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "./alpha.gguf", "file:/etc/passwd", "http://127.0.0.1:1/x.gguf", "peer:a/b"],
)
def test_nothing_on_this_machine_can_be_pulled(llama: Client, name: str) -> None:
    with pytest.raises(ollama.ResponseError, match=r"cannot be pulled|not a ollama|not an? .*name"):
        llama.pull(name)


def test_a_key_that_may_only_run_changes_nothing(serve_mine: Serve, tmp_path: Path) -> None:
    served = serve_mine(door=Door(KeyRing(tmp_path / "home")))
    secret = ApiKeys(tmp_path / "home").make("editor").secret
    guest = ollama.Client(host=served.address, headers={"Authorization": f"Bearer {secret}"})
    served.ollamas.append(guest)
    assert guest.chat("alpha", HI).done
    for change in (
        lambda: guest.delete("alpha"),
        lambda: guest.copy("alpha", "gamma"),
        lambda: guest.create("gamma", from_="alpha"),
        lambda: guest.pull("hf.co/org/m"),
        lambda: guest.generate("alpha", keep_alive=-1),
    ):
        with pytest.raises(ollama.ResponseError, match="may ask models") as caught:
            change()
        assert caught.value.status_code == 403
    with Store.open(tmp_path / "home") as store:
        assert [model.name for model in store.models()] == ["alpha", "beta", "ranker"]
