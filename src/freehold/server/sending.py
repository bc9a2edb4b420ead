"""Sending an answer in pieces: nothing before the first one is there, so that an error can still be
an error; and one that comes later is told in the protocol's own way, with a proper end.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from freehold.errors import FreeholdError
from freehold.server.desk import is_stopping
from freehold.server.problem import Stopping, bug, problem_of

if TYPE_CHECKING:
    from starlette.types import Send

    from freehold.server.protocol import Protocol
    from freehold.server.stream import Stream


async def send_stream(stream: Stream, protocol: Protocol, send: Send) -> None:
    """Send it. Raises whatever comes before the first piece; a later error goes into the stream."""
    async with aclosing(stream.pieces) as pieces:
        first = await anext(pieces, b"")
        headers = [
            (b"content-type", stream.media_type.encode()),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": first, "more_body": True})
        try:
            async for piece in pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            last = b""
        except asyncio.CancelledError as error:
            if not is_stopping(error):
                raise
            last = protocol.error_event(problem_of(Stopping()))
        except FreeholdError as error:
            last = protocol.error_event(problem_of(error))
        except Exception:
            last = protocol.error_event(bug())
            await send({"type": "http.response.body", "body": last})
            raise
        await send({"type": "http.response.body", "body": last})
