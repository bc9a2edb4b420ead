"""Other metadata for the same tensors: what may be changed, to what, and the file written anew."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from freehold.errors import StorageError, UsageError
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_array import GgufArray, Scalar
from freehold.formats.gguf_lookup import text
from freehold.formats.gguf_types import ValueType
from freehold.formats.gguf_write import Entry, entries_of, tensor_of, write_gguf
from freehold.formats.tensor_data import TensorData
from freehold.modify.recipe import Recipe, recipe_entries, replaced, without_paths
from freehold.progress import SILENT, Progress

TEMPLATE = "tokenizer.chat_template"
_WHOLE = frozenset(
    {
        ValueType.UINT8, ValueType.INT8, ValueType.UINT16, ValueType.INT16, ValueType.UINT32,
        ValueType.INT32, ValueType.UINT64, ValueType.INT64,
    }
)  # fmt: skip
_NEEDED = ("general.architecture", "general.alignment", "freehold.recipe")
_MARKS = ("{%", "%}", "{{", "}}", "{#", "#}")


@dataclass(frozen=True)
class Edits:
    """What is to be different."""

    values: Mapping[str, str] = field(default_factory=dict)
    """By key, as typed."""
    removed: tuple[str, ...] = ()
    template: str | None = None
    system: str | None = None
    """Said to the model first, where a conversation does not begin with a system turn."""
    name: str | None = None
    """`general.name`."""

    def __bool__(self) -> bool:
        chosen = (self.template, self.system, self.name)
        return bool(self.values or self.removed) or any(each is not None for each in chosen)


def edited(header: GgufHeader, edits: Edits, recipe: Recipe) -> list[Entry]:
    """The new metadata. Raises UsageError for what is not there, of another type, or needed."""
    if not edits:
        raise UsageError("There is nothing to change.", "Such as --set general.name=Mine")
    entries = without_paths(entries_of(header))
    known = {entry.key: entry for entry in entries}
    for key in (*edits.removed, *edits.values):
        _check_key(header, key)
    for key in edits.removed:
        if key not in known:
            raise UsageError(f"{header.label} has no entry {key!r} to remove.")
    new = [_entry(key, value, known.get(key)) for key, value in edits.values.items()]
    if edits.name is not None:
        new.append(Entry("general.name", ValueType.STRING, edits.name))
    if (template := _template(header, edits)) is not None:
        new.append(Entry(TEMPLATE, ValueType.STRING, template))
    kept = [entry for entry in entries if entry.key not in edits.removed]
    lineage = [e for e in recipe_entries(recipe) if not e.key.startswith("general.base_model.")]
    return replaced(replaced(kept, new), lineage)


def write_edited(
    file: BinaryIO, original: TensorData, entries: list[Entry], progress: Progress = SILENT
) -> int:
    """Write the file: another header, the same bytes of every tensor."""
    header = original.header
    with progress.task("Writing", header.file_size) as task:
        tensors = [tensor_of(Path(header.label), each) for each in header.tensors]
        size = write_gguf(file, entries, tensors)
        task.advance(header.file_size)
    return size


def check_same_tensors(original: TensorData, new: TensorData) -> None:
    """Raise StorageError unless both have the same tensors, to the byte."""
    if _digest(original) != _digest(new):
        raise StorageError("The tensors were not copied as they are: nothing was kept.")


def with_system(template: str, system: str) -> str:
    """A template that says `system` first, where a conversation has no system turn of its own.

    Raises UsageError for a text with marks that a template would read as its own.
    """
    if mark := next((mark for mark in _MARKS if mark in system), None):
        raise UsageError(f"The system prompt has {mark!r} in it, which a template would run.")
    said = json.dumps(system, ensure_ascii=False)
    turn = f"[{{'role': 'system', 'content': {said}}}]"
    return (
        "{%- if not messages or messages[0]['role'] != 'system' -%}"
        f"{{%- set messages = {turn} + messages -%}}"
        "{%- endif -%}" + template
    )


def _template(header: GgufHeader, edits: Edits) -> str | None:
    template = edits.template
    if edits.system is None:
        return template
    template = template or text(header, TEMPLATE)
    if template is None:
        raise UsageError(
            f"{header.label} has no chat template to write a system prompt into.",
            "Give one with --template FILE.",
        )
    return with_system(template, edits.system)


def _check_key(header: GgufHeader, key: str) -> None:
    shape = f"{text(header, 'general.architecture')}."
    if key in _NEEDED:
        raise UsageError(f"{key} cannot be changed: the tensors would be read wrongly.")
    if key.startswith("tokenizer.ggml.") and isinstance(header.metadata.get(key), GgufArray):
        raise UsageError(f"{key} cannot be changed: the tensors were made for it.")
    if not key or key != key.strip() or len(key) > 200:
        raise UsageError(f"{key!r} is no key of metadata.", f"Such as general.name or {shape}…")


def _entry(key: str, value: str, known: Entry | None) -> Entry:
    """A value as typed, of the type that the key has, or that it looks like."""
    kind = known.type if known is not None else _looks_like(value)
    try:
        return Entry(key, kind, _typed(value, kind))
    except ValueError as error:
        raise UsageError(f"{key} is of type {kind.name.lower()}, and {value!r} is not.") from error


def _typed(value: str, kind: ValueType) -> Scalar:
    if kind is ValueType.STRING:
        return value
    if kind is ValueType.BOOL:
        return value.lower() == "true" if value.lower() in {"true", "false"} else _no(value)
    if kind in _WHOLE:
        return int(value)
    if kind in {ValueType.FLOAT32, ValueType.FLOAT64}:
        number = float(value)
        return number if math.isfinite(number) else _no(value)
    return _no(value)


def _no(value: str) -> Scalar:
    raise ValueError(value)


def _looks_like(value: str) -> ValueType:
    if value.lower() in {"true", "false"}:
        return ValueType.BOOL
    if value.isdecimal() and int(value) < 1 << 32:
        return ValueType.UINT32
    return ValueType.STRING


def _digest(data: TensorData) -> str:
    known = hashlib.sha256()
    for tensor in data.header.tensors:
        known.update(tensor.name.encode())
        known.update(data.raw(tensor.name).data)
    return known.hexdigest()
