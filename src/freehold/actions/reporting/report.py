"""Measure what `modify` made against what it was made from, on four kinds of things.

What was taught (held-out examples), what was not meant to change (a text, a task), what a user
sees (answers, speeds), and what it takes on the disk. What cannot be measured is named, with what
is missing; the rest is measured all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.actions.reporting.pair import Pair, find_pair
from freehold.errors import UnsupportedModel
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from pathlib import Path

    from freehold.actions.reporting.answers import Answers
    from freehold.actions.reporting.held_out import HeldOut
    from freehold.settings import Settings
    from freehold.store.libraries import Libraries
    from freehold.study.evaluation.evaluate import TaskResult
    from freehold.study.evaluation.task import Task
    from freehold.study.intervals import Estimate
    from freehold.study.kl import Kl
    from freehold.study.perplexity import WindowChoices
    from freehold.study.subject import Subject
    from freehold.study.texts import Text


@dataclass(frozen=True)
class Wanted:
    """What the owner asked for."""

    text: Text
    choices: WindowChoices
    """How the unrelated text is read."""
    tasks: tuple[Task, ...]
    data: Path | None = None
    """What it was trained on, to find the held-out examples again."""
    held_out: Path | None = None
    against: str | None = None
    """Another file than the parent that the lineage names."""
    samples: int = 3
    rounds: int = 3
    """Of measuring speeds."""


@dataclass(frozen=True)
class TaskChange:
    """One task, asked of both."""

    before: TaskResult
    after: TaskResult
    change: Estimate
    """Of the share of right answers, question by question."""


@dataclass(frozen=True)
class Report:
    """What was found. None or nothing is what could not be measured; `missing` says why."""

    pair: Pair
    held_out: HeldOut | None
    text: Text
    unrelated: Kl | None
    """*After* from *before*."""
    tasks: tuple[TaskChange, ...]
    answers: Answers
    quotes_held_out: bool
    """Whether the sample answers are to held-out examples."""
    size_before: int
    size_after: int
    """Bytes of the files that each side needs."""
    missing: tuple[str, ...]


def report(
    libraries: Libraries,
    settings: Settings,
    words: str,
    wanted: Wanted,
    progress: Progress = SILENT,
) -> Report:
    """Find both sides and measure them. Raises what `find_pair` and the measures do."""
    from freehold.actions.engines import engine_for
    from freehold.actions.open_subject import spare_memory
    from freehold.actions.reporting.answers import Asking, ask_both, chosen_samples
    from freehold.actions.reporting.held_out import asked_examples, measure_held_out
    from freehold.study.kl import kl

    pair = find_pair(libraries, words, wanted.against, progress)
    asked = asked_examples(pair.training, wanted.data, wanted.held_out)
    engine, room = engine_for(settings), spare_memory() // 2
    missing = list(pair.notes)
    held_out = unrelated = None
    tasks: tuple[TaskChange, ...] = ()
    if asked is None:
        missing.append(_without_data(pair))
    with pair.before.subject(engine, room) as before, pair.after.subject(engine, room) as after:
        try:
            if asked is not None:
                held_out = measure_held_out(before, after, asked, progress)
            text, choices = wanted.text.words, wanted.choices
            unrelated = kl(after, before, text, choices, worst=0, progress=progress)
            tasks = _tasks((before, after), wanted.tasks, progress)
        except UnsupportedModel as error:
            missing.append(f"Not measured by the decoder: {error.message}")
    samples = chosen_samples(asked.samples if asked else (), wanted.samples)
    plan = Asking(samples, wanted.rounds, settings.threads)
    answers = ask_both(pair, engine, plan, progress)
    base, made = (path.stat().st_size for path in (pair.base.path, pair.made.path))
    return Report(
        pair,
        held_out,
        wanted.text,
        unrelated,
        tasks,
        answers,
        asked is not None,
        base,
        made if pair.kind is None else base + made,
        tuple(missing),
    )


def _without_data(pair: Pair) -> str:
    if pair.training is None:
        return "No held-out examples: `--held-out FILE` tests with examples of yours."
    learned = (pair.training.data_sha256 or "")[:12]
    return (
        "Held-out examples were not measured: name the data it was trained on once more, "
        f"--data FILE (sha256 {learned}), or others, --held-out FILE."
    )


def _tasks(
    sides: Sequence[Subject], tasks: Sequence[Task], progress: Progress
) -> tuple[TaskChange, ...]:
    from freehold.study.evaluation.evaluate import EvaluationChoices, evaluate
    from freehold.study.intervals import paired

    choices = EvaluationChoices()
    results = [[evaluate(side, task, choices, progress) for task in tasks] for side in sides]
    return tuple(
        TaskChange(
            before,
            after,
            paired(
                [each.correct for each in before.outcomes],
                [each.correct for each in after.outcomes],
            ),
        )
        for before, after in zip(*results, strict=True)
    )
