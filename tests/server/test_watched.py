"""Work in a thread: how far it is can be seen, and turning away ends it at its next step."""

from __future__ import annotations

import asyncio
import threading
from contextlib import aclosing

from freehold.server.watched import Abandoned, Step, Watched, following


def test_how_far_the_work_is_can_be_seen() -> None:
    seen: list[Step] = []

    def work(watched: Watched, go_on: threading.Event) -> None:
        watched.digests["Fetching a"] = "ab12"
        with watched.task("Fetching a", 10) as task:
            task.advance(4)
            assert go_on.wait(10)
            task.total(8)
            task.advance(4)

    async def scene() -> None:
        watched, go_on = Watched(), threading.Event()
        going = asyncio.create_task(asyncio.to_thread(work, watched, go_on))
        async for step in following(watched, going):
            seen.append(step)
            if step.done == 4:
                go_on.set()
        await going
        seen.extend(watched.news())

    asyncio.run(scene())
    assert Step("Fetching a", 4, 10, "ab12") in seen
    assert seen[-1] == Step("Fetching a", 8, 8, "ab12")


def test_turning_away_ends_the_work_at_its_next_step() -> None:
    ended: list[BaseException] = []

    def work(watched: Watched, left: threading.Event) -> None:
        watched.note("begun")
        assert left.wait(10)
        try:
            watched.note("went on")
        except Abandoned as error:
            ended.append(error)
            raise

    async def scene() -> None:
        watched, left = Watched(), threading.Event()
        going = asyncio.create_task(asyncio.to_thread(work, watched, left))
        async with aclosing(following(watched, going)) as steps:
            assert await anext(steps) == Step("begun")
        left.set()
        await asyncio.wait({going})

    asyncio.run(scene())
    assert [type(each) for each in ended] == [Abandoned]
