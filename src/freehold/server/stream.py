"""What a handler returns for an answer in pieces."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

Pieces = AsyncGenerator[bytes, None]
NDJSON = "application/x-ndjson"
"""The media type of lines of JSON."""
_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class Stream:
    """A streamed answer, each piece in its protocol's words."""

    pieces: Pieces
    media_type: str = "text/event-stream; charset=utf-8"


def line(content: dict[str, Any]) -> bytes:
    """One line of a stream of them."""
    return _dumps(content).encode() + b"\n"
