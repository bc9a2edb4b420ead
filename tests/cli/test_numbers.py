"""Numbers on the command line: what is none is refused before anything is done."""

from __future__ import annotations

import argparse
from collections.abc import Callable

import pytest

from freehold.cli.numbers import above_zero, positive, zero_or_more


@pytest.mark.parametrize(
    ("read", "text", "number"),
    [(positive, "7", 7), (above_zero, "5e-4", 5e-4), (zero_or_more, "0", 0.0)],
)
def test_what_is_one_is_read(read: Callable[[str], float], text: str, number: float) -> None:
    assert read(text) == number


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (positive, "0"),
        (positive, str(1 << 31)),
        (above_zero, "0"),
        (above_zero, "inf"),
        (above_zero, "nan"),
        (zero_or_more, "-0.1"),
        (zero_or_more, "nan"),
    ],
)
def test_what_is_none_is_refused(read: Callable[[str], float], text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not a"):
        read(text)
