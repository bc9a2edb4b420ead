"""Reading what Ollama's clients send: options, formats, turns with their pictures and calls."""

from __future__ import annotations

import binascii
import json
import math
import re
from base64 import b64decode

from freehold.engine.request import (
    ChatRequest,
    Image,
    Message,
    Role,
    Sampling,
    ToolCall,
    Tools,
)
from freehold.server.fields import Fields
from freehold.server.openai_read import ANY_JSON_OBJECT, function_tool

_MOST_SEEDS = 2**32 - 1
_FOREVER = 1 << 31
_OTHER_WAYS = ("mirostat", "tfs_z", "typical_p")
"""Options that would change the answer, and that engines here do not have; but for these values."""
_NO_CHANGE = {"mirostat": 0.0, "tfs_z": 1.0, "typical_p": 1.0}
_DURATION = re.compile(r"(-?)((?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+)")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_ROLES: dict[str, Role] = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}


def chat_request(body: Fields) -> ChatRequest:
    """A conversation. Without turns it is a wish to have the model in memory."""
    reader = _Turns()
    turns = tuple(reader.read(each) for each in body.items("messages"))
    offered = tuple(function_tool(each) for each in body.items("tools"))
    return ChatRequest(
        turns, sampling(body), Tools(offered) if offered else None, think=thinking(body)
    )


def sampling(body: Fields) -> Sampling:
    """How tokens are to be chosen."""
    options = body.object("options") or Fields({}, "options")
    for name in _OTHER_WAYS:
        value = options.number(name, -1e9, 1e9)
        if value is not None and value != _NO_CHANGE[name]:
            raise options.wrong(name, "left out: the engine does not choose tokens in that way")
    seed = options.integer("seed", -(1 << 63), 1 << 63)
    alternatives = body.integer("top_logprobs", 0, 20)
    return Sampling(
        temperature=options.number("temperature", 0, 10),
        top_p=options.number("top_p", 0, 1),
        top_k=options.integer("top_k", 0, 1 << 31),
        min_p=options.number("min_p", 0, 1),
        repeat_penalty=options.number("repeat_penalty", 0, 10),
        frequency_penalty=options.number("frequency_penalty", -2, 2),
        presence_penalty=options.number("presence_penalty", -2, 2),
        seed=None if seed is None or seed < 0 else seed % _MOST_SEEDS,
        max_tokens=_most(options),
        stop=tuple(word for word in options.texts("stop", 16) if word),
        schema=_schema(body),
        alternatives=(alternatives or 0) if body.flag("logprobs") else None,
    )


def wanted_context(body: Fields) -> int | None:
    """The context that a client wants: more than there is must be told."""
    options = body.object("options")
    return None if options is None else options.integer("num_ctx", 1, 1 << 31)


def thinking(body: Fields) -> bool | None:
    """Whether to think first. How hard, which some say in a word, is up to the model."""
    raw = body.raw("think")
    if isinstance(raw, str):
        return body.one_of("think", "low", "medium", "high") is not None
    return None if raw is None else body.flag("think")


def keep_alive(body: Fields) -> float | None:
    """Seconds for which the model stays in memory afterwards: 0 unloads it, infinity pins it."""
    raw = body.raw("keep_alive")
    if raw is None:
        return None
    seconds = _seconds(raw)
    if seconds is None:
        raise body.wrong("keep_alive", 'seconds, or a duration such as "5m"; negative: for ever')
    return math.inf if seconds < 0 else seconds


def images(source: Fields) -> tuple[Image, ...]:
    """Pictures in base64, before the text."""
    found = []
    for index, text in enumerate(source.texts("images", 64)):
        try:
            data = b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise source.wrong(f"images[{index}]", "a picture in valid base64") from error
        found.append(Image(data, _kind(data)))
    return tuple(found)


def _seconds(raw: object) -> float | None:
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return float(raw)
    if not isinstance(raw, str) or len(raw) > 100:
        return None
    if re.fullmatch(r"-?\d+(?:\.\d+)?", raw):
        return float(raw)
    if not (found := _DURATION.fullmatch(raw)):
        return None
    total = sum(float(count) * _UNITS[unit] for count, unit in _PART.findall(found[2]))
    return -total if found[1] else total


def _most(options: Fields) -> int | None:
    most = options.integer("num_predict", -2, _FOREVER)
    if most == 0:
        raise options.wrong("num_predict", "1 or more, or -1 for as many as it takes")
    return None if most is None or most < 0 else most


def _schema(body: Fields) -> str | None:
    raw = body.raw("format")
    if raw is None or raw == "":
        return None
    if isinstance(raw, str):
        body.one_of("format", "json")
        return ANY_JSON_OBJECT
    return body.schema("format")


def _kind(data: bytes) -> str:
    if data.startswith(b"\xff\xd8"):
        return "image/jpeg"
    return "image/webp" if data[8:12] == b"WEBP" else "image/png"


class _Turns:
    """Reads turns in order: calls here may have no ids, and results follow them in order."""

    def __init__(self) -> None:
        self._open: list[ToolCall] = []
        self._count = 0

    def read(self, message: Fields) -> Message:
        """One turn."""
        role = message.one_of("role", *_ROLES)
        if role is None:
            raise message.wrong("role", "one of " + ", ".join(_ROLES))
        pictures = images(message)
        if pictures and role != "user":
            raise message.wrong("images", f"left out: they cannot be in a {role} message")
        calls = [self._call(each) for each in message.items("tool_calls")]
        if role == "assistant":
            self._open = list(calls)
        return Message(
            role=_ROLES[role],
            content=message.text("content", ""),
            images=pictures,
            tool_calls=tuple(calls) if role == "assistant" else (),
            answers_call=self._answered(message) if role == "tool" else None,
            reasoning=message.text("thinking", "") if role == "assistant" else "",
        )

    def _call(self, call: Fields) -> ToolCall:
        function = call.object("function")
        if function is None:
            raise call.wrong("function", "an object with a name and arguments")
        function.object("arguments")
        self._count += 1
        arguments = json.dumps(function.raw("arguments") or {})
        name = function.needed_text("name")
        return ToolCall(call.text("id") or f"call_{self._count}", name, arguments)

    def _answered(self, message: Fields) -> str:
        """The id of the call whose result this is: as it says, by name, or the next in order."""
        if given := message.text("tool_call_id"):
            return given
        name = message.text("tool_name") or message.text("name")
        for call in self._open:
            if name in {None, call.name}:
                self._open.remove(call)
                return call.id
        return f"call_{name or self._count}"
