"""Tools for a model whose template knows none: told in words, and calls told from answers."""

from __future__ import annotations

import json

import pytest

from freehold.engine.plain_tools import PlainCalls, in_plain_words
from freehold.engine.reply import Delta, Finished, Piece, ToolCallDelta, Usage
from freehold.engine.request import ChatRequest, Message, Sampling, Tool, ToolCall, Tools
from freehold.errors import UsageError

WEATHER = Tool("weather", "The weather", '{"type": "object", "properties": {"city": {}}}')
CLOCK = Tool("clock", "The time", "{}")
END = Finished("stop", Usage(1, 0, 1, 1.0, 1.0))


def hear(said: str, tools: Tools, step: int = 3) -> tuple[str, list[tuple[str, str]], str]:
    """What comes out when the model says that, a few letters at a time."""
    calls = PlainCalls(tools)
    pieces: list[Piece] = []
    for begin in range(0, len(said), step):
        pieces += calls([Delta(said[begin : begin + step])])
    pieces += calls([END])
    text = "".join(piece.text for piece in pieces if isinstance(piece, Delta))
    made = [(p.name or "", p.arguments) for p in pieces if isinstance(p, ToolCallDelta)]
    assert isinstance(pieces[-1], Finished)
    return text, made, pieces[-1].reason


@pytest.mark.parametrize(
    "said",
    [
        '{"tool": "weather", "arguments": {"city": "Rome"}}',
        '\n { "tool" : "weather",\n "arguments": {"city": "Rome"} }\n',
        '```json\n{"tool": "weather", "arguments": {"city": "Rome"}}\n```',
        '```\n{"tool": "weather", "arguments": {"city": "Rome"}}```',
    ],
)
@pytest.mark.parametrize("step", [1, 7, 500])
def test_a_call_is_told_from_an_answer(said: str, step: int) -> None:
    text, made, reason = hear(said, Tools((WEATHER,)), step)
    assert (text, made, reason) == ("", [("weather", '{"city": "Rome"}')], "tool_calls")


@pytest.mark.parametrize(
    "said",
    [
        "It is sunny.",
        '{"city": "Rome"}',
        '{"tool": "hammer", "arguments": {}}',
        '{"tool": "weather", "arguments": "Rome"}',
        '{"tool": "weather", "argu',
        "```python\nprint()\n```",
        "{",
        "",
    ],
)
def test_whatever_is_no_call_arrives_as_it_was_said(said: str) -> None:
    assert hear(said, Tools((WEATHER,))) == (said, [], "stop")


def test_an_answer_is_not_held_back_longer_than_it_must_be() -> None:
    calls = PlainCalls(Tools((WEATHER,)))
    assert calls([Delta("It")]) == [Delta("It")]
    assert calls([Delta(' {"tool":')]) == [Delta(' {"tool":')]  # it had begun to answer


def test_several_calls_unless_only_one_may_be() -> None:
    said = '{"tool": "weather", "arguments": {}}\n{"tool": "clock", "arguments": {}}'
    assert [name for name, _ in hear(said, Tools((WEATHER, CLOCK)))[1]] == ["weather", "clock"]
    one = Tools((WEATHER, CLOCK), parallel=False)
    assert [name for name, _ in hear(said, one)[1]] == ["weather"]


def test_the_tools_are_told_after_what_the_system_prompt_says() -> None:
    turns = (Message("system", "Be brief."), Message("user", "hi"))
    plain = in_plain_words(ChatRequest(turns, tools=Tools((WEATHER, CLOCK))))
    assert plain.tools is None
    assert plain.messages[0].content.startswith("Be brief.\n\n")
    assert '"tool": "clock"' in plain.messages[0].content
    alone = in_plain_words(ChatRequest(turns[1:], tools=Tools((WEATHER,))))
    assert [turn.role for turn in alone.messages] == ["system", "user"]
    unused = in_plain_words(ChatRequest(turns, tools=Tools((WEATHER,), "none")))
    assert unused.messages == turns


def test_calls_and_results_stay_in_the_conversation() -> None:
    turns = (
        Message("assistant", "", tool_calls=(ToolCall("1", "clock", "{}"),)),
        Message("tool", "noon", answers_call="1"),
    )
    first, second = in_plain_words(ChatRequest(turns)).messages
    assert (first.role, json.loads(first.content)) == (
        "assistant",
        {"tool": "clock", "arguments": {}},
    )
    assert (second.role, second.content) == ("user", "What clock answered:\nnoon")


def test_a_call_that_must_be_made_is_held_to_its_schema() -> None:
    referring = Tool("go", "", '{"$ref": "#/$defs/To", "$defs": {"To": {"type": "object"}}}')
    request = ChatRequest((Message("user", "hi"),), tools=Tools((referring, CLOCK), "required"))
    schema = json.loads(in_plain_words(request).sampling.schema or "")
    assert [each["properties"]["tool"] for each in schema["anyOf"]] == [
        {"const": "go"},
        {"const": "clock"},
    ]
    assert schema["$defs"] == {"To": {"type": "object"}}
    with pytest.raises(UsageError, match="schema"):
        in_plain_words(ChatRequest(request.messages, Sampling(schema="{}"), request.tools))
