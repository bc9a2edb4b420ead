"""Numbers as options take them, checked when the command line is read."""

from __future__ import annotations

import argparse


def positive(text: str) -> int:
    """A whole number above zero that an engine can count to."""
    number = int(text)
    if not 0 < number < 1 << 31:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above zero")
    return number
