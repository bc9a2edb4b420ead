"""The arithmetic of ranges against plain sets of numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.transfer.ranges import (
    CHUNK_SIZE,
    LARGEST_SEGMENT,
    ContentRange,
    Spans,
    parse_content_range,
    segments,
)

RANGES = st.tuples(st.integers(0, 60), st.integers(0, 60))


@given(st.lists(st.tuples(st.booleans(), RANGES), max_size=20))
def test_spans_behave_like_a_set_of_bytes(steps: list[tuple[bool, tuple[int, int]]]) -> None:
    spans, model = Spans(), set[int]()
    for adding, (start, end) in steps:
        before = len(model)
        if adding:
            model |= set(range(start, end))
            assert spans.add(start, end) == len(model) - before
        else:
            model -= set(range(start, end))
            assert spans.remove(start, end) == before - len(model)
    assert {byte for low, high in spans.pairs for byte in range(low, high)} == model
    assert spans.total == len(model)
    gaps = {byte for low, high in spans.missing(5, 50) for byte in range(low, high)}
    assert gaps == set(range(5, 50)) - model
    assert all(one[1] < two[0] for one, two in zip(spans.pairs, spans.pairs[1:], strict=False))


@given(
    st.lists(st.tuples(st.integers(0, 10**10), st.integers(1, 10**9)), max_size=5),
    st.integers(1, 16),
)
def test_segments_cover_what_is_missing_once_and_meet_on_chunk_borders(
    gaps: list[tuple[int, int]], connections: int
) -> None:
    wanted = Spans((start, start + length) for start, length in gaps)
    cut = segments(wanted.pairs, connections)
    assert Spans(cut).pairs == wanted.pairs
    assert sum(end - start for start, end in cut) == wanted.total
    ends = {end for _, end in wanted.pairs}
    for start, end in cut:
        assert 0 < end - start <= LARGEST_SEGMENT
        assert end in ends or end % CHUNK_SIZE == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bytes 0-3/4", ContentRange(0, 4, 4)),
        ("bytes 10-19/*", ContentRange(10, 20, None)),
        ("BYTES  5-5/6 ", ContentRange(5, 6, 6)),
        ("bytes 5-4/6", None),
        ("bytes 0-6/6", None),
        ("bytes */6", None),
        ("items 0-3/4", None),
        ("", None),
        (None, None),
    ],
)
def test_content_range(text: str | None, expected: ContentRange | None) -> None:
    assert parse_content_range(text) == expected
