"""What Ollama's paths take and give."""

from __future__ import annotations

from freehold.server.described import (
    FLAG,
    FUNCTION,
    LINES,
    MODEL,
    MOST,
    NAME,
    OBJECT,
    SAMPLING,
    TEXT,
    TURN,
    WORD,
    WORDS,
    Described,
    Operations,
    body,
    gives,
    list_of,
    one_of,
    whole,
)

_OLLAMA = {
    "options": one_of(
        "object",
        properties={**SAMPLING, "num_predict": whole(-2), "num_ctx": whole(1)},
    ),
    "keep_alive": one_of("string", "number"),
    "stream": FLAG,
    "format": one_of("string", "object"),
    "think": one_of("boolean", "string"),
    "logprobs": FLAG,
    "top_logprobs": whole(0, 20),
    "truncate": FLAG,
}

OLLAMA_OPERATIONS: Operations = {
    ("GET", "/"): Described(gives=None, kinds=(TEXT,)),
    ("GET", "/api/version"): Described(gives=gives("version")),
    ("GET", "/api/tags"): Described(gives=gives("models")),
    ("GET", "/api/ps"): Described(gives=gives("models")),
    ("POST", "/api/show"): Described(MODEL, gives("details", "model_info", "capabilities")),
    ("POST", "/api/chat"): Described(
        body("model", model=NAME, messages=list_of(TURN), tools=list_of(FUNCTION), **_OLLAMA),
        gives("model", "message", "done"),
        (LINES,),
    ),
    ("POST", "/api/generate"): Described(
        body(
            "model",
            model=NAME,
            prompt=WORD,
            system=WORD,
            raw=FLAG,
            images=list_of({"type": "string"}),
            context=list_of({"type": "integer", "minimum": 0}),
            **_OLLAMA,
        ),
        gives("model", "response", "done"),
        (LINES,),
    ),
    ("POST", "/api/embed"): Described(
        body("model", "input", model=NAME, input=WORDS, truncate=FLAG, dimensions=MOST),
        gives("model", "embeddings"),
    ),
    ("POST", "/api/embeddings"): Described(
        body("model", model=NAME, prompt=WORD), gives("embedding")
    ),
    ("POST", "/api/pull"): Described(
        body("model", model=NAME, stream=FLAG), gives("status"), (LINES,)
    ),
    ("POST", "/api/create"): Described(
        body(
            "model",
            "from",
            model=NAME,
            **{"from": NAME},
            system=WORD,
            template=WORD,
            parameters=OBJECT,
            stream=FLAG,
        ),
        gives("status"),
        (LINES,),
    ),
    ("POST", "/api/copy"): Described(
        body("source", "destination", source=NAME, destination=NAME), None
    ),
    ("DELETE", "/api/delete"): Described(MODEL, None),
    ("POST", "/api/push"): Described(MODEL, None),
    ("HEAD", "/api/blobs/{digest}"): Described(gives=None),
    ("POST", "/api/blobs/{digest}"): Described(gives=None),
}
