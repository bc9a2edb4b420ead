"""Read files of things to learn: JSON Lines, JSON, CSV and plain text, in UTF-8 or UTF-16.

Nothing is guessed past a mistake: the first thing that is wrong is one FormatError with its line.
"""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from pathlib import Path
from types import MappingProxyType

from freehold.errors import FormatError, StorageError
from freehold.modify.data.forms import sample_of
from freehold.modify.data.sample import Sample

MAX_FILE = 1 << 30
MAX_LINE = 4 << 20
"""Characters. Longer ones are a mistake (a whole file on one line) more often than a text."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class DataFile:
    """What one file holds, duplicates gone."""

    samples: tuple[Sample, ...]
    sha256: str
    duplicates: int
    """Samples that were there before, and are left out."""


def read_data(path: Path) -> DataFile:
    """Read a whole file. Raises FormatError with the line that is wrong, StorageError."""
    if path.suffix.lower() not in _READERS:
        raise FormatError(
            f"{path.name} ends in {path.suffix}, which is no kind of data that is known.",
            f"Known are {', '.join(filter(None, _READERS))}.",
        )
    try:
        size = path.stat().st_size
        if size > MAX_FILE:
            raise FormatError(f"{path.name} has {size:,} bytes; at most {MAX_FILE:,} are read.")
        raw = path.read_bytes()
    except OSError as error:
        raise StorageError(
            f"{path} cannot be read: {error.strerror}.", "Check the path."
        ) from error
    samples = list(_READERS[path.suffix.lower()](_decoded(raw, path.name), path.name))
    unique = {sample.key: sample for sample in reversed(samples)}
    kept = [sample for sample in samples if unique[sample.key] is sample]
    if not kept:
        raise FormatError(f"{path.name} has nothing to learn from.")
    return DataFile(tuple(kept), sha256(raw).hexdigest(), len(samples) - len(kept))


def _decoded(raw: bytes, name: str) -> str:
    encoding = next((word for mark, word in _MARKS if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FormatError(
            f"{name}, line {line:,}: byte {error.start:,} is no {encoding.upper()}.",
            "Save the file as UTF-8.",
        ) from error
    if (at := text.find("\0")) >= 0:  # UTF-16 without its mark, UTF-32, or no text at all
        line = text.count("\n", 0, at) + 1
        raise FormatError(f"{name}, line {line:,} has a zero in it.", "Save the file as UTF-8.")
    return text


def _lines(text: str, name: str) -> Iterator[Sample]:
    for number, line in enumerate(text.split("\n"), 1):  # a JSON text may have U+2028 in it
        if line.strip():
            where = f"{name}, line {number:,}"
            if len(line) > MAX_LINE:
                raise FormatError(
                    f"{where} has {len(line):,} characters; a line has {MAX_LINE:,} at most.",
                    "Each line is one example. Is the file a JSON list? Then call it .json.",
                )
            yield _sample(_parsed(line, where), where)


def _json(text: str, name: str) -> Iterator[Sample]:
    said = _parsed(text, name)
    if not isinstance(said, list):
        raise FormatError(f"{name} is no list of examples.", "One example a line? Call it .jsonl.")
    for number, each in enumerate(said, 1):
        where = f"{name}, entry {number:,}"
        yield _sample(each, where)


def _plain(text: str, name: str) -> Iterator[Sample]:
    if text.strip():
        yield Sample(name, text=text)


def _table(text: str, name: str) -> Iterator[Sample]:
    delimiter = "\t" if name.lower().endswith(".tsv") else ","
    rows = csv.DictReader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in rows:
            where = f"{name}, line {rows.line_num:,}"
            if None in row or None in row.values():
                raise FormatError(f"{where} has another number of columns than the first line.")
            yield _sample({key.strip().lower(): value for key, value in row.items()}, where)
    except csv.Error as error:  # of the row that begins after the last line that was whole
        raise FormatError(f"{name}, line {rows.line_num + 1:,}: {error}.") from error


def _parsed(text: str, where: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{where} is no JSON: {error}.") from error


def _sample(said: object, where: str) -> Sample:
    if not isinstance(said, dict):
        raise FormatError(f"{where} is no object.", 'Such as {"prompt": "…", "completion": "…"}.')
    return sample_of(said, where)


_READERS: Mapping[str, Callable[[str, str], Iterator[Sample]]] = MappingProxyType(
    {
        ".jsonl": _lines,
        ".ndjson": _lines,
        ".json": _json,
        ".csv": _table,
        ".tsv": _table,
        ".txt": _plain,
        ".md": _plain,
        "": _plain,
    }
)
"""By how the file's name ends."""
