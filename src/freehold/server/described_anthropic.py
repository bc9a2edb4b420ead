"""What Anthropic's paths take and give."""

from __future__ import annotations

from freehold.server.described import (
    EVENTS,
    FLAG,
    NAME,
    OBJECT,
    PARTS,
    USED,
    WORDS,
    Described,
    Operations,
    body,
    gives,
    list_of,
    number,
    whole,
)

_MESSAGES = {
    "model": NAME,
    "messages": {"type": "array", "minItems": 1, "items": body("role", "content", content=PARTS)},
    "system": {"anyOf": [PARTS, {"type": "null"}]},
    "tools": list_of(body("name", "input_schema", name=NAME, input_schema={"type": "object"})),
    "tool_choice": OBJECT,
    "thinking": OBJECT,
}

ANTHROPIC_OPERATIONS: Operations = {
    ("POST", "/v1/messages"): Described(
        body(
            "model",
            "messages",
            "max_tokens",
            **_MESSAGES,
            max_tokens={"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
            stop_sequences=WORDS,
            temperature=number(0, 10),
            top_p=number(0, 1),
            top_k=whole(0),
            output_config=OBJECT,
            stream=FLAG,
            truncate=FLAG,
        ),
        gives("id", "content", "stop_reason", *USED),
        (EVENTS,),
    ),
    ("POST", "/v1/messages/count_tokens"): Described(
        body("model", "messages", **_MESSAGES), gives("input_tokens")
    ),
}
