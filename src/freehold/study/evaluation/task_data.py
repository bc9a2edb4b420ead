"""The examples of a task, from a file beside it: JSON Lines, JSON or CSV, each with its line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from freehold.study.evaluation.fault import Spot

SUFFIXES = (".jsonl", ".json", ".csv", ".tsv")


@dataclass(frozen=True)
class Row:
    """One example as it is in the data."""

    fields: dict[str, Any]
    spot: Spot


def read_rows(path: Path, asked: Spot) -> list[Row]:
    """All rows of a file. `asked` is where the task names it. Raises UsageError with the line."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise asked.fault(f"the data file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Spot(path).fault(f"byte {error.start:,} is not UTF-8.") from error
    match path.suffix.lower():
        case ".jsonl":
            rows = list(_json_lines(text, path))
        case ".json":
            rows = _json(text, path)
        case ".csv" | ".tsv":
            rows = list(_table(text, path))
        case other:
            raise asked.fault(
                f"{path.name} is of a kind ({other or 'none'}) that Freehold does not read.",
                f"It reads {', '.join(SUFFIXES)}.",
            )
    if not rows:
        raise Spot(path).fault("there is no example in it.")
    return rows


def _json_lines(text: str, path: Path) -> Iterator[Row]:
    # By line feeds alone: U+2028 and the like may stand within JSON's texts.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            spot = Spot(path, number)
            yield Row(_object(_parsed(line, spot), spot), spot)


def _json(text: str, path: Path) -> list[Row]:
    """A list of objects, or lines of them as lm-eval's `json` takes too."""
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        if text.lstrip().startswith("{"):
            return list(_json_lines(text, path))
        whole = _parsed(text, Spot(path))
    if not isinstance(whole, list):
        return [Row(_object(whole, Spot(path)), Spot(path))]
    numbered = enumerate(whole, start=1)
    return [Row(_object(each, Spot(path), number), Spot(path)) for number, each in numbered]


def _table(text: str, path: Path) -> Iterator[Row]:
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter="\t" if path.suffix.lower() == ".tsv" else ","
    )
    headings: list[str] | None = None
    try:
        for cells in reader:
            if not cells:
                continue
            spot = Spot(path, reader.line_num)
            if headings is None:
                headings = cells
            elif len(cells) != len(headings):
                raise spot.fault(f"it has {len(cells)} cells and the heading {len(headings)}.")
            else:
                yield Row(dict(zip(headings, cells, strict=True)), spot)
    except csv.Error as error:
        raise Spot(path, reader.line_num).fault(f"this is not CSV: {error}.") from error


def _parsed(text: str, spot: Spot) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = error.lineno if spot.line is None else spot.line
        where = Spot(spot.path, line)
        raise where.fault(f"this is not JSON: {error.msg}, at column {error.colno}.") from error
    except RecursionError as error:
        raise spot.fault("this is not JSON that a person would write.") from error


def _object(value: Any, spot: Spot, number: int | None = None) -> dict[str, Any]:
    if isinstance(value, dict):
        return {str(key): each for key, each in value.items()}
    which = "an example" if number is None else f"example {number}"
    raise spot.fault(f"{which} must be an object with fields, not {json.dumps(value)[:40]}.")
