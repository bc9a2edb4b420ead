"""Events come whole, however the bytes are cut."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from freehold.engine.event_stream import payloads

STREAM = b': ping\n\ndata: {"a": "\xc3\xa9"}\n\nevent: x\ndata:{}\r\n\ndata: [DONE]\n\ndata: cut'


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_any_cut_gives_the_same_events(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    blocks = [STREAM[a:b] for a, b in pairwise(edges) if b > a]
    remaining = iter([*blocks, b""])
    assert list(payloads(lambda: next(remaining))) == [b'{"a": "\xc3\xa9"}', b"{}", b"[DONE]"]
