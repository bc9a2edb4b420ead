"""A task as Freehold scores it, read from lm-eval's YAML form.

What a field would change and Freehold cannot do is refused, never passed over: a figure that was
taken in another way than the task says would be no figure of that task.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from freehold.study.evaluation.answers import AnswerRules, read_rules
from freehold.study.evaluation.fault import Spot
from freehold.study.evaluation.prompt_template import PromptTemplate
from freehold.study.evaluation.task_data import SUFFIXES, Row, read_rows
from freehold.study.evaluation.task_yaml import TaskFields, read_fields
from freehold.study.evaluation.values import Refused

Kind = Literal["multiple_choice", "generate_until"]
_KINDS = ("multiple_choice", "generate_until")
_SILENT = frozenset(
    {
        "metadata", "tag", "group", "group_alias", "task_alias", "dataset_name",
        "should_decontaminate", "doc_to_decontamination_query", "unsafe_code",
    }
)  # fmt: skip
"""Fields that change nothing about a score."""
_KNOWN = _SILENT | {
    "task", "dataset_path", "dataset_kwargs", "test_split", "validation_split", "training_split",
    "fewshot_split", "output_type", "doc_to_text", "doc_to_target", "doc_to_choice",
    "description", "target_delimiter", "fewshot_delimiter", "num_fewshot", "metric_list",
    "generation_kwargs", "filter_list", "repeats", "fewshot_config",
}  # fmt: skip
_SPLITS = ("test_split", "validation_split", "training_split")
_METRICS: Mapping[str, frozenset[str]] = {
    "multiple_choice": frozenset({"acc", "acc_norm"}),
    "generate_until": frozenset({"exact_match"}),
}


@dataclass(frozen=True)
class Task:
    """One task."""

    name: str
    path: Path
    kind: Kind
    text: PromptTemplate
    target: PromptTemplate
    choices: PromptTemplate | tuple[PromptTemplate, ...] | None
    description: PromptTemplate
    target_delimiter: str
    fewshot_delimiter: str
    shots: int
    """Worked examples before each question."""
    shot_rows: tuple[Row, ...]
    """Where they come from: the first of them that are not the question."""
    rows: tuple[Row, ...]
    rules: AnswerRules
    """How an answer is taken and compared; only for `generate_until`."""
    fields: TaskFields


def read_task(path: Path, shots: int | None = None) -> Task:
    """Read a task and its data; `shots` worked examples in place of the task's own number.

    Raises UsageError that names file and line.
    """
    fields = read_fields(path)
    _check_fields(fields)
    kind = _kind(fields)
    _check_metrics(fields, kind)
    files = _data_files(fields)
    split = _split(fields, files)
    rows = tuple(read_rows(*files[split]))
    shots = _count(fields, "num_fewshot") if shots is None else shots
    return Task(
        name=_text(fields, "task", path.stem),
        path=path,
        kind=kind,
        text=_template(fields, "doc_to_text"),
        target=_template(fields, "doc_to_target"),
        choices=_choices(fields) if kind == "multiple_choice" else None,
        description=_as_template(_text(fields, "description", ""), fields.spot("description")),
        target_delimiter=_text(fields, "target_delimiter", " "),
        fewshot_delimiter=_text(fields, "fewshot_delimiter", "\n\n"),
        shots=shots,
        shot_rows=_shot_rows(fields, files, rows) if shots else (),
        rows=rows,
        rules=read_rules(fields) if kind == "generate_until" else AnswerRules(),
        fields=fields,
    )


def _check_fields(fields: TaskFields) -> None:
    for name in fields.values:
        if name not in _KNOWN:
            raise fields.spot(name).fault(
                f"Freehold does not know the field `{name}`, and would score without it.",
                f"It knows {', '.join(sorted(_KNOWN - _SILENT))}.",
            )
    if _count(fields, "repeats", 1) != 1:
        raise fields.spot("repeats").fault("Freehold asks each question once.")


def _kind(fields: TaskFields) -> Kind:
    kind = _text(fields, "output_type", "generate_until")
    if kind == "multiple_choice":
        return "multiple_choice"
    if kind == "generate_until":
        return "generate_until"
    raise fields.spot("output_type").fault(
        f"Freehold does not score {kind!r} tasks.", f"It scores {' and '.join(_KINDS)}."
    )


def _check_metrics(fields: TaskFields, kind: Kind) -> None:
    spot = fields.spot("metric_list")
    for each in _list(fields, "metric_list"):
        name = each.get("metric") if isinstance(each, dict) else each
        if name not in _METRICS[kind]:
            known = " and ".join(sorted(_METRICS[kind]))
            raise spot.fault(
                f"Freehold does not measure {name!r} of {kind} tasks; {known} it does."
            )
        if isinstance(each, dict) and each.get("aggregation", "mean") != "mean":
            raise spot.fault(f"{name} is averaged here, not {each['aggregation']!r}.")


def _data_files(fields: TaskFields) -> dict[str, tuple[Path, Spot]]:
    """Each split's file, and where the task names it."""
    place = _text(fields, "dataset_path", None)
    spot = fields.spot("dataset_path")
    folder = spot.path.parent
    if Path(place).suffix.lower() in SUFFIXES:
        return {"": (folder / place, spot)}
    if place not in {"json", "csv"}:
        raise spot.fault(
            f"the data {place!r} is not beside the task, and nothing is fetched to score.",
            "Save it as .jsonl or .csv and name it: dataset_path: questions.jsonl",
        )
    named = fields.values.get("dataset_kwargs")
    files = named.get("data_files") if isinstance(named, dict) else None
    spot = fields.spot("dataset_kwargs")
    folder = spot.path.parent
    if isinstance(files, str):
        files = {"": files}
    if not isinstance(files, dict) or not all(isinstance(each, str) for each in files.values()):
        raise spot.fault("`dataset_kwargs` must name the file: data_files: {test: questions.jsonl}")
    return {str(name): (folder / each, spot) for name, each in files.items()}


def _split(fields: TaskFields, files: Mapping[str, tuple[Path, Spot]]) -> str:
    """Which data is scored: that of the first split that the task has."""
    if "" in files:
        return ""
    for name in _SPLITS:
        if name in fields.values:
            return _known_split(fields, name, files)
    if len(files) == 1:
        return next(iter(files))
    raise Spot(fields.path).fault(
        f"it names {', '.join(files)} and no `test_split` to choose one of them."
    )


def _known_split(fields: TaskFields, name: str, files: Mapping[str, tuple[Path, Spot]]) -> str:
    split = _text(fields, name, "")
    if "" in files:
        return ""
    if split not in files:
        known = ", ".join(files)
        raise fields.spot(name).fault(f"there is no data for {split!r}, only for {known}.")
    return split


def _shot_rows(
    fields: TaskFields, files: Mapping[str, tuple[Path, Spot]], rows: tuple[Row, ...]
) -> tuple[Row, ...]:
    config, spot = fields.values.get("fewshot_config") or {}, fields.spot("fewshot_config")
    if not isinstance(config, dict):
        raise spot.fault("`fewshot_config` has fields: sampler, samples.")
    for name in config:
        if name not in {"sampler", "samples"}:
            raise spot.fault(f"Freehold does not know `{name}` of a fewshot_config.")
    if (samples := config.get("samples")) is not None:
        if not isinstance(samples, list) or not all(isinstance(each, dict) for each in samples):
            raise spot.fault("`samples` must be a list of examples.")
        return tuple(Row(each, spot) for each in samples)
    for name in ("fewshot_split", "training_split", "validation_split"):
        if name in fields.values:
            return tuple(read_rows(*files[_known_split(fields, name, files)]))
    return rows


def _choices(fields: TaskFields) -> PromptTemplate | tuple[PromptTemplate, ...]:
    value, spot = _required(fields, "doc_to_choice"), fields.spot("doc_to_choice")
    if isinstance(value, list):
        return tuple(_as_template(str(each), spot) for each in value)
    return _template(fields, "doc_to_choice")


def _template(fields: TaskFields, name: str) -> PromptTemplate:
    value = _required(fields, name)
    if not isinstance(value, str | int):
        raise fields.spot(name).fault(f"`{name}` must be a text.")
    return _as_template(str(value), fields.spot(name))


def _as_template(source: str, spot: Spot) -> PromptTemplate:
    try:
        return PromptTemplate(source)
    except Refused as error:
        raise spot.fault(f"the template {source[:60]!r} cannot be read: {error}.") from error


def _required(fields: TaskFields, name: str) -> Any:
    value = fields.values.get(name)
    if value is None or value == "":
        raise Spot(fields.path).fault(f"the field `{name}` is missing.")
    return value


def _text(fields: TaskFields, name: str, default: str | None) -> str:
    value = fields.values.get(name, default)
    if value is None:
        value = _required(fields, name)
    if not isinstance(value, str):
        raise fields.spot(name).fault(f"`{name}` must be a text, not {value!r}.")
    return value


def _count(fields: TaskFields, name: str, default: int = 0) -> int:
    value = fields.values.get(name)
    value = default if value is None else value
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise fields.spot(name).fault(f"`{name}` must be a whole number, not {value!r}.")
    return value


def _list(fields: TaskFields, name: str) -> list[Any]:
    value = fields.values.get(name) or []
    if not isinstance(value, list):
        raise fields.spot(name).fault(f"`{name}` must be a list.")
    return value
