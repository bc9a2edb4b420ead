"""A small JSON value that fits a JSON Schema: what the fake engine answers with.

It knows the everyday keywords. It doesn't know `pattern`, `format`, `not`, `if` and the like: a
schema that needs them is refused rather than answered wrongly.
"""

from __future__ import annotations

from typing import Any

from freehold.errors import EngineError

_UNKNOWN = {"pattern", "format", "not", "if", "multipleOf", "patternProperties", "uniqueItems"}


def sample(schema: Any, root: Any = None) -> Any:
    """The value. Raises EngineError for a schema it cannot satisfy."""
    root = schema if root is None else root
    if not isinstance(schema, dict):
        return None
    if beyond := sorted(_UNKNOWN & schema.keys()):
        raise EngineError(f"The fake engine cannot keep an answer to this schema: {beyond[0]}.")
    if "$ref" in schema:
        return sample(_resolve(schema["$ref"], root), root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return sample(schema[several][0], root)
    kind = schema.get("type", "object" if "properties" in schema else "null")
    return _of_type(kind[0] if isinstance(kind, list) else kind, schema, root)


def _of_type(kind: str, schema: dict[str, Any], root: Any) -> Any:
    match kind:
        case "object":
            wanted = schema.get("properties", {})
            return {name: sample(wanted.get(name, {}), root) for name in schema.get("required", ())}
        case "array":
            return [sample(schema.get("items", {}), root)] * schema.get("minItems", 0)
        case "string":
            return "x" * schema.get("minLength", 1)
        case "integer":
            return schema.get("minimum", schema.get("maximum", 0))
        case "number":
            return float(schema.get("minimum", schema.get("maximum", 0)))
        case "boolean":
            return True
        case "null":
            return None
    raise EngineError(f"The fake engine refused the request: unrecognized type {kind}.")


def _resolve(reference: str, root: Any) -> Any:
    place = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        if not isinstance(place, dict) or step not in place:
            raise EngineError(f"The fake engine refused the request: cannot resolve {reference}.")
        place = place[step]
    return place
