"""A task's examples as the model gets them: the prompt, and what may follow it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from freehold.study.evaluation.operations import text
from freehold.study.evaluation.prompt_template import PromptTemplate
from freehold.study.evaluation.task import Task
from freehold.study.evaluation.task_data import Row
from freehold.study.evaluation.values import Refused


@dataclass(frozen=True)
class Example:
    """One question."""

    number: int
    """From 0, in the order of the data."""
    prompt: str
    choices: tuple[str, ...]
    """What may follow, without what stands between; empty where the model answers in its words."""
    right: int
    """Which choice is; -1 where there are none."""
    answer: str
    """The right answer."""


def examples_of(task: Task, limit: int | None = None) -> tuple[Example, ...]:
    """The first `limit` examples, or all. Raises UsageError that names file and line."""
    rows = task.rows[:limit]
    return tuple(_example(task, number, row) for number, row in enumerate(rows))


def _example(task: Task, number: int, row: Row) -> Example:
    filled = _Filled(task, row)
    shots = "".join(_shots(task, row))
    prompt = text(filled.value("description", task.description)) + shots + filled.question()
    return Example(number, prompt, filled.choices, filled.right, filled.answer)


def _shots(task: Task, row: Row) -> Iterator[str]:
    """Worked examples: the first ones of their data that are not the question itself."""
    others = [each for each in task.shot_rows if each.fields != row.fields][: task.shots]
    if len(others) < task.shots:
        raise task.fields.spot("num_fewshot").fault(
            f"there are {len(others)} worked examples, and {task.shots} are wanted."
        )
    for other in others:
        filled = _Filled(task, other)
        yield filled.question() + task.target_delimiter + filled.answer + task.fewshot_delimiter


class _Filled:
    """A task's templates, filled from one row."""

    def __init__(self, task: Task, row: Row) -> None:
        self._task = task
        self._row = row
        self.choices = self._choices()
        target = self.value("doc_to_target", task.target)
        self.right, self.answer = self._right(target)

    def question(self) -> str:
        return text(self.value("doc_to_text", self._task.text))

    def value(self, name: str, template: PromptTemplate) -> Any:
        """What a template comes to; one that is the name of a field is that field."""
        fields: Mapping[str, Any] = self._row.fields
        if template.source in fields:
            return fields[template.source]
        try:
            return template.value(fields)
        except Refused as error:
            raise self._row.spot.fault(f"{name} cannot be filled: {error}.") from error

    def _choices(self) -> tuple[str, ...]:
        wanted = self._task.choices
        if wanted is None:
            return ()
        if isinstance(wanted, tuple):
            found: Any = [self.value("doc_to_choice", each) for each in wanted]
        else:
            found = _listed(self.value("doc_to_choice", wanted))
        if not isinstance(found, list) or len(found) < 2:
            raise self._row.spot.fault(f"doc_to_choice gives no list of choices: {found!r:.60}.")
        return tuple(map(text, found))

    def _right(self, target: Any) -> tuple[int, str]:
        if self._task.choices is None:
            return -1, text(target)
        if isinstance(target, str) and target not in self.choices and _is_number(target):
            target = int(target)
        if isinstance(target, int) and not isinstance(target, bool):
            if not 0 <= target < len(self.choices):
                raise self._row.spot.fault(
                    f"the right choice is number {target}, and there are {len(self.choices)}, "
                    "counted from 0."
                )
            return target, self.choices[target]
        if text(target) not in self.choices:
            raise self._row.spot.fault(
                f"the right answer {text(target)!r:.60} is none of the choices "
                f"{list(self.choices)!r:.120}."
            )
        return self.choices.index(text(target)), text(target)


def _is_number(words: str) -> bool:
    return words.strip().isdecimal()


def _listed(value: Any) -> Any:
    """A list that was written out as text, as some templates do, read again."""
    if isinstance(value, str) and value.strip().startswith("["):
        try:
            return ast.literal_eval(value.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return value
    return value
