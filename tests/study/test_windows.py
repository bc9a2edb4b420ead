"""Windows as llama.cpp's tool cuts them."""

from __future__ import annotations

import pytest

from freehold.errors import UsageError
from freehold.study.windows import read_in_windows

IDS = tuple(range(100, 150))


def test_end_to_end_the_second_half_is_scored() -> None:
    reading = read_in_windows(IDS, None, size=20)
    assert [window.start for window in reading.windows] == [0, 20]
    assert reading.windows[1].ids == IDS[20:40]
    assert reading.windows[1].targets == IDS[31:40]  # the tool scores n - n/2 - 1 of n
    assert (reading.unread, reading.scored) == (10, 18)


def test_a_mark_begins_each_window() -> None:
    first, second = read_in_windows((1, *IDS[1:]), 1, size=20).windows
    assert first.ids == (1, *IDS[1:20])
    assert second.ids == (1, *IDS[21:40])


def test_with_a_stride_each_token_is_scored_once() -> None:
    reading = read_in_windows(IDS, None, size=20, stride=5)
    scored = [token for window in reading.windows for token in window.targets]
    assert scored == list(IDS[15:50])
    assert all(len(window.ids) == 20 for window in reading.windows)
    assert reading.unread == 0


def test_so_many_and_no_more() -> None:
    reading = read_in_windows(IDS, None, size=10, most=2)
    assert len(reading.windows) == 2
    assert reading.unread == 30


def test_a_short_text_is_one_window() -> None:
    reading = read_in_windows(IDS, None, size=512)
    assert reading.size == 50
    assert reading.scored == 24


@pytest.mark.parametrize(("size", "stride"), [(7, None), (20, 20), (20, 0), (20, 30)])
def test_sizes_that_make_no_sense(size: int, stride: int | None) -> None:
    with pytest.raises(UsageError):
        read_in_windows(IDS, None, size=size, stride=stride)


def test_too_short_a_text() -> None:
    with pytest.raises(UsageError, match="7 tokens are too few"):
        read_in_windows(IDS[:7], None)
