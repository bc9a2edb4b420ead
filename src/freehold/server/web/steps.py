"""Long work for a page: how far it is as lines of JSON, and what came of it as the last one.

The work is done in a thread. A page that goes away ends it at its next step.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from freehold.server.stream import NDJSON, Stream, line
from freehold.server.watched import Step, Watched, following

Work = Callable[[Watched], dict[str, Any]]


def in_steps(work: Work, after: Callable[[], None]) -> Stream:
    """Do it. `after` is called when it is done."""
    return Stream(_lines(work, after), NDJSON)


async def _lines(work: Work, after: Callable[[], None]) -> AsyncGenerator[bytes, None]:
    watched = Watched()
    task = asyncio.create_task(asyncio.to_thread(work, watched))
    async with aclosing(following(watched, task)) as steps:
        async for step in steps:
            yield line(_step(step))
    result = await task
    after()
    yield line({"result": result})


def _step(step: Step) -> dict[str, Any]:
    return {"step": step.label, "done": step.done, "total": step.total}
