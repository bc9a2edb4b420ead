"""What the paths around the APIs take and give."""

from __future__ import annotations

from freehold.server.described import (
    FLAG,
    NAME,
    TEXT,
    USED,
    WORD,
    Described,
    Operations,
    body,
    gives,
    whole,
)

PLAIN_OPERATIONS: Operations = {
    ("GET", "/health"): Described(gives=gives("status", "models")),
    ("GET", "/metrics"): Described(gives=None, kinds=(TEXT,)),
    ("POST", "/tokenize"): Described(
        body("model", model=NAME, text=WORD, special=FLAG), gives("tokens", "count")
    ),
    ("POST", "/detokenize"): Described(
        body(
            "model",
            "tokens",
            model=NAME,
            tokens={"type": "array", "items": {"type": "integer", "minimum": 0}},
        ),
        gives("text"),
    ),
    **dict.fromkeys(
        (("POST", "/rerank"), ("POST", "/v1/rerank")),
        Described(
            body(
                "model",
                "query",
                "documents",
                model=NAME,
                query=NAME,
                documents={"type": "array", "minItems": 1, "items": {"type": "string"}},
                top_n=whole(1, 1000),
                return_documents=FLAG,
            ),
            gives("results", *USED),
        ),
    ),
}
