"""What the fake answers fits the schema, as a validator sees it."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from freehold.engine.schema_sample import sample
from freehold.errors import EngineError

SCHEMAS: list[dict[str, Any]] = [
    {"const": 3},
    {"enum": ["a", "b"]},
    {"type": "string", "minLength": 4},
    {"type": "integer", "minimum": 5, "maximum": 7},
    {"type": "number", "maximum": -1},
    {"type": ["null", "string"]},
    {"type": "array", "items": {"type": "boolean"}, "minItems": 2},
    {"anyOf": [{"type": "null"}, {"type": "string"}]},
    {"properties": {"a": {"type": "string"}, "b": {}}, "required": ["a", "b"]},
    {"$ref": "#/$defs/x", "$defs": {"x": {"type": "object", "required": ["y"]}}},
]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_it_fits(schema: dict[str, Any]) -> None:
    jsonschema.validate(sample(schema), schema)


@pytest.mark.parametrize("schema", [{"not": {}}, {"type": "nonsense"}, {"$ref": "#/absent"}])
def test_what_it_cannot_do_it_refuses(schema: dict[str, Any]) -> None:
    with pytest.raises(EngineError):
        sample(schema)
