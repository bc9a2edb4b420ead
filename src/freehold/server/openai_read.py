"""Reading what OpenAI's clients send: conversations, tools, sampling."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Literal

from freehold.actions.additions import STRONGEST, Additions, Wish
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

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}
_NO_PARAMETERS = '{"type": "object", "properties": {}}'
_MOST_SEEDS = 2**32 - 1
_MOST = 2**31 - 1  # what a whole number of the engine's can hold
ANY_JSON_OBJECT = '{"type": "object"}'
MOST_CHOICES = 16
_MOST_BESIDE = 16


def chat_request(body: Fields) -> ChatRequest:
    """The conversation, its tools and how to answer."""
    turns = tuple(_message(each) for each in body.items("messages"))
    if not turns:
        raise body.wrong("messages", "a list of at least one message")
    return ChatRequest(turns, sampling(body, schema=_schema(body), chat=True), _tools(body))


def sampling(body: Fields, *, schema: str | None, chat: bool) -> Sampling:
    """How tokens are to be chosen. A chat asks for alternatives in another way than a text."""
    most = body.integer("max_completion_tokens", 1, _MOST) if chat else None
    alternatives = body.integer("top_logprobs" if chat else "logprobs", 0, 20)
    if chat and not body.flag("logprobs"):
        alternatives = None
    elif chat:
        alternatives = alternatives or 0
    seed = body.integer("seed", -(1 << 63), 1 << 63)
    return Sampling(
        temperature=body.number("temperature", 0, 10),
        top_p=body.number("top_p", 0, 1),
        top_k=body.integer("top_k", 0, _MOST),
        min_p=body.number("min_p", 0, 1),
        repeat_penalty=body.number("repeat_penalty", 0, 10),
        frequency_penalty=body.number("frequency_penalty", -2, 2),
        presence_penalty=body.number("presence_penalty", -2, 2),
        seed=None if seed is None else seed % _MOST_SEEDS,
        max_tokens=most or body.integer("max_tokens", 1, _MOST),
        stop=tuple(word for word in body.texts("stop", 16) if word),
        schema=schema,
        alternatives=alternatives,
        bias=_bias(body),
    )


def additions(body: Fields) -> Additions:
    """Adapters and control vectors that a request names, beside those in the model's name."""
    return Additions(_wishes(body, "adapters"), _wishes(body, "steer"))


def _wishes(body: Fields, name: str) -> tuple[Wish, ...]:
    found = []
    for each in body.items(name):
        scale = each.number("scale", -STRONGEST, STRONGEST)
        found.append(Wish(each.needed_text("name"), 1.0 if scale is None else scale))
    if len(found) > _MOST_BESIDE:
        raise body.wrong(name, f"a list of {_MOST_BESIDE} at most")
    return tuple(found)


def image(source: Fields, name: str, at: int) -> Image:
    """A picture in a `data:` URL: nothing is fetched for a client."""
    url = source.needed_text(name)
    head, comma, data = url.partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64") or not comma:
        raise source.wrong(name, "a picture as a data: URL in base64; nothing is fetched")
    try:
        content = b64decode(data, validate=True)
    except binascii.Error as error:
        raise source.wrong(name, "a picture in valid base64") from error
    return Image(content, head[len("data:") : -len(";base64")], at)


def _message(message: Fields) -> Message:
    role = message.needed_text("role")
    if role not in _ROLES:
        raise message.wrong("role", "one of " + ", ".join(_ROLES))
    text, images = _content(message)
    calls = tuple(_call(each) for each in message.items("tool_calls"))
    if images and role != "user":
        raise message.wrong("content", f"text: a picture cannot be in a {role} message")
    return Message(
        role=_ROLES[role],
        content=text,
        images=images,
        tool_calls=calls if role == "assistant" else (),
        answers_call=message.text("tool_call_id") if role == "tool" else None,
        reasoning=message.text("reasoning_content", "") if role == "assistant" else "",
    )


def _content(message: Fields) -> tuple[str, tuple[Image, ...]]:
    """Text and pictures, in whichever of the ways the API knows."""
    raw = message.raw("content")
    if raw is None or isinstance(raw, str):
        return raw or "", ()
    if not isinstance(raw, list):
        raise message.wrong("content", "text, or a list of parts")
    text, images = "", []
    for part in message.items("content"):
        kind = part.needed_text("type")
        if kind in {"text", "input_text", "output_text"}:
            text += part.text("text", "")
        elif kind == "refusal":
            text += part.text("refusal", "")
        elif kind == "image_url":
            if (source := part.object("image_url")) is None:
                raise part.wrong("image_url", "an object with a url")
            images.append(image(source, "url", len(text)))
        else:
            raise part.wrong("type", "text or image_url")
    return text, tuple(images)


def _call(call: Fields) -> ToolCall:
    function = call.object("function")
    if function is None:
        raise call.wrong("function", "an object with a name and arguments")
    arguments = function.text("arguments", "{}")
    return ToolCall(call.needed_text("id"), function.needed_text("name"), arguments or "{}")


def _tools(body: Fields) -> Tools | None:
    offered = tuple(function_tool(each) for each in body.items("tools"))
    choice, only = _choice(body)
    if not offered and choice != "required":
        return None
    return Tools(offered, choice, only, body.flag("parallel_tool_calls", default=True))


def function_tool(tool: Fields) -> Tool:
    """A tool, as OpenAI and Ollama describe one."""
    function = tool.object("function")
    if function is None or tool.text("type", "function") != "function":
        raise tool.wrong("type", "function, with a function")
    return Tool(
        name=function.needed_text("name"),
        description=function.text("description", ""),
        parameters=function.schema("parameters") or _NO_PARAMETERS,
    )


def _choice(body: Fields) -> tuple[Literal["auto", "none", "required"], str | None]:
    raw = body.raw("tool_choice")
    if raw is None or raw == "auto":
        return "auto", None
    if raw == "none":
        return "none", None
    if raw == "required":
        return "required", None
    chosen = body.object("tool_choice") if isinstance(raw, dict) else None
    function = chosen.object("function") if chosen is not None else None
    if function is None:
        raise body.wrong("tool_choice", "auto, none, required, or a function by name")
    return "required", function.needed_text("name")


def _schema(body: Fields) -> str | None:
    wanted = body.object("response_format")
    kind = wanted.one_of("type", "text", "json_object", "json_schema") if wanted else None
    if wanted is None or kind in {None, "text"}:
        return None
    if kind == "json_object":
        return ANY_JSON_OBJECT
    described = wanted.object("json_schema")
    schema = described.schema("schema") if described is not None else None
    if schema is None:
        raise wanted.wrong("json_schema", "an object with a schema")
    return schema


def _bias(body: Fields) -> tuple[tuple[int, float], ...]:
    raw = body.object("logit_bias")
    if raw is None:
        return ()
    found = []
    for token in body.raw("logit_bias"):
        amount = raw.number(token, -100, 100)
        if not token.isdecimal() or len(token) > 9 or amount is None:
            raise body.wrong("logit_bias", "an object of token ids and numbers")
        found.append((int(token), amount))
    return tuple(found)
