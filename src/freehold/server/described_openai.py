"""What OpenAI's paths take and give."""

from __future__ import annotations

from freehold.server.described import (
    EVENTS,
    FLAG,
    FUNCTION,
    MOST,
    NAME,
    OBJECT,
    PARTS,
    SAMPLING,
    TURN,
    USED,
    WORD,
    Described,
    Operations,
    body,
    gives,
    list_of,
    number,
    whole,
)

_CHOICE = {"type": ["string", "object", "null"]}
_BESIDE = list_of(body("name", name=NAME, scale=number(-100, 100)))
_ADDITIONS = {"adapters": _BESIDE, "steer": _BESIDE}
_PROMPT = {
    "anyOf": [
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": {"type": "integer", "minimum": 0}},
    ]
}

OPENAI_OPERATIONS: Operations = {
    ("POST", "/v1/chat/completions"): Described(
        body(
            "model",
            "messages",
            model=NAME,
            messages={"type": "array", "minItems": 1, "items": TURN},
            tools=list_of(FUNCTION),
            tool_choice=_CHOICE,
            parallel_tool_calls=FLAG,
            response_format=OBJECT,
            logprobs=FLAG,
            top_logprobs=whole(0, 20),
            logit_bias=OBJECT,
            max_tokens=MOST,
            max_completion_tokens=MOST,
            n=whole(1, 16),
            stream=FLAG,
            stream_options=OBJECT,
            truncate=FLAG,
            **_ADDITIONS,
            **SAMPLING,
        ),
        gives("id", "choices", *USED),
        (EVENTS,),
    ),
    ("POST", "/v1/completions"): Described(
        body(
            "model",
            model=NAME,
            prompt=_PROMPT,
            max_tokens=MOST,
            n=whole(1, 16),
            logprobs=whole(0, 20),
            echo=FLAG,
            stream=FLAG,
            stream_options=OBJECT,
            **_ADDITIONS,
            **SAMPLING,
        ),
        gives("id", "choices", *USED),
        (EVENTS,),
    ),
    ("POST", "/v1/embeddings"): Described(
        body(
            "model",
            "input",
            model=NAME,
            input=_PROMPT,
            encoding_format={"enum": ["float", "base64", None]},
            dimensions=MOST,
        ),
        gives("data", *USED),
    ),
    ("POST", "/v1/responses"): Described(
        body(
            "model",
            "input",
            model=NAME,
            input=PARTS,
            instructions=WORD,
            tools=list_of(body("type", "name", name=NAME, parameters=OBJECT)),
            tool_choice=_CHOICE,
            parallel_tool_calls=FLAG,
            text=OBJECT,
            reasoning=OBJECT,
            temperature=number(0, 10),
            top_p=number(0, 1),
            max_output_tokens=MOST,
            previous_response_id=WORD,
            store=FLAG,
            stream=FLAG,
            truncation={"enum": ["auto", "disabled", None]},
        ),
        gives("id", "output", "status", *USED),
        (EVENTS,),
    ),
    ("GET", "/v1/responses/{response}"): Described(gives=gives("id", "output")),
    ("DELETE", "/v1/responses/{response}"): Described(gives=gives("id", "deleted")),
    ("GET", "/v1/models"): Described(gives=gives("data")),
    ("GET", "/v1/models/{model}"): Described(gives=gives("id")),
}
