"""Strict JSON: what it lets through is what any reader reads."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.errors import FormatError
from freehold.formats.strict_json import MAX_BYTES, canonical, parse_object

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text('aé☃"\\\n{[,', max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc"), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text("abcdé", max_size=4), values))
def test_what_is_written_comes_back(value: dict[str, object]) -> None:
    assert parse_object(canonical(value), "it") == value
    assert canonical(parse_object(json.dumps(value, indent=3).encode(), "it")) == canonical(value)


@given(st.binary(max_size=60))
def test_other_bytes_end_in_one_clear_error(data: bytes) -> None:
    error: FormatError | None = None
    try:
        parse_object(data, "The thing")
    except FormatError as raised:
        error = raised
    assert error is None or error.message.startswith("The thing ")


def test_the_limit() -> None:
    assert parse_object(b'{"a":"' + b"x" * (MAX_BYTES - 10) + b'"}', "it")
    with pytest.raises(FormatError, match="it is absurdly long"):
        parse_object(b'{"a":"' + b"x" * MAX_BYTES + b'"}', "it")
