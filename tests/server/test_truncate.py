"""Too long a conversation: an error with both numbers, or fewer turns where that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.server.conftest import Serve, Served

from freehold.engine.fake import FakeEngine

LONG = [
    {"role": "user", "content": "first " * 600},
    {"role": "assistant", "content": "yes"},
    {"role": "user", "content": "second " * 900},
    {"role": "assistant", "content": "well"},
    {"role": "user", "content": "last"},
]


def openai(served: Served, turns: list[dict[str, str]], **extra: Any) -> tuple[str, int]:
    messages = [{"role": "system", "content": "Be kind."}, *turns]
    with served.openai() as client:
        said = client.chat.completions.create(
            model="alpha", messages=messages, max_tokens=100, extra_body=extra
        )
    return said.choices[0].message.content, getattr(said, "truncated_messages", 0)


def anthropic(served: Served, turns: list[dict[str, str]], **extra: Any) -> tuple[str, int]:
    with served.anthropic() as client:
        said = client.messages.create(
            model="alpha", messages=turns, max_tokens=100, system="Be kind.", extra_body=extra
        )
    return said.content[0].text, getattr(said, "truncated_messages", 0)


def ollama(served: Served, turns: list[dict[str, str]], **extra: Any) -> tuple[str, int]:
    messages = [{"role": "system", "content": "Be kind."}, *turns]
    body = {"model": "alpha", "messages": messages, "stream": False, "options": {"num_predict": 99}}
    answer = served.ask("POST", "/api/chat", json=body | extra)
    said = answer.json()
    if answer.status != 200:
        raise Refused(said["error"], answer.status)
    return said["message"]["content"], said.get("truncated_messages", 0)


class Refused(Exception):
    def __init__(self, error: str, status: int) -> None:
        super().__init__(error)
        self.status_code = status


Ask = Callable[..., tuple[str, int]]
ASKS: list[Ask] = [openai, anthropic, ollama]


@pytest.mark.parametrize("ask", ASKS)
def test_the_oldest_turns_go_and_the_answer_says_how_many(serve: Serve, ask: Ask) -> None:
    engine = FakeEngine()
    served = serve(engine)
    assert ask(served, LONG, truncate=True) == ("You said: last", 2)
    request: Any = engine.loaded[0].asked[-1]
    assert [turn.content[:8] for turn in request.messages] == [
        "Be kind.",
        "second s",
        "well",
        "last",
    ]


@pytest.mark.parametrize("ask", ASKS)
def test_nothing_goes_unless_it_is_asked_for(fake: Served, ask: Ask) -> None:
    with pytest.raises(Exception, match=r"9,9\d\d tokens.*8,192") as caught:
        ask(fake, LONG)
    assert getattr(caught.value, "status_code", None) == 400


@pytest.mark.parametrize("ask", ASKS)
def test_nothing_goes_where_all_fits(fake: Served, ask: Ask) -> None:
    assert ask(fake, LONG[-1:], truncate=True) == ("You said: last", 0)


@pytest.mark.parametrize("ask", ASKS)
def test_a_last_question_too_long_by_itself_stays_an_error(fake: Served, ask: Ask) -> None:
    with pytest.raises(Exception, match="8,192"):
        ask(fake, [*LONG, {"role": "user", "content": "x" * 9000}], truncate=True)


def test_the_stream_says_it_too(fake: Served) -> None:
    with fake.openai() as client:
        chunks = client.chat.completions.create(
            model="alpha",
            messages=LONG,
            max_tokens=3,
            stream=True,
            extra_body={"truncate": True},
        )
        first, *_ = chunks
        assert first.choices[0].delta.truncated_messages == 2
