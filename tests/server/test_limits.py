"""One client cannot take what is everybody's: size, rate, number and patience."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Receive, Scope, Send
from tests.server.asking import Answered, ask, ask_soon, greet, refuse

from freehold.server.limits import Limited, Limits
from freehold.server.problem import TooSlow

HERE = ("host", "127.0.0.1:2411")


def test_a_client_that_dribbles_is_sent_away() -> None:
    app = Limited(greet, refuse, Limits(body_seconds=0.05))
    with pytest.raises(TooSlow):
        ask(app, method="POST", pieces=[b"a"] * 100, pause=0.02)


def test_the_rate_is_kept_for_each_client_by_itself() -> None:
    app = Limited(greet, refuse, Limits(per_minute=1, burst=2))
    assert [ask(app).status for _ in range(3)] == [200, 200, 429]
    refused = ask(app)
    assert int(refused.headers["retry-after"]) > 1
    assert ask(app, client="127.0.0.2").status == 200


def test_so_many_at_once_and_no_more_and_then_again() -> None:
    release = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await release.wait()
        await greet(scope, receive, send)

    async def crowd() -> tuple[list[int], int]:
        app = Limited(slow, refuse, Limits(at_once=3))
        waiting = [asyncio.ensure_future(ask_soon(app)) for _ in range(5)]
        await asyncio.sleep(0.05)
        release.set()
        answers: list[Answered] = await asyncio.gather(*waiting)
        return sorted(answer.status for answer in answers), (await ask_soon(app)).status

    assert asyncio.run(crowd()) == ([200, 200, 200, 429, 429], 200)
