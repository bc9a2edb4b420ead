"""OpenAI's API as its own unmodified client sees it."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import openai
import pytest
from tests.server.conftest import Client, Serve, Served

from freehold.engine.fake import FakeEngine

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
PICTURE = "data:image/png;base64," + base64.b64encode(b"\x89PNG").decode()


def test_a_whole_answer(client: Client) -> None:
    said = client.chat.completions.create(model="alpha", messages=HI)
    assert said.choices[0].message.content == "You said: hello"
    assert said.choices[0].finish_reason == "stop"
    assert said.usage is not None
    assert said.usage.completion_tokens == len("You said: hello")
    assert said.usage.total_tokens == said.usage.prompt_tokens + said.usage.completion_tokens


def test_a_streamed_answer_comes_in_pieces_with_its_counts_at_the_end(client: Client) -> None:
    chunks = list(
        client.chat.completions.create(
            model="alpha", messages=HI, stream=True, stream_options={"include_usage": True}
        )
    )
    assert chunks[0].choices[0].delta.role == "assistant"
    texts = [chunk.choices[0].delta.content or "" for chunk in chunks[:-1]]
    assert "".join(texts) == "You said: hello"
    assert len([text for text in texts if text]) > 5
    assert [chunk.choices[0].finish_reason for chunk in chunks[:-1]][-1] == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == len("You said: hello")
    assert len({chunk.id for chunk in chunks}) == 1


def test_the_next_turn_is_not_read_all_again(client: Client) -> None:
    turns = [*HI, {"role": "assistant", "content": "You said: hello"}]
    first = client.chat.completions.create(model="alpha", messages=HI)
    client.chat.completions.create(model="alpha", messages=[{"role": "user", "content": "other"}])
    again = client.chat.completions.create(
        model="alpha", messages=[*turns, {"role": "user", "content": "more"}]
    )
    assert first.usage is not None
    assert again.usage is not None
    assert again.usage.prompt_tokens_details is not None
    assert (again.usage.prompt_tokens_details.cached_tokens or 0) >= first.usage.prompt_tokens - 1


def test_tools_are_called_and_their_results_are_read(client: Client) -> None:
    asked = [{"role": "user", "content": "Look up the weather and the clock."}]
    said = client.chat.completions.create(model="alpha", messages=asked, tools=[WEATHER, CLOCK])
    assert said.choices[0].finish_reason == "tool_calls"
    calls = said.choices[0].message.tool_calls or []
    assert [call.function.name for call in calls] == ["weather", "clock"]
    assert json.loads(calls[0].function.arguments) == {"city": "x"}
    answered = [
        *asked,
        said.choices[0].message.model_dump(exclude_none=True),
        *({"role": "tool", "tool_call_id": call.id, "content": "weather: fine"} for call in calls),
    ]
    after = client.chat.completions.create(model="alpha", messages=answered, tools=[WEATHER])
    assert after.choices[0].message.content == "You said: weather: fine"


def test_a_streamed_call_adds_up(client: Client) -> None:
    chunks = client.chat.completions.create(
        model="alpha", messages=HI, tools=[WEATHER], tool_choice="required", stream=True
    )
    name, arguments, reason = "", "", None
    for chunk in chunks:
        for call in chunk.choices[0].delta.tool_calls or []:
            name += call.function.name or ""
            arguments += call.function.arguments or ""
        reason = chunk.choices[0].finish_reason or reason
    assert (name, json.loads(arguments), reason) == ("weather", {"city": "x"}, "tool_calls")


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ("none", []),
        ("auto", ["weather", "clock"]),
        ({"type": "function", "function": {"name": "clock"}}, ["clock"]),
    ],
)
def test_the_choice_of_tools(client: Client, choice: object, called: list[str]) -> None:
    said = client.chat.completions.create(
        model="alpha",
        messages=[{"role": "user", "content": "weather, clock"}],
        tools=[WEATHER, CLOCK],
        tool_choice=choice,
    )
    assert [call.function.name for call in said.choices[0].message.tool_calls or []] == called


def test_one_call_at_a_time(client: Client) -> None:
    said = client.chat.completions.create(
        model="alpha",
        messages=[{"role": "user", "content": "weather, clock"}],
        tools=[WEATHER, CLOCK],
        parallel_tool_calls=False,
    )
    assert len(said.choices[0].message.tool_calls or []) == 1


def test_answers_of_a_shape(client: Client) -> None:
    schema = WEATHER["function"]["parameters"]
    for wanted, expected in (
        ({"type": "json_object"}, {}),
        ({"type": "json_schema", "json_schema": {"name": "w", "schema": schema}}, {"city": "x"}),
    ):
        said = client.chat.completions.create(model="alpha", messages=HI, response_format=wanted)
        assert json.loads(said.choices[0].message.content or "") == expected


def test_chances(client: Client) -> None:
    said = client.chat.completions.create(
        model="alpha", messages=HI, logprobs=True, top_logprobs=3, max_tokens=4
    )
    told = said.choices[0].logprobs
    assert told is not None
    assert told.content is not None
    assert [each.token for each in told.content] == list("You ")
    assert [len(each.top_logprobs) for each in told.content] == [3] * 4
    assert told.content[0].bytes == [ord("Y")]


def test_several_choices(client: Client) -> None:
    said = client.chat.completions.create(model="alpha", messages=HI, n=3, seed=0)
    texts = [choice.message.content for choice in said.choices]
    assert texts == ["You said: hello", "I heard: hello", "So you say: hello"]
    assert said.usage is not None
    assert said.usage.completion_tokens == sum(len(text or "") for text in texts)
    streamed: dict[int, str] = {}
    for chunk in client.chat.completions.create(
        model="alpha", messages=HI, n=2, seed=0, stream=True
    ):
        choice = chunk.choices[0]
        streamed[choice.index] = streamed.get(choice.index, "") + (choice.delta.content or "")
    assert streamed == {0: "You said: hello", 1: "I heard: hello"}


def test_stop_words_and_a_limit(client: Client) -> None:
    said = client.chat.completions.create(model="alpha", messages=HI, stop=["said", "x"])
    assert said.choices[0].message.content == "You "
    said = client.chat.completions.create(model="alpha", messages=HI, max_completion_tokens=3)
    assert said.choices[0].message.content == "You"
    assert said.choices[0].finish_reason == "length"


def test_pictures_reach_a_model_that_sees(serve: Serve) -> None:
    engine = FakeEngine(sees=True)
    parts = [
        {"type": "text", "text": "What is "},
        {"type": "image_url", "image_url": {"url": PICTURE}},
        {"type": "text", "text": "this?"},
    ]
    with serve(engine).openai() as client:
        said = client.chat.completions.create(
            model="alpha", messages=[{"role": "user", "content": parts}]
        )
    assert said.choices[0].message.content == "You said: What is this?"
    (image,) = engine.loaded[0].asked[0].messages[0].images  # type: ignore[union-attr] # a chat
    assert (image.data, image.media_type, image.at) == (b"\x89PNG", "image/png", 8)


@pytest.mark.parametrize(
    ("url", "word"),
    [
        (PICTURE, "cannot see"),
        ("https://example.org/a.png", "nothing is fetched"),
        ("data:image/png;base64,*", "valid base64"),
    ],
)
def test_pictures_that_cannot_be_seen(client: Client, url: str, word: str) -> None:
    parts = [{"type": "image_url", "image_url": {"url": url}}]
    with pytest.raises(openai.BadRequestError, match=word):
        client.chat.completions.create(model="alpha", messages=[{"role": "user", "content": parts}])


def test_texts_are_continued(client: Client) -> None:
    said = client.completions.create(model="alpha", prompt=["one", "two"], logprobs=2)
    assert [choice.text for choice in said.choices] == ["You said: one", "You said: two"]
    assert said.choices[0].logprobs is not None
    assert said.choices[0].logprobs.tokens == list("You said: one")
    chunks = list(client.completions.create(model="alpha", prompt="one", stream=True))
    assert "".join(chunk.choices[0].text for chunk in chunks) == "You said: one"
    assert chunks[-1].choices[0].finish_reason == "stop"
    echoed = client.completions.create(model="alpha", prompt="one", echo=True)
    assert echoed.choices[0].text == "oneYou said: one"


def test_vectors_as_numbers_and_in_base64(client: Client) -> None:
    numbers = client.embeddings.create(model="alpha", input=["ab", "c"], encoding_format="float")
    packed = client.embeddings.create(model="alpha", input="ab", encoding_format="base64")
    assert len(numbers.data) == 2
    assert sum(x * x for x in numbers.data[0].embedding) == pytest.approx(1)
    raw = base64.b64decode(str(packed.data[0].embedding))
    assert struct.unpack("<8f", raw) == pytest.approx(numbers.data[0].embedding)
    assert numbers.usage.prompt_tokens == 3
    assert client.embeddings.create(model="alpha", input=[[97, 98]]).usage.prompt_tokens == 2


def test_the_models(client: Client) -> None:
    assert [model.id for model in client.models.list()] == ["alpha", "beta", "ranker"]
    assert client.models.retrieve("alpha").id == "alpha"
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("gamma")
    assert caught.value.code == "model_not_found"


def test_a_prompt_that_does_not_fit_is_an_error_with_both_numbers(client: Client) -> None:
    for stream in (False, True):
        with pytest.raises(openai.BadRequestError, match=r"9,0\d\d tokens .* 8,192") as caught:
            client.chat.completions.create(
                model="alpha", messages=[{"role": "user", "content": "x" * 9000}], stream=stream
            )
        assert caught.value.code == "context_length_exceeded"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "king", "content": ""}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": 1e9}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": True}, "max_tokens"),
        ({"n": 1000}, "n"),
        ({"stop": [1]}, "stop"),
        ({"stream": "yes"}, "stream"),
        ({"logit_bias": {"x": 1}}, "logit_bias"),
        ({"tools": [{"type": "function"}]}, "tools[0].type"),
        ({"tool_choice": {"type": "function"}}, "tool_choice"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
        ({"model": None}, "model"),
    ],
)
def test_a_wrong_field_is_named(fake: Served, fields: dict[str, object], param: str) -> None:
    body = {"model": "alpha", "messages": HI} | fields
    said = fake.ask("POST", "/v1/chat/completions", json=body)
    assert said.status == 400
    error = said.json()["error"]
    assert error["param"] == param
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"n": NaN}'])
def test_a_body_that_is_no_json_object(fake: Served, body: bytes) -> None:
    said = fake.ask("POST", "/v1/chat/completions", body=body)
    assert said.status == 400
    assert "JSON" in said.json()["error"]["message"]


def test_unknown_paths_and_methods_have_the_same_shape(fake: Served) -> None:
    missing = fake.ask("GET", "/v1/nothing")
    assert (missing.status, missing.json()["error"]["type"]) == (404, "not_found_error")
    wrong = fake.ask("GET", "/v1/chat/completions")
    assert (wrong.status, wrong.headers["Allow"]) == (405, "POST")
    assert wrong.json()["error"]["code"] == "method_not_allowed"


def test_token_ids_beyond_the_vocabulary(fake: Served) -> None:
    for path, name in (("/v1/completions", "prompt"), ("/v1/embeddings", "input")):
        said = fake.ask("POST", path, json={"model": "alpha", name: [1, 256]})
        assert said.status == 400
        assert "255" in said.json()["error"]["message"]


def test_a_real_model_answers_streams_and_calls(real: Served) -> None:
    with real.openai() as client:
        said = client.chat.completions.create(
            model="smollm2",
            messages=[{"role": "user", "content": "What is the capital of France?"}],
            temperature=0,
            max_tokens=12,
        )
        assert said.choices[0].message.content
        text = ""
        for chunk in client.chat.completions.create(
            model="smollm2",
            messages=[{"role": "user", "content": "What is the capital of France?"}],
            temperature=0,
            max_tokens=12,
            stream=True,
        ):
            text += chunk.choices[0].delta.content or ""
        assert text == said.choices[0].message.content
        called = client.chat.completions.create(
            model="smollm2",
            messages=[{"role": "user", "content": "What is the weather in Rome?"}],
            tools=[WEATHER],
            tool_choice={"type": "function", "function": {"name": "weather"}},
            max_tokens=60,
            temperature=0,
        )
        assert called.choices[0].finish_reason == "tool_calls"
        (call,) = called.choices[0].message.tool_calls or []
        assert call.function.name == "weather"
        assert isinstance(json.loads(call.function.arguments)["city"], str)


def test_a_real_model_makes_vectors(real: Served) -> None:
    with real.openai() as client:
        found = client.embeddings.create(
            model="smollm2", input=["A cat sat down.", "The cat is sitting.", "Tax law."]
        )
    first, near, far = (each.embedding for each in found.data)
    assert len(first) == 576
    assert _alike(first, near) > _alike(first, far)


def _alike(one: list[float], other: list[float]) -> float:
    return sum(x * y for x, y in zip(one, other, strict=True))
