"""Reading what Anthropic's clients send: content in blocks, tools, how to answer."""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from dataclasses import dataclass, field
from typing import Literal

from freehold.engine.request import (
    ChatRequest,
    Image,
    Message,
    Sampling,
    Tool,
    ToolCall,
    Tools,
)
from freehold.server.fields import Fields

_MOST_STOPS = 16
_FAILED = "The tool failed: "


def message_request(body: Fields, *, count_only: bool = False) -> ChatRequest:
    """The conversation, its tools and how to answer. Only a count needs no `max_tokens`."""
    turns = [turn for each in body.items("messages") for turn in _turns(each)]
    if not turns:
        raise body.wrong("messages", "a list of at least one message")
    if said := _system(body):
        turns.insert(0, Message("system", said))
    thinking = body.object("thinking")
    kind = thinking.one_of("type", "enabled", "disabled", "adaptive") if thinking else None
    return ChatRequest(
        tuple(turns),
        _sampling(body, count_only),
        _tools(body),
        think=None if kind in {None, "adaptive"} else kind == "enabled",
    )


def _sampling(body: Fields, count_only: bool) -> Sampling:
    most = body.integer("max_tokens", 1, 1 << 31)
    if most is None and not count_only:
        raise body.wrong("max_tokens", "given: the most tokens to answer with")
    return Sampling(
        temperature=body.number("temperature", 0, 10),
        top_p=body.number("top_p", 0, 1),
        top_k=body.integer("top_k", 0, 1 << 31),
        max_tokens=most,
        stop=tuple(word for word in body.texts("stop_sequences", _MOST_STOPS) if word),
        schema=_schema(body),
        name_stop=True,
    )


def _schema(body: Fields) -> str | None:
    output = body.object("output_config")
    wanted = output.object("format") if output else body.object("output_format")
    if wanted is None:
        return None
    if wanted.one_of("type", "json_schema") is None or "schema" not in wanted:
        raise wanted.wrong("schema", "given, with the type json_schema")
    return wanted.schema("schema")


def _system(body: Fields) -> str:
    raw = body.raw("system")
    if raw is None or isinstance(raw, str):
        return raw or ""
    if not isinstance(raw, list):
        raise body.wrong("system", "text, or a list of text blocks")
    return "\n\n".join(_text_of(block) for block in body.items("system"))


def _text_of(block: Fields) -> str:
    if block.needed_text("type") != "text":
        raise block.wrong("type", "text")
    return block.text("text", "")


@dataclass
class _Said:
    """One message, while its blocks are read."""

    text: str = ""
    reasoning: str = ""
    images: list[Image] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    results: list[Message] = field(default_factory=list)


def _turns(message: Fields) -> list[Message]:
    """The turns that one message is here: results of tools are turns of their own."""
    role = message.one_of("role", "user", "assistant")
    if role is None:
        raise message.wrong("role", "user or assistant")
    raw = message.raw("content")
    said = _Said()
    if isinstance(raw, str):
        said.text = raw
    elif isinstance(raw, list):
        for block in message.items("content"):
            _read_block(block, role, said)
    else:
        raise message.wrong("content", "text, or a list of blocks")
    if role == "assistant":
        calls = tuple(said.calls)
        return [Message("assistant", said.text, tool_calls=calls, reasoning=said.reasoning)]
    if said.results and not said.text and not said.images:
        return said.results
    return [*said.results, Message("user", said.text, tuple(said.images))]


def _read_block(block: Fields, role: str, said: _Said) -> None:
    kind = block.needed_text("type")
    if kind == "text":
        said.text += block.text("text", "")
    elif kind == "image" and role == "user":
        said.images.append(_image(block, len(said.text)))
    elif kind == "document" and role == "user":
        said.text += _document(block)
    elif kind == "tool_result" and role == "user":
        said.results.append(_result(block))
    elif kind == "tool_use" and role == "assistant":
        given = block.object("input")
        arguments = json.dumps(block.raw("input")) if given is not None else "{}"
        said.calls.append(ToolCall(block.needed_text("id"), block.needed_text("name"), arguments))
    elif kind == "thinking" and role == "assistant":
        said.reasoning += block.text("thinking", "")
    elif kind != "redacted_thinking":
        raise block.wrong("type", f"a block that a {role} message can have, not {kind[:40]!r}")


def _image(block: Fields, at: int) -> Image:
    source = block.object("source")
    if source is None or source.text("type") != "base64":
        raise block.wrong("source", "a picture in base64; nothing is fetched")
    kind = source.needed_text("media_type")
    if not kind.startswith("image/"):
        raise source.wrong("media_type", "a kind of picture, such as image/png")
    try:
        return Image(b64decode(source.needed_text("data"), validate=True), kind, at)
    except (binascii.Error, ValueError) as error:
        raise source.wrong("data", "a picture in valid base64") from error


def _document(block: Fields) -> str:
    source = block.object("source")
    if source is None or source.text("type") != "text":
        raise block.wrong("source", "a document as plain text: other kinds are not read")
    title = block.text("title")
    return (f"{title}\n\n" if title else "") + source.text("data", "")


def _result(block: Fields) -> Message:
    raw = block.raw("content")
    if isinstance(raw, list):
        text = "\n".join(_text_of(part) for part in block.items("content"))
    else:
        text = block.text("content", "")
    if block.flag("is_error"):
        text = _FAILED + text
    return Message("tool", text, answers_call=block.needed_text("tool_use_id"))


def _tools(body: Fields) -> Tools | None:
    offered = tuple(_tool(each) for each in body.items("tools"))
    choice, only, parallel = _choice(body)
    if not offered and choice != "required":
        return None
    return Tools(offered, choice, only, parallel)


def _tool(tool: Fields) -> Tool:
    if tool.text("type", "custom") != "custom":
        raise tool.wrong("type", "custom: tools that Anthropic's own server runs are not here")
    schema = tool.schema("input_schema")
    if schema is None:
        raise tool.wrong("input_schema", "a JSON Schema, an object")
    return Tool(tool.needed_text("name"), tool.text("description", ""), schema)


def _choice(body: Fields) -> tuple[Literal["auto", "none", "required"], str | None, bool]:
    wanted = body.object("tool_choice")
    kind = wanted.one_of("type", "auto", "any", "tool", "none") if wanted else None
    if wanted is None:
        return "auto", None, True
    parallel = not wanted.flag("disable_parallel_tool_use")
    if kind == "tool":
        return "required", wanted.needed_text("name"), parallel
    return ("required" if kind == "any" else "none" if kind == "none" else "auto"), None, parallel
