"""Reading the small JSON documents that other programs keep beside their models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_LIMIT = 8 * 2**20
"""Bytes. Such documents have a few thousand; what is larger is something else."""


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file; empty when it holds none. Raises OSError."""
    with path.open("rb") as file:
        return object_in(file.read(_LIMIT))


def object_in(data: bytes) -> dict[str, Any]:
    """The JSON object in these bytes; empty when they hold none: then they say nothing."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def objects_in(value: object) -> list[dict[str, Any]]:
    """The JSON objects of a list; empty when it is none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
