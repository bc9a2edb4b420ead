"""What each path takes and gives, in JSON Schema: the fields that are read here, and their types.

Clients may send more: fields that are not known are passed over. A field may be null, which counts
as left out. A test holds this table and the protocols' paths together.
"""

from __future__ import annotations

from freehold.server.described import WORD, Operations, Schema, body
from freehold.server.described_anthropic import ANTHROPIC_OPERATIONS
from freehold.server.described_ollama import OLLAMA_OPERATIONS
from freehold.server.described_openai import OPENAI_OPERATIONS
from freehold.server.described_plain import PLAIN_OPERATIONS

SCHEMAS: Operations = {
    **OPENAI_OPERATIONS,
    **ANTHROPIC_OPERATIONS,
    **OLLAMA_OPERATIONS,
    **PLAIN_OPERATIONS,
}

ERRORS: dict[str, Schema] = {
    "openai": body(
        "error",
        error=body(
            "message",
            "type",
            "param",
            "code",
            message={"type": "string"},
            type={"type": "string"},
            param=WORD,
            code=WORD,
        ),
    ),
    "anthropic": body(
        "type",
        "error",
        type={"const": "error"},
        error=body("type", "message", type={"type": "string"}, message={"type": "string"}),
    ),
    "ollama": body("error", error={"type": "string"}),
    "plain": body(
        "error",
        error=body(
            "code",
            "message",
            "hint",
            code={"type": "string"},
            message={"type": "string"},
            hint=WORD,
        ),
    ),
}
"""The shape of each protocol's errors."""
