"""One client cannot take what is everybody's: size, rate, number and patience."""

from __future__ import annotations

import asyncio

from tests.server.asking import Answered, ask, ask_soon, greet

from freehold.server.asgi import Message, Receive, Scope, Send
from freehold.server.limits import Limited, Limits

HERE = ("host", "127.0.0.1:2411")


def test_a_body_that_says_it_is_too_large_is_refused_unread() -> None:
    app = Limited(greet, Limits(body_bytes=10))
    answer = ask(app, method="POST", headers=[HERE, ("content-length", "11")], pieces=[b"x" * 11])
    assert answer.status == 413
    assert "10 are allowed" in answer.json["error"]["message"]


def test_a_body_that_does_not_say_so_is_refused_when_it_is() -> None:
    app = Limited(greet, Limits(body_bytes=10))
    assert ask(app, method="POST", pieces=[b"12345", b"67890"]).body == b"10"
    assert ask(app, method="POST", pieces=[b"12345", b"67890", b"1"]).status == 413


def test_a_client_that_dribbles_is_sent_away() -> None:
    app = Limited(greet, Limits(body_seconds=0.05))
    answer = ask(app, method="POST", pieces=[b"a"] * 100, pause=0.02)
    assert answer.status == 408


def test_the_rate_is_kept_for_each_client_by_itself() -> None:
    app = Limited(greet, Limits(per_minute=1, burst=2))
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
        app = Limited(slow, Limits(at_once=3))
        waiting = [asyncio.ensure_future(ask_soon(app)) for _ in range(5)]
        await asyncio.sleep(0.05)
        release.set()
        answers: list[Answered] = await asyncio.gather(*waiting)
        return sorted(answer.status for answer in answers), (await ask_soon(app)).status

    assert asyncio.run(crowd()) == ([200, 200, 200, 429, 429], 200)


def test_an_answer_under_way_is_not_spoilt_by_a_second_start() -> None:
    async def early(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            message: Message = await receive()
            if not message.get("more_body", False):
                break

    app = Limited(early, Limits(body_bytes=4))
    assert ask(app, method="POST", pieces=[b"123", b"456"]).status == 200
