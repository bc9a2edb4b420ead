"""Ollama's API as its own unmodified client sees it: lists, answers, vectors."""

from __future__ import annotations

import base64
import json
import math
import time
from datetime import UTC, datetime
from typing import Any

import ollama
import pytest
from tests.server.conftest import Client, Serve, Served

from freehold.actions.residence import ResidenceChoices
from freehold.actions.ways_to_load import Wishes
from freehold.engine.fake import FakeEngine
from freehold.engine.interface import ChatRequest, Message, TextRequest

HI = [{"role": "user", "content": "hello"}]
WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
CLOCK = {"type": "function", "function": {"name": "clock"}}
PICTURE = base64.b64encode(b"\x89PNG").decode()


@pytest.fixture
def llama(fake: Served) -> Client:
    return fake.ollama()


def last_asked(engine: FakeEngine) -> Any:
    return engine.loaded[-1].asked[-1]


def test_the_server_is_known_by_its_greeting(fake: Served) -> None:
    assert fake.ask("GET", "/").data == b"Ollama is running"
    assert fake.ask("HEAD", "/").status == 200
    assert fake.ask("GET", "/api/version").json()["version"].count(".") == 2


def test_a_whole_answer_with_its_counts(llama: Client) -> None:
    said = llama.chat("alpha", [{"role": "system", "content": "Be kind."}, *HI])
    assert said.message.content == "You said: hello"
    assert (said.message.role, said.done, said.done_reason) == ("assistant", True, "stop")
    assert said.eval_count == len("You said: hello")
    assert said.prompt_eval_count == len("system: Be kind.\nuser: hello\nassistant: ")
    assert said.total_duration >= said.load_duration > 0
    assert said.eval_duration > 0


def test_a_streamed_answer_comes_in_lines(llama: Client) -> None:
    parts = list(llama.chat("alpha:latest", HI, stream=True))
    assert "".join(part.message.content for part in parts) == "You said: hello"
    assert len(parts) > 10
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
    assert parts[-1].eval_count == len("You said: hello")
    assert {part.model for part in parts} == {"alpha:latest"}


def test_tools_are_called_and_their_results_are_read(serve: Serve) -> None:
    engine = FakeEngine()
    llama = serve(engine).ollama()
    question = {"role": "user", "content": "Look up the weather and the clock."}
    said = llama.chat("alpha", [question], tools=[WEATHER, CLOCK])
    calls = said.message.tool_calls
    assert [(call.function.name, call.function.arguments) for call in calls] == [
        ("weather", {"city": "x"}),
        ("clock", {}),
    ]
    turns = [
        question,
        said.message,
        {"role": "tool", "tool_name": "clock", "content": "noon"},
        {"role": "tool", "tool_name": "weather", "content": "fine"},
    ]
    assert llama.chat("alpha", turns, tools=[WEATHER]).message.content == "You said: fine"
    _, called, clock, weather = last_asked(engine).messages
    assert [call.id for call in called.tool_calls] == [weather.answers_call, clock.answers_call]


def test_streamed_calls_come_whole(llama: Client) -> None:
    parts = list(
        llama.chat("alpha", [{"role": "user", "content": "clock"}], tools=[CLOCK], stream=True)
    )
    called = [call.function.name for part in parts for call in part.message.tool_calls or []]
    assert called == ["clock"]
    assert parts[-1].done


def test_options_reach_the_engine(serve: Serve) -> None:
    engine = FakeEngine()
    options = {
        "temperature": 0.5,
        "top_k": 7,
        "top_p": 0.9,
        "min_p": 0.1,
        "seed": 3,
        "num_predict": 5,
        "num_ctx": 512,
        "repeat_penalty": 1.1,
        "stop": ["zzz"],
    }
    said = serve(engine).ollama().generate("alpha", "hello", options=options)
    wanted = last_asked(engine).sampling
    assert (wanted.temperature, wanted.top_k, wanted.top_p, wanted.min_p) == (0.5, 7, 0.9, 0.1)
    assert (wanted.seed, wanted.repeat_penalty, wanted.stop) == (3, 1.1, ("zzz",))
    assert (said.response, said.done_reason) == ("Noted"[:5], "length")


def test_answers_of_a_shape(llama: Client) -> None:
    schema = WEATHER["function"]["parameters"]
    assert json.loads(llama.chat("alpha", HI, format="json").message.content) == {}
    assert json.loads(llama.generate("alpha", "x", format=schema).response) == {"city": "x"}


def test_chances(llama: Client) -> None:
    said = llama.generate(
        "alpha", "hello", logprobs=True, top_logprobs=2, options={"num_predict": 3}
    )
    assert [each.token for each in said.logprobs] == list("You")
    assert [len(each.top_logprobs) for each in said.logprobs] == [2] * 3


def test_generate_goes_on_from_its_context(serve: Serve) -> None:
    engine = FakeEngine()
    llama = serve(engine).ollama()
    first = llama.generate("alpha", "hello", system="Be kind.")
    said = "system: Be kind.\nuser: hello\nassistant: You said: hello"
    assert bytes(first.context).decode() == said
    llama.generate("alpha", "more", context=first.context)
    request = last_asked(engine)
    assert isinstance(request, TextRequest)
    assert bytes(request.prompt).decode() == said + "user: more\nassistant: "  # type: ignore[arg-type] # ids


def test_raw_prompts_are_sent_as_they_are(serve: Serve) -> None:
    engine = FakeEngine()
    said = serve(engine).ollama().generate("alpha", "<s>one", raw=True)
    assert last_asked(engine).prompt == "<s>one"
    assert said.context is None


def test_pictures_and_thoughts(serve: Serve) -> None:
    engine = FakeEngine(sees=True)
    llama = serve(engine).ollama()
    llama.chat(
        "alpha",
        [
            {"role": "assistant", "content": "Hi.", "thinking": "Hm."},
            {"role": "user", "content": "this?", "images": [PICTURE]},
        ],
        think=True,
    )
    request: ChatRequest = last_asked(engine)
    assert request.messages[0] == Message("assistant", "Hi.", reasoning="Hm.")
    assert request.messages[1].images[0].data == b"\x89PNG"
    assert request.think is True


def test_too_large_a_context_is_refused_with_both_numbers(serve: Serve) -> None:
    llama = serve(choices=ResidenceChoices(Wishes(context=1024))).ollama()
    with pytest.raises(ollama.ResponseError, match=r"1,024 at most, not 4,096") as caught:
        llama.chat("alpha", HI, options={"num_ctx": 4096})
    assert caught.value.status_code == 400
    with pytest.raises(ollama.ResponseError, match=r"2,0\d\d tokens.*1,024"):
        llama.chat("alpha", [{"role": "user", "content": "x" * 2000}])


def test_ways_of_choosing_that_there_are_not_are_refused(llama: Client) -> None:
    assert llama.generate("alpha", "x", options={"mirostat": 0}).done
    with pytest.raises(ollama.ResponseError, match=r"options\.mirostat"):
        llama.generate("alpha", "x", options={"mirostat": 2})
    with pytest.raises(ollama.ResponseError, match="template"):
        llama.generate("alpha", "x", template="{{ .Prompt }}")


def test_nothing_asked_loads_and_zero_unloads(fake: Served, llama: Client) -> None:
    assert llama.ps().models == []
    assert llama.generate("alpha").done_reason == "load"
    assert llama.chat("beta", []).done_reason == "load"
    loaded = llama.ps().models
    assert [each.model for each in loaded] == ["alpha", "beta"]
    assert loaded[0].expires_at > datetime.now(UTC)
    assert loaded[0].context_length == 8192
    assert llama.generate("alpha", keep_alive=0).done_reason == "unload"
    assert [each.model for each in llama.ps().models] == ["beta"]


def test_how_long_a_model_stays(fake: Served, llama: Client) -> None:
    llama.generate("alpha", "x", keep_alive="2h")
    (loaded,) = fake.desk.residence.models
    assert loaded.idle_seconds == 7200
    llama.generate("alpha", "x", keep_alive=-1)
    assert loaded.pinned
    assert llama.ps().models[0].expires_at.year > 2300
    llama.generate("alpha", "x", keep_alive=300)
    assert (loaded.pinned, loaded.idle_seconds) == (False, 300)
    llama.generate("alpha", "x", keep_alive=0)
    deadline = time.monotonic() + 20
    while fake.desk.residence.models and time.monotonic() < deadline:
        time.sleep(0.02)
    assert fake.desk.residence.models == []


def test_vectors(serve: Serve) -> None:
    llama = serve().ollama()
    found = llama.embed("alpha", ["hello", "hello", "other"])
    assert found.embeddings[0] == found.embeddings[1] != found.embeddings[2]
    assert math.isclose(sum(number**2 for number in found.embeddings[0]), 1, rel_tol=1e-5)
    assert found.prompt_eval_count == 15
    assert llama.embeddings("alpha", "hello").embedding == pytest.approx(found.embeddings[0])


def test_texts_for_vectors_are_cut_only_where_that_is_asked_for(serve: Serve) -> None:
    served = serve(choices=ResidenceChoices(Wishes(context=100)))
    body = {"model": "alpha", "input": ["x" * 300, "y"], "truncate": True}
    answer = served.ask("POST", "/api/embed", json=body).json()
    assert (answer["truncated_inputs"], answer["prompt_eval_count"]) == (1, 92 + 1)
    whole = served.ask("POST", "/api/embed", json=body | {"truncate": False}).json()
    assert whole["prompt_eval_count"] == 301


def test_lists_and_facts(llama: Client) -> None:
    listed = llama.list().models
    assert [each.model for each in listed] == ["alpha", "beta", "ranker"]
    assert len(listed[0].digest) == 64
    assert listed[0].size > 0
    shown = llama.show("alpha:latest")
    assert shown.modelinfo["general.architecture"] == shown.details.family
    assert shown.capabilities == ["completion"]
    assert shown.modelfile.startswith("FROM alpha")


def test_unknown_models_and_wrong_fields(llama: Client) -> None:
    with pytest.raises(ollama.ResponseError, match="no model called 'nobody'") as caught:
        llama.chat("nobody", HI)
    assert caught.value.status_code == 404
    with pytest.raises(ollama.ResponseError, match=r"messages\[0\]\.role"):
        llama.chat("alpha", [{"role": "king", "content": "x"}])
    with pytest.raises(ollama.ResponseError, match="keep_alive"):
        llama.chat("alpha", HI, keep_alive="soon")
    with pytest.raises(ollama.ResponseError, match="sends nothing"):
        llama.push("alpha")


def test_an_error_in_mid_stream_is_raised(serve: Serve) -> None:
    running = serve(FakeEngine(seconds_per_token=0.01))
    parts = running.ollama().chat("alpha", [{"role": "user", "content": "x" * 500}], stream=True)
    next(parts)
    running.server.stop()
    with pytest.raises(ollama.ResponseError, match="stopping"):
        list(parts)


@pytest.fixture
def real_llama(real: Served) -> Client:
    return real.ollama()


def test_a_real_model_answers(real_llama: Client) -> None:
    options = {"temperature": 0, "num_predict": 8}
    whole = real_llama.generate("smollm2:latest", "Name a colour.", options=options)
    assert whole.response
    assert 0 < whole.eval_count <= 8
    assert len(whole.context) > whole.prompt_eval_count
    again = real_llama.generate(
        "smollm2", "And another one?", context=whole.context, options=options
    )
    assert again.prompt_eval_count > len(whole.context)
    shown = real_llama.show("smollm2")
    assert "im_start" in shown.template
    assert shown.modelinfo["llama.context_length"] == 8192
