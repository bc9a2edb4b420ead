"""Reading what OpenAI's Responses API sends: items in place of messages."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from freehold.engine.request import (
    ChatRequest,
    Image,
    Message,
    Role,
    Sampling,
    Tool,
    ToolCall,
    Tools,
)
from freehold.server.fields import Fields
from freehold.server.openai_read import ANY_JSON_OBJECT, image

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}
_TEXTS = frozenset({"input_text", "output_text", "text", "summary_text", "reasoning_text"})
_NO_PARAMETERS = '{"type": "object", "properties": {}}'
_CHANCES = "message.output_text.logprobs"
_MOST = 2**31 - 1
_NOT_HERE = {
    "background": "left out: an answer is made while its client waits",
    "conversation": "left out: name the answer before with previous_response_id",
    "prompt": "left out: there are no stored prompts here",
}


def response_request(body: Fields, before: tuple[Message, ...]) -> ChatRequest:
    """The conversation with what came before it, its tools and how to answer."""
    for name, must in _NOT_HERE.items():
        if body.raw(name):
            raise body.wrong(name, must)
    said = body.text("instructions")
    system = (Message("system", said),) if said else ()
    turns = (*before, *input_turns(body))
    if not turns:
        raise body.wrong("input", "given: text, or a list of items")
    reasoning = body.object("reasoning")
    effort = reasoning.text("effort") if reasoning else None
    return ChatRequest(
        (*system, *turns), _sampling(body), _tools(body), think=False if effort == "none" else None
    )


def input_turns(body: Fields) -> tuple[Message, ...]:
    """The turns of `input`."""
    raw = body.raw("input")
    if raw is None or isinstance(raw, str):
        return (Message("user", raw),) if raw else ()
    if not isinstance(raw, list):
        raise body.wrong("input", "text, or a list of items")
    reader = _Items()
    for item in body.items("input"):
        reader.read(item)
    return tuple(reader.turns)


def truncates(body: Fields) -> bool:
    """Whether the oldest turns may be left out: in this API's word for it, or in ours."""
    wanted = body.one_of("truncation", "auto", "disabled")
    return wanted == "auto" or body.flag("truncate")


class _Items:
    """Puts items together to turns: what an assistant thought, said and called is one."""

    def __init__(self) -> None:
        self.turns: list[Message] = []
        self._thought = ""

    def read(self, item: Fields) -> None:
        kind = item.text("type", "message")
        if kind == "message":
            self._message(item)
        elif kind == "function_call":
            self._call(item)
        elif kind == "function_call_output":
            output = item.raw("output")
            text = output if isinstance(output, str) else _parts(item, "output")[0]
            call = item.needed_text("call_id")
            self.turns.append(Message("tool", text, answers_call=call))
        elif kind == "reasoning":
            self._thought += _parts(item, "content")[0]
        else:
            raise item.wrong("type", "message, function_call, function_call_output or reasoning")

    def _message(self, item: Fields) -> None:
        role = item.one_of("role", *_ROLES)
        if role is None:
            raise item.wrong("role", "one of " + ", ".join(_ROLES))
        raw = item.raw("content")
        text, images = (raw, ()) if isinstance(raw, str) else _parts(item, "content")
        if images and role != "user":
            raise item.wrong("content", f"text: a picture cannot be in a {role} message")
        thought, self._thought = (self._thought, "") if role == "assistant" else ("", self._thought)
        self.turns.append(Message(_ROLES[role], text, images, reasoning=thought))

    def _call(self, item: Fields) -> None:
        arguments = item.text("arguments", "{}") or "{}"
        call = ToolCall(item.needed_text("call_id"), item.needed_text("name"), arguments)
        if self.turns and self.turns[-1].role == "assistant":
            last = self.turns[-1]
            self.turns[-1] = replace(last, tool_calls=(*last.tool_calls, call))
            return
        self.turns.append(Message("assistant", "", tool_calls=(call,), reasoning=self._thought))
        self._thought = ""


def _parts(item: Fields, name: str) -> tuple[str, tuple[Image, ...]]:
    text, images = "", []
    for part in item.items(name):
        kind = part.needed_text("type")
        if kind in _TEXTS:
            text += part.text("text", "")
        elif kind == "refusal":
            text += part.text("refusal", "")
        elif kind == "input_image":
            images.append(image(part, "image_url", len(text)))
        else:
            raise part.wrong("type", "input_text, output_text or input_image")
    return text, tuple(images)


def _sampling(body: Fields) -> Sampling:
    chances = _CHANCES in body.texts("include", 20)
    return Sampling(
        temperature=body.number("temperature", 0, 10),
        top_p=body.number("top_p", 0, 1),
        max_tokens=body.integer("max_output_tokens", 1, _MOST),
        schema=_schema(body),
        alternatives=(body.integer("top_logprobs", 0, 20) or 0) if chances else None,
    )


def _schema(body: Fields) -> str | None:
    text = body.object("text")
    wanted = text.object("format") if text else None
    kind = wanted.one_of("type", "text", "json_object", "json_schema") if wanted else None
    if wanted is None or kind in {None, "text"}:
        return None
    if kind == "json_object":
        return ANY_JSON_OBJECT
    if (schema := wanted.schema("schema")) is None:
        raise wanted.wrong("schema", "a JSON Schema, an object")
    return schema


def _tools(body: Fields) -> Tools | None:
    offered = tuple(_tool(each) for each in body.items("tools"))
    choice, only = _choice(body)
    if not offered and choice != "required":
        return None
    return Tools(offered, choice, only, body.flag("parallel_tool_calls", default=True))


def _tool(tool: Fields) -> Tool:
    if tool.needed_text("type") != "function":
        raise tool.wrong("type", "function: tools that OpenAI's own server runs are not here")
    parameters = tool.schema("parameters") or _NO_PARAMETERS
    return Tool(tool.needed_text("name"), tool.text("description", ""), parameters)


def _choice(body: Fields) -> tuple[Literal["auto", "none", "required"], str | None]:
    raw = body.raw("tool_choice")
    if isinstance(raw, dict) and (chosen := body.object("tool_choice")) is not None:
        if chosen.text("type") != "function":
            raise chosen.wrong("type", "function, with the name of one")
        return "required", chosen.needed_text("name")
    word = body.one_of("tool_choice", "auto", "none", "required")
    return ("none" if word == "none" else "required" if word == "required" else "auto"), None
