"""What is given to `freehold run`: standard input, a schema, numbers with limits."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from freehold.errors import UsageError

_LONGEST_INPUT = 64_000_000


def with_input(prompt: str | None) -> str | None:
    """The prompt, and below it what was piped in. None when there is neither: a chat begins."""
    if sys.stdin is None or sys.stdin.isatty():
        return prompt
    piped = sys.stdin.buffer.read(_LONGEST_INPUT + 1)
    if len(piped) > _LONGEST_INPUT:
        raise UsageError("More than 64 MB came in on standard input.", "Pipe in a part of it.")
    try:
        text = piped.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise UsageError(
            f"What came in on standard input is not UTF-8 text (byte {error.start}).",
            "Only text can be read: convert it first.",
        ) from error
    if prompt is None and not text:
        raise UsageError("There is no prompt: standard input is empty.", "See freehold run --help.")
    return "\n\n".join(part for part in (prompt, text) if part)


def schema_in(path: Path) -> str:
    """The text of a JSON Schema in a file. Raises UsageError."""
    import json

    try:
        text = path.read_text(encoding="utf-8")
        value = json.loads(text)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} is not JSON: {error}.", "--schema takes a JSON Schema."
        ) from error
    if not isinstance(value, dict):
        raise UsageError(f"{path} is not a JSON Schema: an object is expected.")
    return text


def seed(text: str) -> int:
    """A seed, as a word of the command line."""
    number = int(text)
    if not 0 <= number < (1 << 32) - 1:
        raise argparse.ArgumentTypeError("a seed lies between 0 and 4294967294")
    return number


def temperature(text: str) -> float:
    """A temperature, as a word of the command line."""
    number = float(text)
    if not 0 <= number <= 10:
        raise argparse.ArgumentTypeError("a temperature lies between 0 and 10")
    return number
