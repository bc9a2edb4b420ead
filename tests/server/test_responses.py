"""OpenAI's Responses API as its own unmodified client sees it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import openai
import pytest
from tests.server.conftest import Client, Serve, Served

from freehold.actions.api_keys import ApiKeys
from freehold.engine.fake import FakeEngine
from freehold.engine.interface import Message
from freehold.engine.request import ToolCall
from freehold.server.admission import KeyRing
from freehold.server.door import Door

WEATHER: dict[str, Any] = {
    "type": "function",
    "name": "weather",
    "description": "The weather in a city",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
CLOCK = {"type": "function", "name": "clock"}
PICTURE = "data:image/png;base64," + base64.b64encode(b"\x89PNG").decode()


def asked(engine: FakeEngine) -> tuple[Message, ...]:
    request: Any = engine.loaded[-1].asked[-1]
    return tuple(request.messages)


def test_a_whole_answer(client: Client) -> None:
    said = client.responses.create(model="alpha", input="hello", instructions="Be kind.")
    assert said.output_text == "You said: hello"
    assert (said.status, said.object, said.instructions) == ("completed", "response", "Be kind.")
    assert said.usage.output_tokens == len("You said: hello")
    assert said.usage.input_tokens == len("system: Be kind.\nuser: hello\nassistant: ")
    assert said.usage.total_tokens == said.usage.input_tokens + said.usage.output_tokens


def test_events_come_in_their_order_and_add_up(client: Client) -> None:
    with client.responses.stream(model="alpha", input="hello") as stream:
        events = list(stream)
        whole = stream.get_final_response()
    kinds = [event.type.removeprefix("response.") for event in events]
    assert kinds[:4] == ["created", "in_progress", "output_item.added", "content_part.added"]
    assert set(kinds[4:-4]) == {"output_text.delta"}
    assert kinds[-4:] == [
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert whole.output_text == "You said: hello"
    assert whole.usage.output_tokens == len("You said: hello")


def test_functions_are_called_and_their_results_are_read(serve: Serve) -> None:
    engine = FakeEngine()
    with serve(engine).openai() as client:
        said = client.responses.create(
            model="alpha", input="weather and clock", tools=[WEATHER, CLOCK]
        )
        first, second = said.output
        assert (first.name, json.loads(first.arguments), second.name) == (
            "weather",
            {"city": "x"},
            "clock",
        )
        results = [
            {"type": "function_call_output", "call_id": first.call_id, "output": "fine"},
            {"type": "function_call_output", "call_id": second.call_id, "output": "noon"},
        ]
        items = [
            {"role": "user", "content": "weather and clock"},
            *(item.model_dump(exclude_none=True) for item in said.output),
            *results,
        ]
        by_items = client.responses.create(model="alpha", input=items, tools=[WEATHER, CLOCK])
        by_name = client.responses.create(
            model="alpha",
            input=results,
            tools=[WEATHER, CLOCK],
            previous_response_id=said.id,
        )
    assert by_items.output_text == by_name.output_text == "You said: noon"
    question, called, *_, last = asked(engine)
    assert (question.role, last.answers_call) == ("user", second.call_id)
    assert called.tool_calls == (
        ToolCall(first.call_id, "weather", first.arguments),
        ToolCall(second.call_id, "clock", second.arguments),
    )


def test_streamed_calls_add_up(client: Client) -> None:
    with client.responses.stream(model="alpha", input="weather", tools=[WEATHER]) as stream:
        kinds = [event.type for event in stream]
        (call,) = stream.get_final_response().output
    assert kinds.count("response.function_call_arguments.delta") == 2
    assert json.loads(call.arguments) == {"city": "x"}


@pytest.mark.parametrize(
    ("choice", "called"),
    [("none", []), ("required", ["weather"]), ({"type": "function", "name": "clock"}, ["clock"])],
)
def test_the_choice_of_tools(client: Client, choice: object, called: list[str]) -> None:
    said = client.responses.create(
        model="alpha", input="x", tools=[WEATHER, CLOCK], tool_choice=choice
    )
    assert [item.name for item in said.output if item.type == "function_call"] == called


def test_answers_of_a_shape(client: Client) -> None:
    wanted = {"type": "json_schema", "name": "w", "schema": WEATHER["parameters"]}
    said = client.responses.create(model="alpha", input="x", text={"format": wanted})
    assert json.loads(said.output_text) == {"city": "x"}


def test_a_limit_is_told(client: Client) -> None:
    said = client.responses.create(model="alpha", input="hello", max_output_tokens=3)
    assert (said.output_text, said.status) == ("You", "incomplete")
    assert said.incomplete_details.reason == "max_output_tokens"
    with client.responses.stream(model="alpha", input="x", max_output_tokens=3) as stream:
        assert [event.type for event in stream][-1] == "response.incomplete"


def test_pictures_and_thoughts(serve: Serve) -> None:
    engine = FakeEngine(sees=True)
    items = [
        {"role": "developer", "content": "Be kind."},
        {"type": "reasoning", "content": [{"type": "reasoning_text", "text": "Hm."}]},
        {"role": "assistant", "content": [{"type": "output_text", "text": "Hi."}]},
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "this?"},
                {"type": "input_image", "image_url": PICTURE},
            ],
        },
    ]
    with serve(engine).openai() as client:
        client.responses.create(model="alpha", input=items)
    system, thought, seen = asked(engine)
    assert (system.role, system.content) == ("system", "Be kind.")
    assert (thought.content, thought.reasoning) == ("Hi.", "Hm.")
    assert (seen.images[0].data, seen.images[0].at) == (b"\x89PNG", len("this?"))


def test_chances(client: Client) -> None:
    said = client.responses.create(
        model="alpha",
        input="x",
        max_output_tokens=3,
        top_logprobs=2,
        include=["message.output_text.logprobs"],
    )
    told = said.output[0].content[0].logprobs
    assert [each.token for each in told] == list("You")
    assert [len(each.top_logprobs) for each in told] == [2] * 3


def test_too_long_an_input(client: Client) -> None:
    items = [
        {"role": "user", "content": "first " * 600},
        {"role": "assistant", "content": "yes"},
        {"role": "user", "content": "second " * 900},
    ]
    with pytest.raises(openai.BadRequestError, match=r"9,9\d\d tokens.*8,192") as caught:
        client.responses.create(model="alpha", input=items)
    assert caught.value.code == "context_length_exceeded"
    said = client.responses.create(
        model="alpha", input=items, truncation="auto", max_output_tokens=9
    )
    assert said.truncated_messages == 2


def test_answers_can_be_looked_up_and_forgotten(client: Client) -> None:
    said = client.responses.create(model="alpha", input="hello")
    assert client.responses.retrieve(said.id).output_text == "You said: hello"
    client.responses.delete(said.id)
    with pytest.raises(openai.NotFoundError, match="in memory"):
        client.responses.retrieve(said.id)
    unstored = client.responses.create(model="alpha", input="hello", store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.create(model="alpha", input="x", previous_response_id=unstored.id)


def test_nobody_else_goes_on_from_an_answer(serve: Serve, home: Path) -> None:
    served = serve(door=Door(KeyRing(home)))
    keys = ApiKeys(home)
    with served.openai() as client:
        mine = client.with_options(api_key=keys.make("mine").secret)
        other = client.with_options(api_key=keys.make("other").secret)
        said = mine.responses.create(model="alpha", input="hello")
        assert mine.responses.create(model="alpha", input="x", previous_response_id=said.id)
        with pytest.raises(openai.NotFoundError):
            other.responses.create(model="alpha", input="x", previous_response_id=said.id)


def test_only_so_many_are_kept(fake: Served) -> None:
    with fake.openai() as client:
        first = client.responses.create(model="alpha", input="x", max_output_tokens=1)
        for _ in range(100):
            client.responses.create(model="alpha", input="x", max_output_tokens=1)
        with pytest.raises(openai.NotFoundError):
            client.responses.retrieve(first.id)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"input": 3}, "input"),
        ({"input": []}, "input"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, r"input\[0\].type"),
        ({"background": True}, "background"),
        ({"conversation": "x"}, "conversation"),
        ({"tools": [{"type": "web_search"}]}, r"tools\[0\].type"),
        ({"text": {"format": {"type": "json_schema"}}}, "text.format.schema"),
    ],
)
def test_wrong_fields_are_named(client: Client, fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(openai.BadRequestError, match=complaint):
        client.responses.create(**{"model": "alpha", "input": "x"} | fields)


def test_an_error_in_mid_stream_is_raised(serve: Serve) -> None:
    running = serve(FakeEngine(seconds_per_token=0.01))
    with running.openai() as client:
        events = client.responses.create(model="alpha", input="x" * 500, stream=True)
        next(events)
        running.server.stop()
        with pytest.raises(openai.APIError, match="stopping"):
            list(events)
