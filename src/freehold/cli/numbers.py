"""Numbers as options take them, checked when the command line is read."""

from __future__ import annotations

import argparse
import re

from freehold.errors import UsageError


def above_zero(text: str) -> float:
    """A number above zero that is one: not infinite, not NaN."""
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number above zero")
    return number


def zero_or_more(text: str) -> float:
    """A number that is none below zero. With NaN as a limit, nothing would ever pass it."""
    number = float(text)
    if not number >= 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number of zero or more")
    return number


def positive(text: str) -> int:
    """A whole number above zero that an engine can count to."""
    number = int(text)
    if not 0 < number < 1 << 31:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above zero")
    return number


def port(text: str) -> int:
    """The number of a port; 0 stands for any free one."""
    number = int(text)
    if not 0 <= number < 1 << 16:
        raise argparse.ArgumentTypeError("a port lies between 0 and 65535")
    return number


def parse_size(text: str) -> int:
    """Bytes from `4GB`, `650 MB` or `4GiB`. Raises UsageError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", text.strip(), re.IGNORECASE)
    if found is None or (found[3] and not found[2]):
        raise UsageError(f"{text!r} is not a size.", "Write it like 4GB, 650MB or 2GiB.")
    base = 1024 if found[3] else 1000
    power = "kmgt".index(found[2].lower()) + 1 if found[2] else 0
    return int(float(found[1]) * base**power)
