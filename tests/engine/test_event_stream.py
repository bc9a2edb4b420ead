"""Events and chunks come whole, however the bytes are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.engine.event_stream import payloads, unchunked

STREAM = b': ping\n\ndata: {"a": "\xc3\xa9"}\n\nevent: x\ndata:{}\r\n\ndata: [DONE]\n\ndata: cut'


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_any_cut_gives_the_same_events(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    blocks = [STREAM[a:b] for a, b in pairwise(edges) if b > a]
    assert list(payloads(blocks)) == [b'{"a": "\xc3\xa9"}', b"{}", b"[DONE]"]


CHUNKS = b"5\r\nhello\r\nB;note=1\r\n, \r\n world\n\r\n1\r\n!\r\n0\r\n\r\n"


@given(st.lists(st.integers(0, len(CHUNKS)), max_size=12))
def test_any_cut_gives_the_same_content(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(CHUNKS)]
    blocks = [CHUNKS[a:b] for a, b in pairwise(edges)]
    assert b"".join(unchunked(blocks)) == b"hello, \r\n world\n!"


def test_a_body_cut_short_ends_with_its_last_whole_chunk() -> None:
    assert list(unchunked([b"5\r\nhello\r\n5\r\nwor"])) == [b"hello"]


def test_what_is_not_in_chunks_is_not_read_as_if_it_were() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        list(unchunked([b"<html>\r\n"]))
