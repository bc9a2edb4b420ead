"""Adapters over the API: by the model's name or by a field, switched from request to request."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.modifying import write_random_lora, write_random_vector
from tests.server.conftest import Served, served
from tests.studying import synthetic

from freehold.actions.get import get
from freehold.actions.residence import ResidenceChoices
from freehold.actions.ways_to_load import Wishes
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.names import Digest, ModelRef
from freehold.settings import Settings
from freehold.store.store import Store


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a model of random numbers, two adapters for it, one more, and a push."""
    folder = tmp_path_factory.mktemp("adapters")
    model = synthetic(folder / "noise.gguf")
    digest: Digest = Digest(hashlib.sha256(model.read_bytes()).hexdigest())
    paths = [
        model,
        write_random_lora(folder / "left.gguf", model, size=0.3, sha256=digest.hex),
        write_random_lora(folder / "right.gguf", model, size=0.3, seed=1, sha256=digest.hex),
        write_random_lora(folder / "stray.gguf", model, size=0.3, seed=2),
        write_random_vector(folder / "push.gguf", model, size=3.0),
    ]
    with Store.open(folder / "home") as store:
        for path in paths:
            get(store, Settings(home=folder / "home"), ModelRef.parse(str(path)))
    return folder / "home"


@pytest.fixture(scope="module")
def noise(home: Path) -> Iterator[Served]:
    """Served by llama.cpp."""
    choices = ResidenceChoices(Wishes(context=64, parallel=2, threads=1))
    with served(home, LlamaCppEngine(), choices) as running:
        yield running


def said(noise: Served, model: str, **more: Any) -> str:
    with noise.openai() as client:
        answer = client.chat.completions.create(
            model=model,
            messages=[{"role": "user", "content": "one two three"}],
            temperature=0,
            max_tokens=6,
            extra_body=more,
        )
    return str(answer.choices[0].message.content)


def test_each_request_has_its_own_adapters_in_one_process(noise: Served) -> None:
    plain = said(noise, "noise")
    left, right = said(noise, "noise+left"), said(noise, "noise+right:0.9")
    assert len({plain, left, right}) == 3
    assert said(noise, "noise", adapters=[{"name": "left"}]) == left
    assert said(noise, "noise", adapters=[{"name": "right", "scale": 0.9}]) == right
    both = said(noise, "noise+left+right:0.9")
    assert both not in {plain, left, right}
    assert said(noise, "noise", adapters=[{"name": "left", "scale": 0}]) == plain
    assert said(noise, "noise") == plain
    assert len(noise.desk.residence.models) == 1


def test_one_that_was_not_loaded_with_it_takes_its_place(noise: Served) -> None:
    plain = said(noise, "noise")
    assert said(noise, "noise+stray") != plain
    assert said(noise, "noise") == plain
    assert len(noise.desk.residence.models) == 1


def test_a_push_is_a_process_of_its_own(noise: Served) -> None:
    plain = said(noise, "noise")
    pushed = said(noise, "noise+push")
    assert pushed != plain
    assert said(noise, "noise", steer=[{"name": "push"}]) == pushed
    assert said(noise, "noise") == plain
    assert len(noise.desk.residence.models) == 2


def test_ollamas_clients_name_them_too(noise: Served) -> None:
    answer = noise.ollama().generate(
        model="noise+left", prompt="one", options={"temperature": 0, "num_predict": 4}
    )
    other = noise.ollama().generate(
        model="noise", prompt="one", options={"temperature": 0, "num_predict": 4}
    )
    assert answer.response != other.response


@pytest.mark.parametrize(
    ("model", "more", "status", "words"),
    [
        ("noise+nobody", {}, 404, "You own no adapter called 'nobody'"),
        ("noise+noise", {}, 400, "is a model"),
        ("noise+left+left:2", {}, 400, "named twice"),
        ("left", {}, 400, "no model but something beside one"),
        ("noise", {"adapters": [{"name": "push"}]}, 400, "push is no adapter"),
        ("noise", {"adapters": [{"scale": 1}]}, 400, "adapters[0].name"),
        ("noise", {"adapters": [{"name": "left", "scale": 1e9}]}, 400, "adapters[0].scale"),
    ],
)
def test_what_cannot_be_is_refused(
    noise: Served, model: str, more: dict[str, Any], status: int, words: str
) -> None:
    body = {"model": model, "messages": [{"role": "user", "content": "one"}], **more}
    answer = noise.ask("POST", "/v1/chat/completions", json=body)
    assert answer.status == status, answer.data
    assert words in answer.json()["error"]["message"]


def test_adapters_are_not_listed_as_models(noise: Served) -> None:
    listed = {model["id"] for model in noise.ask("GET", "/v1/models").json()["data"]}
    assert listed == {"noise"}
    owned = noise.ask("GET", "/page/models").json()["models"]
    assert {model["name"] for model in owned if model["runs"]} == {"noise"}
