"""What each path takes and gives, in JSON Schema: the fields that are read here, and their types.

Clients may send more: fields that are not known are passed over. A field may be null, which counts
as left out. A test holds this table and the protocols' paths together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]

JSON, EVENTS, LINES, TEXT = (
    "application/json",
    "text/event-stream",
    "application/x-ndjson",
    "text/plain",
)


@dataclass(frozen=True)
class Described:
    """One operation."""

    takes: Schema | None = None
    """The body of a request; None where there is none."""
    gives: Schema | None = field(default_factory=lambda: {"type": "object"})
    """The answer as JSON; None where it is something else, or empty."""
    kinds: tuple[str, ...] = ()
    """Media types that the answer may have beside JSON."""


def _one_of(*types: str, **more: Any) -> Schema:
    return {"type": [*types, "null"], **more}


def _list(items: Schema) -> Schema:
    return {"type": ["array", "null"], "items": items}


def _body(*needed: str, **properties: Schema) -> Schema:
    return {"type": "object", "required": list(needed), "properties": properties}


def _gives(*needed: str) -> Schema:
    return {"type": "object", "required": list(needed)}


def _number(least: float, most: float) -> Schema:
    return _one_of("number", minimum=least, maximum=most)


def _whole(least: int, most: int = 2**31 - 1) -> Schema:
    return _one_of("integer", minimum=least, maximum=most)


_NAME: Schema = {"type": "string", "minLength": 1}
_WORD = _one_of("string")
_FLAG = _one_of("boolean")
_OBJECT = _one_of("object")
_WORDS = {"anyOf": [{"type": ["string", "null"]}, {"type": "array", "items": {"type": "string"}}]}
_PARTS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "object"}}]}
_MOST = _whole(1)
_SAMPLING = {
    "temperature": _number(0, 10),
    "top_p": _number(0, 1),
    "top_k": _whole(0),
    "min_p": _number(0, 1),
    "repeat_penalty": _number(0, 10),
    "frequency_penalty": _number(-2, 2),
    "presence_penalty": _number(-2, 2),
    "seed": _one_of("integer"),
    "stop": _WORDS,
}
_TURN = _body("role", role={"type": "string"}, content={"anyOf": [_PARTS, {"type": "null"}]})
_FUNCTION = _body("function", type=_WORD, function=_body("name", name=_NAME, parameters=_OBJECT))
_CHOICE = {"type": ["string", "object", "null"]}
_PROMPT = {
    "anyOf": [
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": {"type": "integer", "minimum": 0}},
    ]
}
_OLLAMA = {
    "options": _one_of(
        "object",
        properties={**_SAMPLING, "num_predict": _whole(-2), "num_ctx": _whole(1)},
    ),
    "keep_alive": _one_of("string", "number"),
    "stream": _FLAG,
    "format": _one_of("string", "object"),
    "think": _one_of("boolean", "string"),
    "logprobs": _FLAG,
    "top_logprobs": _whole(0, 20),
    "truncate": _FLAG,
}
_BESIDE = _list(_body("name", name=_NAME, scale=_number(-100, 100)))
_ADDITIONS = {"adapters": _BESIDE, "steer": _BESIDE}
_MESSAGES = {
    "model": _NAME,
    "messages": {"type": "array", "minItems": 1, "items": _body("role", "content", content=_PARTS)},
    "system": {"anyOf": [_PARTS, {"type": "null"}]},
    "tools": _list(_body("name", "input_schema", name=_NAME, input_schema={"type": "object"})),
    "tool_choice": _OBJECT,
    "thinking": _OBJECT,
}
_MODEL = _body("model", model=_NAME)
_USED = ("model", "usage")

SCHEMAS: dict[tuple[str, str], Described] = {
    ("POST", "/v1/chat/completions"): Described(
        _body(
            "model",
            "messages",
            model=_NAME,
            messages={"type": "array", "minItems": 1, "items": _TURN},
            tools=_list(_FUNCTION),
            tool_choice=_CHOICE,
            parallel_tool_calls=_FLAG,
            response_format=_OBJECT,
            logprobs=_FLAG,
            top_logprobs=_whole(0, 20),
            logit_bias=_OBJECT,
            max_tokens=_MOST,
            max_completion_tokens=_MOST,
            n=_whole(1, 16),
            stream=_FLAG,
            stream_options=_OBJECT,
            truncate=_FLAG,
            **_ADDITIONS,
            **_SAMPLING,
        ),
        _gives("id", "choices", *_USED),
        (EVENTS,),
    ),
    ("POST", "/v1/completions"): Described(
        _body(
            "model",
            model=_NAME,
            prompt=_PROMPT,
            max_tokens=_MOST,
            n=_whole(1, 16),
            logprobs=_whole(0, 20),
            echo=_FLAG,
            stream=_FLAG,
            stream_options=_OBJECT,
            **_ADDITIONS,
            **_SAMPLING,
        ),
        _gives("id", "choices", *_USED),
        (EVENTS,),
    ),
    ("POST", "/v1/embeddings"): Described(
        _body(
            "model",
            "input",
            model=_NAME,
            input=_PROMPT,
            encoding_format={"enum": ["float", "base64", None]},
            dimensions=_MOST,
        ),
        _gives("data", *_USED),
    ),
    ("POST", "/v1/responses"): Described(
        _body(
            "model",
            "input",
            model=_NAME,
            input=_PARTS,
            instructions=_WORD,
            tools=_list(_body("type", "name", name=_NAME, parameters=_OBJECT)),
            tool_choice=_CHOICE,
            parallel_tool_calls=_FLAG,
            text=_OBJECT,
            reasoning=_OBJECT,
            temperature=_number(0, 10),
            top_p=_number(0, 1),
            max_output_tokens=_MOST,
            previous_response_id=_WORD,
            store=_FLAG,
            stream=_FLAG,
            truncation={"enum": ["auto", "disabled", None]},
        ),
        _gives("id", "output", "status", *_USED),
        (EVENTS,),
    ),
    ("GET", "/v1/responses/{response}"): Described(gives=_gives("id", "output")),
    ("DELETE", "/v1/responses/{response}"): Described(gives=_gives("id", "deleted")),
    ("GET", "/v1/models"): Described(gives=_gives("data")),
    ("GET", "/v1/models/{model}"): Described(gives=_gives("id")),
    ("POST", "/v1/messages"): Described(
        _body(
            "model",
            "messages",
            "max_tokens",
            **_MESSAGES,
            max_tokens={"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
            stop_sequences=_WORDS,
            temperature=_number(0, 10),
            top_p=_number(0, 1),
            top_k=_whole(0),
            output_config=_OBJECT,
            stream=_FLAG,
            truncate=_FLAG,
        ),
        _gives("id", "content", "stop_reason", *_USED),
        (EVENTS,),
    ),
    ("POST", "/v1/messages/count_tokens"): Described(
        _body("model", "messages", **_MESSAGES), _gives("input_tokens")
    ),
    ("GET", "/"): Described(gives=None, kinds=(TEXT,)),
    ("GET", "/api/version"): Described(gives=_gives("version")),
    ("GET", "/api/tags"): Described(gives=_gives("models")),
    ("GET", "/api/ps"): Described(gives=_gives("models")),
    ("POST", "/api/show"): Described(_MODEL, _gives("details", "model_info", "capabilities")),
    ("POST", "/api/chat"): Described(
        _body("model", model=_NAME, messages=_list(_TURN), tools=_list(_FUNCTION), **_OLLAMA),
        _gives("model", "message", "done"),
        (LINES,),
    ),
    ("POST", "/api/generate"): Described(
        _body(
            "model",
            model=_NAME,
            prompt=_WORD,
            system=_WORD,
            raw=_FLAG,
            images=_list({"type": "string"}),
            context=_list({"type": "integer", "minimum": 0}),
            **_OLLAMA,
        ),
        _gives("model", "response", "done"),
        (LINES,),
    ),
    ("POST", "/api/embed"): Described(
        _body("model", "input", model=_NAME, input=_WORDS, truncate=_FLAG, dimensions=_MOST),
        _gives("model", "embeddings"),
    ),
    ("POST", "/api/embeddings"): Described(
        _body("model", model=_NAME, prompt=_WORD), _gives("embedding")
    ),
    ("POST", "/api/pull"): Described(
        _body("model", model=_NAME, stream=_FLAG), _gives("status"), (LINES,)
    ),
    ("POST", "/api/create"): Described(
        _body(
            "model",
            "from",
            model=_NAME,
            **{"from": _NAME},
            system=_WORD,
            template=_WORD,
            parameters=_OBJECT,
            stream=_FLAG,
        ),
        _gives("status"),
        (LINES,),
    ),
    ("POST", "/api/copy"): Described(
        _body("source", "destination", source=_NAME, destination=_NAME), None
    ),
    ("DELETE", "/api/delete"): Described(_MODEL, None),
    ("POST", "/api/push"): Described(_MODEL, None),
    ("HEAD", "/api/blobs/{digest}"): Described(gives=None),
    ("POST", "/api/blobs/{digest}"): Described(gives=None),
    ("GET", "/health"): Described(gives=_gives("status", "models")),
    ("GET", "/metrics"): Described(gives=None, kinds=(TEXT,)),
    ("POST", "/tokenize"): Described(
        _body("model", model=_NAME, text=_WORD, special=_FLAG), _gives("tokens", "count")
    ),
    ("POST", "/detokenize"): Described(
        _body(
            "model",
            "tokens",
            model=_NAME,
            tokens={"type": "array", "items": {"type": "integer", "minimum": 0}},
        ),
        _gives("text"),
    ),
    **dict.fromkeys(
        (("POST", "/rerank"), ("POST", "/v1/rerank")),
        Described(
            _body(
                "model",
                "query",
                "documents",
                model=_NAME,
                query=_NAME,
                documents={"type": "array", "minItems": 1, "items": {"type": "string"}},
                top_n=_whole(1, 1000),
                return_documents=_FLAG,
            ),
            _gives("results", *_USED),
        ),
    ),
}

ERRORS: dict[str, Schema] = {
    "openai": _body(
        "error",
        error=_body(
            "message",
            "type",
            "param",
            "code",
            message={"type": "string"},
            type={"type": "string"},
            param=_WORD,
            code=_WORD,
        ),
    ),
    "anthropic": _body(
        "type",
        "error",
        type={"const": "error"},
        error=_body("type", "message", type={"type": "string"}, message={"type": "string"}),
    ),
    "ollama": _body("error", error={"type": "string"}),
    "plain": _body(
        "error",
        error=_body(
            "code",
            "message",
            "hint",
            code={"type": "string"},
            message={"type": "string"},
            hint=_WORD,
        ),
    ),
}
"""The shape of each protocol's errors."""
