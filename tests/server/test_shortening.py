"""Leaving turns out, only when asked: the oldest go, what begins and what asks last stay."""

from __future__ import annotations

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.server.conftest import Client, Served

from freehold.engine.request import ChatRequest, Message
from freehold.errors import ContextExceeded
from freehold.server.shortening import shortened

LONG = [
    {"role": "system", "content": "Be kind."},
    *(
        {"role": role, "content": f"{n}" + "x" * 2000}
        for n in range(4)
        for role in ("user", "assistant")
    ),
    {"role": "user", "content": "the last question"},
]


def test_only_when_asked(client: Client) -> None:
    with pytest.raises(openai.BadRequestError, match="Nothing was cut"):
        client.chat.completions.create(model="alpha", messages=LONG)


def test_the_oldest_turns_go_and_the_answer_says_how_many(fake: Served, client: Client) -> None:
    said = client.chat.completions.create(
        model="alpha", messages=LONG, extra_body={"truncate": True}
    )
    assert said.choices[0].message.content == "You said: the last question"
    assert said.truncated_messages == 6
    engine_saw = fake.desk.residence.models[0].model.asked[-1].messages  # type: ignore[attr-defined] # the fake's
    assert [turn.content[0] for turn in engine_saw] == ["B", "3", "3", "t"]
    first = next(
        iter(
            client.chat.completions.create(
                model="alpha", messages=LONG, stream=True, extra_body={"truncate": True}
            )
        )
    )
    assert first.choices[0].delta.truncated_messages == 6


def test_what_fits_is_left_alone(client: Client) -> None:
    said = client.chat.completions.create(
        model="alpha", messages=LONG[-1:], extra_body={"truncate": True}
    )
    assert not hasattr(said, "truncated_messages")


def test_a_last_question_that_is_too_long_by_itself_is_an_error(client: Client) -> None:
    turns = [*LONG, {"role": "user", "content": "y" * 9000}]
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="alpha", messages=turns, extra_body={"truncate": True})
    assert caught.value.code == "context_length_exceeded"


turns_of = st.lists(
    st.builds(Message, st.sampled_from(["user", "assistant", "tool"]), st.text(max_size=30)),
    min_size=1,
    max_size=12,
)


@given(st.booleans(), turns_of, st.integers(1, 400), st.integers(1, 400))
def test_it_ends_and_keeps_what_it_must(
    system: bool, turns: list[Message], context: int, over: int
) -> None:
    start = [Message("system", "s")] if system else []
    request = ChatRequest((*start, *turns, Message("user", "last")))
    while True:
        error = ContextExceeded.of(context + over, context, "")
        left = shortened(request, error)
        if left is None:
            break
        assert len(left) < len(request.messages)
        assert left[: len(start)] == tuple(start)
        assert left[-1].content == "last"
        assert left[len(start)].role == "user"
        request = ChatRequest(left)
