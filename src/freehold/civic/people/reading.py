"""Reading documents of other people's data: each wrong turn is one sentence that names the file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from freehold.errors import FormatError


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Make of what goes wrong with a document's shape an error that names it."""
    try:
        yield
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        raise FormatError(
            f"{what} is not what it should be: {type(error).__name__} at {str(error)[:80]}.",
            "Fetch it again with `freehold act update`, or take another copy.",
        ) from error


def json_list(path: Path) -> list[Any]:
    """The list that a JSON file is. Raises FormatError."""
    with reading(path.name):
        document = json.loads(path.read_bytes())
        if not isinstance(document, list):
            raise TypeError("it is no list")
        return document


def day(value: object) -> date | None:
    """A date as these files write it; a month or a year alone is its first day."""
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not value:
        return None
    parts = [int(part) for part in value[:10].split("-")]
    year, month, number = (*parts, 1, 1)[:3]
    return date(year, month, number)


def words(value: object) -> str | None:
    """A text without breaks and doubled spaces; None where there is none."""
    if isinstance(value, list | dict):
        raise TypeError("a list where a text should be")
    text = " ".join(str(value).split()) if value is not None else ""
    return text or None
