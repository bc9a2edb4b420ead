"""Anthropic's API as its own unmodified client sees it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest
from tests.server.conftest import Client, Serve, Served

from freehold.engine.fake import FakeEngine
from freehold.engine.interface import Message

HI = [{"role": "user", "content": "hello"}]
WEATHER: dict[str, Any] = {
    "name": "weather",
    "description": "The weather in a city",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
CLOCK = {"name": "clock", "input_schema": {"type": "object"}}
PICTURE = base64.b64encode(b"\x89PNG").decode()


@pytest.fixture
def claude(fake: Served) -> Iterator[Client]:
    with fake.anthropic() as client:
        yield client


def ask(client: Client, **fields: Any) -> Any:
    return client.messages.create(**{"model": "alpha", "max_tokens": 100, "messages": HI} | fields)


def asked(engine: FakeEngine) -> tuple[Message, ...]:
    request: Any = engine.loaded[0].asked[-1]
    return tuple(request.messages)


def test_a_whole_answer(claude: Client) -> None:
    said = ask(claude, system="Be kind.")
    assert [block.text for block in said.content] == ["You said: hello"]
    assert (said.role, said.stop_reason, said.stop_sequence) == ("assistant", "end_turn", None)
    assert said.usage.output_tokens == len("You said: hello")
    assert said.usage.input_tokens == len("system: Be kind.\nuser: hello\nassistant: ")


def test_events_come_in_their_order_and_add_up(claude: Client) -> None:
    with claude.messages.stream(model="alpha", max_tokens=100, messages=HI) as stream:
        kinds = [event.type for event in stream if event.type != "text"]
        whole = stream.get_final_message()
    assert kinds[:2] == ["message_start", "content_block_start"]
    assert set(kinds[2:-3]) == {"content_block_delta"}
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert len(kinds) > 10
    assert whole.content[0].text == "You said: hello"
    assert whole.usage.output_tokens == len("You said: hello")
    assert whole.usage.input_tokens == len("user: hello\nassistant: ")
    assert whole.stop_reason == "end_turn"


def test_the_stream_has_a_ping_after_its_start(fake: Served) -> None:
    body = {"model": "alpha", "max_tokens": 3, "messages": HI, "stream": True}
    text = fake.ask("POST", "/v1/messages", json=body).data.decode()
    names = [line.removeprefix("event: ") for line in text.splitlines() if line[:5] == "event"]
    assert names[:3] == ["message_start", "ping", "content_block_start"]
    assert names[-1] == "message_stop"


def test_tools_are_called_and_their_results_are_read(serve: Serve) -> None:
    engine = FakeEngine()
    question = {"role": "user", "content": "Look up the weather and the clock."}
    with serve(engine).anthropic() as claude:
        said = ask(claude, messages=[question], tools=[WEATHER, CLOCK])
        assert said.stop_reason == "tool_use"
        assert [(block.name, block.input) for block in said.content] == [
            ("weather", {"city": "x"}),
            ("clock", {}),
        ]
        results = [
            {
                "type": "tool_result",
                "tool_use_id": said.content[0].id,
                "content": [{"type": "text", "text": "fine"}],
            },
            {
                "type": "tool_result",
                "tool_use_id": said.content[1].id,
                "content": "broken",
                "is_error": True,
            },
            {"type": "text", "text": "and now?"},
        ]
        turns = [
            question,
            {"role": "assistant", "content": [block.model_dump() for block in said.content]},
            {"role": "user", "content": results},
        ]
        after = ask(claude, messages=turns, tools=[WEATHER, CLOCK])
    assert after.content[0].text == "You said: and now?"
    _, called, first, second, last = asked(engine)
    assert [call.id for call in called.tool_calls] == [first.answers_call, second.answers_call]
    assert (first.content, second.content) == ("fine", "The tool failed: broken")
    assert (first.role, last.role) == ("tool", "user")


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ({"type": "none"}, []),
        ({"type": "auto"}, ["weather", "clock"]),
        ({"type": "any"}, ["weather", "clock"]),
        ({"type": "any", "disable_parallel_tool_use": True}, ["weather"]),
        ({"type": "tool", "name": "clock"}, ["clock"]),
    ],
)
def test_the_choice_of_tools(claude: Client, choice: object, called: list[str]) -> None:
    turns = [{"role": "user", "content": "weather, clock"}]
    said = ask(claude, messages=turns, tools=[WEATHER, CLOCK], tool_choice=choice)
    assert [block.name for block in said.content if block.type == "tool_use"] == called


def test_streamed_calls_add_up(claude: Client) -> None:
    with claude.messages.stream(
        model="alpha",
        max_tokens=100,
        messages=[{"role": "user", "content": "weather, clock"}],
        tools=[WEATHER, CLOCK],
    ) as stream:
        parts = [event.partial_json for event in stream if event.type == "input_json"]
        whole = stream.get_final_message()
    assert len(parts) == 4
    assert [(block.name, block.input) for block in whole.content] == [
        ("weather", {"city": "x"}),
        ("clock", {}),
    ]
    assert whole.stop_reason == "tool_use"


def test_the_word_that_ended_it_is_named(claude: Client) -> None:
    said = ask(claude, stop_sequences=["zzz", "hell"])
    assert (said.content[0].text, said.stop_reason) == ("You said: ", "stop_sequence")
    assert said.stop_sequence == "hell"
    said = ask(claude, max_tokens=3)
    assert (said.content[0].text, said.stop_reason) == ("You", "max_tokens")


def test_blocks_of_text_pictures_and_thoughts(serve: Serve) -> None:
    engine = FakeEngine(sees=True)
    source = {"type": "base64", "media_type": "image/png", "data": PICTURE}
    turns = [
        *HI,
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": ""},
                {"type": "text", "text": "Hi."},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is "},
                {"type": "image", "source": source},
                {"type": "text", "text": "this?"},
            ],
        },
    ]
    system = [{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}]
    with serve(engine).anthropic() as claude:
        said = ask(claude, messages=turns, system=system)
    assert said.content[0].text == "You said: What is this?"
    first, _, thought, seen = asked(engine)
    assert first == Message("system", "One.\n\nTwo.")
    assert (thought.reasoning, thought.content) == ("Hm.", "Hi.")
    assert [(image.data, image.at) for image in seen.images] == [(b"\x89PNG", len("What is "))]


def test_a_count_is_what_the_answer_says_it_read(claude: Client) -> None:
    counted = claude.messages.count_tokens(
        model="alpha", messages=HI, system="Be kind.", tools=[WEATHER]
    )
    said = ask(claude, system="Be kind.", tools=[WEATHER])
    assert counted.input_tokens == said.usage.input_tokens


def test_what_was_read_before_is_counted_apart(claude: Client) -> None:
    first = ask(claude)
    again = ask(claude, messages=[*HI, {"role": "assistant", "content": "You said: hello"}, *HI])
    assert again.usage.cache_read_input_tokens >= first.usage.input_tokens
    assert again.usage.input_tokens > 0


def test_models_have_the_shape_that_the_client_expects(fake: Served, claude: Client) -> None:
    assert [model.id for model in claude.models.list()] == ["alpha", "beta", "ranker"]
    found = claude.models.retrieve("beta")
    assert (found.id, found.type) == ("beta", "model")
    with fake.openai() as client:
        assert [model.object for model in client.models.list()] == ["model"] * 3


def test_errors_are_those_that_the_client_knows(claude: Client) -> None:
    with pytest.raises(anthropic.NotFoundError, match="no model called 'nobody'"):
        ask(claude, model="nobody")
    with pytest.raises(anthropic.NotFoundError):
        claude.models.retrieve("nobody")
    with pytest.raises(anthropic.BadRequestError, match="max_tokens"):
        ask(claude, max_tokens=0)
    with pytest.raises(anthropic.BadRequestError, match="8,192") as caught:
        ask(claude, messages=[{"role": "user", "content": "x" * 9000}])
    body: Any = caught.value.body
    assert body["error"]["type"] == "invalid_request_error"
    assert "9,0" in body["error"]["message"]


def test_an_error_in_mid_stream_is_raised(serve: Serve) -> None:
    running = serve(FakeEngine(seconds_per_token=0.01))
    long = [{"role": "user", "content": "x" * 500}]
    with (
        running.anthropic() as claude,
        claude.messages.stream(model="alpha", max_tokens=1000, messages=long) as stream,
    ):
        assert next(stream).type == "message_start"
        running.server.stop()
        with pytest.raises(anthropic.APIStatusError, match="stopping"):
            list(stream)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"messages": [{"role": "system", "content": "x"}]}, "messages\\[0\\].role"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages\\[0\\].content"),
        ({"tools": [{"type": "web_search_20250305", "name": "s"}]}, "tools\\[0\\].type"),
        ({"tools": [{"name": "x"}]}, "input_schema"),
        ({"tool_choice": {"type": "tool", "name": "x"}}, "no tool 'x'"),
        ({"tool_choice": {"type": "often"}}, "tool_choice.type"),
        (
            {"messages": [{"role": "user", "content": [{"type": "tool_use", "id": "x"}]}]},
            "messages\\[0\\].content\\[0\\].type",
        ),
    ],
)
def test_wrong_fields_are_named(claude: Client, fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(anthropic.BadRequestError, match=complaint):
        ask(claude, **fields)


def test_a_real_model_answers(real: Served) -> None:
    question = [{"role": "user", "content": "Count from one to ten, in digits."}]
    fields: dict[str, Any] = {"model": "smollm2", "messages": question}
    fields["extra_body"] = {"temperature": 0}  # today's client has no field for it
    with real.anthropic() as claude:
        counted = claude.messages.count_tokens(model="smollm2", messages=question)
        whole = ask(claude, **fields, max_tokens=40)
        stopped = ask(claude, **fields, max_tokens=40, stop_sequences=["5"])
    read = whole.usage.input_tokens + whole.usage.cache_read_input_tokens
    assert counted.input_tokens == read
    # What is kept of a prompt changes the last digits of the numbers, and so maybe the words.
    assert whole.content[0].text
    assert "5" not in stopped.content[0].text
    assert (stopped.stop_reason, stopped.stop_sequence) == ("stop_sequence", "5")
    assert 0 < stopped.usage.output_tokens <= 40
