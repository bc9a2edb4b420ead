"""Several answers at once, their pieces told apart by number. One is the usual case, and costs
nothing more than an answer does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from freehold.engine.reply import Piece, Usage

if TYPE_CHECKING:
    from freehold.server.desk import Desk, Order

Numbered = tuple[int, Sequence[Piece]]


@asynccontextmanager
async def several(desk: Desk, orders: list[Order]) -> AsyncIterator[AsyncGenerator[Numbered, None]]:
    """The pieces of the answers to all orders, as they come. Leaving stops the work on them."""
    answers = _one(desk, orders[0]) if len(orders) == 1 else _merged(desk, orders)
    async with aclosing(answers):
        yield answers


def total(usages: Sequence[Usage]) -> Usage:
    """What several answers to one prompt took: the prompt counts once."""
    return Usage(
        prompt_tokens=usages[0].prompt_tokens,
        cached_tokens=min(usage.cached_tokens for usage in usages),
        answer_tokens=sum(usage.answer_tokens for usage in usages),
        prompt_seconds=sum(usage.prompt_seconds for usage in usages),
        answer_seconds=sum(usage.answer_seconds for usage in usages),
    )


async def _one(desk: Desk, order: Order) -> AsyncGenerator[Numbered, None]:
    async with desk.answer(order) as answer:
        async for pieces in answer:
            yield 0, pieces


async def _merged(desk: Desk, orders: list[Order]) -> AsyncGenerator[Numbered, None]:
    queue: asyncio.Queue[Numbered | BaseException | None] = asyncio.Queue()

    async def ask(index: int, order: Order) -> None:
        try:
            async with desk.answer(order) as answer:
                async for pieces in answer:
                    queue.put_nowait((index, pieces))
            queue.put_nowait(None)
        except Exception as error:  # noqa: BLE001 - it is raised where the pieces are read
            queue.put_nowait(error)

    tasks = [asyncio.create_task(ask(index, order)) for index, order in enumerate(orders)]
    try:
        missing = len(tasks)
        while missing:
            said = await queue.get()
            if isinstance(said, BaseException):
                raise said
            if said is None:
                missing -= 1
            else:
                yield said
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
