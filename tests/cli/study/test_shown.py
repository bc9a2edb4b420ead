"""Text from inside a file, shown so that nothing in it hides."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from freehold.cli.study.plain import plain
from freehold.cli.study.shown import visible


def test_what_has_no_shape_is_escaped() -> None:
    assert (
        visible("a\u200bb\u202ec\x1b[2J\n\U000e0041é🦙") == r"a\u200bb\u202ec\x1b[2J\n\U000e0041é🦙"
    )


def test_what_is_too_long_says_so() -> None:
    assert visible("abcdef", 4) == "abc…"
    assert visible("abcd", 4) == "abcd"


def test_arrays_are_lists_and_what_is_no_number_is_null() -> None:
    assert plain({"a": np.array([1.5, math.inf]), "b": (np.int64(3), Path("x"))}) == {
        "a": [1.5, None],
        "b": [3, "x"],
    }
