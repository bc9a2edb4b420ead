"""Wishes arrive under the names that llama-server knows, and what was left open is not sent."""

from __future__ import annotations

from freehold.engine.interface import ChatRequest, Delta, Finished, Message, Sampling, TextRequest
from freehold.engine.llama_api import chat_body, text_body
from freehold.engine.llama_events import ChatEvents

ALL = Sampling(
    temperature=0.5,
    top_p=0.9,
    top_k=20,
    min_p=0.1,
    repeat_penalty=1.1,
    seed=0,
    max_tokens=9,
    stop=("END",),
    schema='{"type": "null"}',
)
SENT = {
    "temperature": 0.5,
    "top_p": 0.9,
    "top_k": 20,
    "min_p": 0.1,
    "repeat_penalty": 1.1,
    "seed": 0,
    "stop": ["END"],
    "cache_prompt": False,
    "stream": True,
}


def test_every_wish_is_sent() -> None:
    turn = Message("user", "hi")
    assert chat_body(ChatRequest((turn,), ALL)) == SENT | {
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "hi"}],
        "stream_options": {"include_usage": True},
        "response_format": {"type": "json_schema", "json_schema": {"schema": {"type": "null"}}},
    }
    assert text_body(TextRequest("hi", ALL)) == SENT | {
        "n_predict": 9,
        "prompt": "hi",
        "json_schema": {"type": "null"},
    }


def test_what_was_left_open_is_not_sent() -> None:
    assert text_body(TextRequest("hi")) == {"cache_prompt": True, "prompt": "hi", "stream": True}


def test_thoughts_are_told_from_words() -> None:
    events = ChatEvents()
    thought = {"choices": [{"delta": {"role": "assistant", "reasoning_content": "Hm."}}]}
    word = {"choices": [{"delta": {"content": "Yes"}, "finish_reason": None}]}
    assert list(events(thought)) == [Delta("Hm.", reasoning=True)]
    assert list(events(word)) == [Delta("Yes")]


def test_the_reason_and_the_counts_come_together() -> None:
    events = ChatEvents()
    assert list(events({"choices": [{"delta": {}, "finish_reason": "length"}]})) == []
    timings = {"cache_n": 3, "prompt_ms": 1500.0, "predicted_ms": 500.0}
    usage = {"prompt_tokens": 10, "completion_tokens": 4}
    (end,) = events({"choices": [], "usage": usage, "timings": timings})
    assert isinstance(end, Finished)
    assert end.reason == "length"
    assert (end.usage.prompt_tokens, end.usage.cached_tokens, end.usage.answer_tokens) == (10, 3, 4)
    assert (end.usage.prompt_seconds, end.usage.answer_seconds) == (1.5, 0.5)
