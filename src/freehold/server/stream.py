"""What a handler returns for an answer in pieces."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

Pieces = AsyncGenerator[bytes, None]


@dataclass(frozen=True)
class Stream:
    """A streamed answer, each piece in its protocol's words."""

    pieces: Pieces
    media_type: str = "text/event-stream; charset=utf-8"
