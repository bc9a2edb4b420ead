"""Whatever is sent as a body: values of the right kind, or an error that names the field."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.errors import UsageError
from freehold.server.fields import Fields
from freehold.server.openai_read import chat_request
from freehold.server.problem import BadField

anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = (
    "messages", "temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "seed",
    "tools", "tool_choice", "parallel_tool_calls", "response_format", "logprobs", "top_logprobs",
    "logit_bias", "top_k", "min_p", "frequency_penalty",
)  # fmt: skip


def complaint(make: Callable[[], object]) -> UsageError | None:
    """The error for whoever sent it; None when it is fine. Any other error fails the test."""
    try:
        make()
    except UsageError as error:
        return error
    return None


@given(st.binary())
def test_any_bytes_are_an_object_or_an_error(body: bytes) -> None:
    error = complaint(lambda: Fields.read(body))
    assert error is None or "JSON" in error.message


@given(st.dictionaries(st.sampled_from(NAMES), anything))
def test_any_values_are_a_request_or_an_error_that_names_the_field(values: dict[str, Any]) -> None:
    body = Fields({"messages": [{"role": "user", "content": "hi"}]} | values)
    error = complaint(lambda: chat_request(body))
    if isinstance(error, BadField):
        assert error.param.split(".")[0].split("[")[0] in NAMES
        assert error.param in error.message


@given(
    st.lists(
        st.fixed_dictionaries(
            {"role": st.sampled_from(["user", "assistant", "tool", "system", "x"]) | anything},
            optional={
                "content": anything
                | st.lists(
                    st.fixed_dictionaries(
                        {"type": st.sampled_from(["text", "image_url"])},
                        optional={"text": anything, "image_url": anything},
                    )
                ),
                "tool_calls": anything,
                "tool_call_id": anything,
            },
        ),
        min_size=1,
        max_size=3,
    )
)
def test_any_conversation_is_one_or_an_error(messages: list[dict[str, Any]]) -> None:
    error = complaint(lambda: chat_request(Fields({"messages": messages})))
    if isinstance(error, BadField):
        assert error.param.startswith("messages")


def test_null_is_left_out() -> None:
    assert Fields({"a": None}).text("a", "x") == "x"
    assert Fields({"a": None}).flag("a", default=True) is True
    assert "a" not in Fields({"a": None})


def test_deep_schemas_and_numbers_that_are_none() -> None:
    deep: Any = {}
    for _ in range(400):
        deep = {"items": deep}
    with pytest.raises(BadField, match="deep"):
        Fields({"s": deep}).schema("s")
    for body in (b'{"n": Infinity}', b"[" * 10**6, b'{"a": ["\\uD800"]}', b'{"a": 1' + b"0" * 9999):
        assert complaint(lambda body=body: Fields.read(body))  # type: ignore[misc] # bound now
    with pytest.raises(BadField, match=r"`n`"):
        Fields(json.loads('{"n": 1e400}')).number("n", 0, 1)
    assert Fields({"n": 5.0}).integer("n", 1, 9) == 5
