"""JSON Schema as the engines take it: read once, so that both say the same of a broken one."""

from __future__ import annotations

import json
from typing import Any

from freehold.errors import UsageError


def parse_schema(text: str) -> Any:
    """The schema as Python values. Raises UsageError when the text is not JSON, or not a schema."""
    try:
        schema = json.loads(text)
    except ValueError as error:
        raise UsageError(
            f"The schema is not valid JSON: {error}.",
            'A small one that works: {"type": "object", "properties": {"name": {"type": "string"}},'
            ' "required": ["name"]}',
        ) from error
    if not isinstance(schema, dict | bool):
        raise UsageError(f"A JSON Schema is an object, not {text.strip()[:40]}.")
    return schema
