"""A task's YAML as values, each with the line that it stands on. Nothing in it can run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from freehold.errors import UsageError
from freehold.study.evaluation.fault import Spot

_MOST = 1_000_000
"""Bytes."""


@dataclass(frozen=True)
class TaskFields:
    """The fields of a task's file, those of files that it includes below them."""

    path: Path
    values: dict[str, Any]
    spots: dict[str, Spot]
    """Where each field stands."""

    def spot(self, field: str) -> Spot:
        """Where to point when something is wrong with a field."""
        return self.spots.get(field, Spot(self.path))


def read_fields(path: Path, including: tuple[Path, ...] = ()) -> TaskFields:
    """Read a task's file. Raises UsageError that names file and line."""
    values, spots = _mapping(path)
    include = values.pop("include", None)
    if include is None:
        return TaskFields(path, values, spots)
    spot = spots["include"]
    if not isinstance(include, str):
        raise spot.fault("`include` must be the path of another file.")
    other = path.parent / include
    if other in including or len(including) > 8:
        raise spot.fault(f"{include} includes itself.")
    below = read_fields(other, (*including, path))
    return TaskFields(path, {**below.values, **values}, {**below.spots, **spots})


def _mapping(path: Path) -> tuple[dict[str, Any], dict[str, Spot]]:
    import yaml

    text = _text(path)
    try:
        node = yaml.compose(text, yaml.SafeLoader)
        if not isinstance(node, yaml.MappingNode):
            raise Spot(path).fault("A task is a list of fields such as `task: name`.")
        functions = list(_functions(node, path))
        if functions:
            raise functions[0]
        loader = yaml.SafeLoader(text)
        values = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        spot = Spot(path, mark.line + 1 if mark is not None else None)
        raise spot.fault(f"this is not YAML: {error.problem or error.context}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Spot(path).fault(f"this is not YAML: {str(error).splitlines()[0]}.") from error
    spots: dict[str, Spot] = {}
    for key, _ in node.value:
        name, spot = str(key.value), Spot(path, key.start_mark.line + 1)
        if name in spots:
            raise spot.fault(f"`{name}` is there twice, first on line {spots[name].line}.")
        spots[name] = spot
    return {str(key): value for key, value in values.items()}, spots


def _functions(node: Any, path: Path) -> Iterator[UsageError]:
    """What a file wants Python to run: lm-eval allows it, Freehold does not."""
    waiting, seen = [node], set()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if each.tag.startswith("!"):
            yield Spot(path, each.start_mark.line + 1).fault(
                f"{each.tag} {each.value if isinstance(each.value, str) else ''}".rstrip()
                + " would run Python code that comes with the task; Freehold runs none.",
                "Write what it does as a template, or prepare the data beforehand.",
            )
        if isinstance(each.value, list):
            for inner in each.value:
                waiting += inner if isinstance(inner, tuple) else (inner,)


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"The task {path} cannot be read: {error.strerror}.",
            "Name a .yaml file, or a task that comes with Freehold: freehold study eval --list",
        ) from error
    if len(raw) > _MOST:
        raise Spot(path).fault(f"{len(raw):,} bytes are too many for a task.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Spot(path).fault(f"byte {error.start:,} is not UTF-8.") from error
