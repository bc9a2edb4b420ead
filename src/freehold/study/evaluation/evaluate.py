"""Score a model on a task: multiple choice by the decoder, answers in words by the engine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freehold.progress import SILENT, Progress
from freehold.study.evaluation.choosing import best, by_length, choice_likelihoods, cut_example
from freehold.study.evaluation.confidence import Share, share_of
from freehold.study.evaluation.examples import Example, examples_of
from freehold.study.evaluation.journal import Journal
from freehold.study.evaluation.task import Task
from freehold.study.subject import Subject

if TYPE_CHECKING:
    from freehold.engine.interface import Model

_FORM = 1
"""Of what is kept: another number makes kept answers of the past worth nothing."""


@dataclass(frozen=True)
class Outcome:
    """What became of one example."""

    number: int
    prompt: str
    right: str
    said: str
    """The choice held most likely, or the answer in words."""
    correct: bool
    correct_by_length: bool | None
    """Whether the choice is right when long choices are not held against them; None of answers."""
    scores: tuple[float, ...]
    """Of each choice: the natural logarithm of its probability."""


@dataclass(frozen=True)
class TaskResult:
    """A model's score on a task."""

    model: str
    task: Task
    chat: bool
    """Whether each prompt was put as a question in the model's chat template."""
    shots: int
    accuracy: Share
    """Of all examples: right answers. Of multiple choice: by the whole probability."""
    by_length: Share | None
    """Of multiple choice: by the probability a letter."""
    chance: float | None
    """What guessing would get; None where the model answers in words."""
    first_prompt: str
    """The first prompt exactly as the model read it."""
    outcomes: tuple[Outcome, ...]
    remembered: int
    """How many answers were known from an earlier run."""


@dataclass(frozen=True)
class EvaluationChoices:
    """What can be chosen."""

    limit: int | None = None
    """Examples; None: all."""
    chat: bool = False
    folder: Path | None = None
    """Where answers are kept, to go on with after a break; None: nowhere."""
    fresh: bool = False
    """Ask everything again."""


def evaluate(
    subject: Subject, task: Task, choices: EvaluationChoices, progress: Progress = SILENT
) -> TaskResult:
    """Score `subject` on `task`.

    Raises UsageError for a task that does not fit its data, NotFound for a chat with a model that
    has no template, ContextExceeded, EngineError.
    """
    examples = examples_of(task, choices.limit)
    prompts = [each.prompt for each in examples]
    if choices.chat:
        prompts = list(map(subject.question, prompts))
    asked = _asked(subject, task, choices)
    with Journal(_place(asked, choices), asked) as journal:
        digests = list(map(partial(_digest, task), prompts, examples))
        waiting = [
            each
            for each in examples
            if journal.known.get(each.number, {}).get("digest") != digests[each.number]
        ]
        remembered = len(examples) - len(waiting)
        if remembered:
            progress.note(f"{task.name}: {remembered} of {len(examples)} known from earlier.")
        with progress.task(f"{task.name}: {subject.name}", len(examples), "examples") as watched:
            watched.advance(remembered)

            def keep(example: Example, outcome: dict[str, Any]) -> None:
                journal.add(example.number, {"digest": digests[example.number], **outcome})
                watched.advance(1)

            if waiting and task.kind == "multiple_choice":
                _choose(subject, task, waiting, prompts, keep, chat=choices.chat)
            elif waiting:
                _answer(subject, task, waiting, prompts, keep)
        outcomes = tuple(
            _outcome(task, each, prompts[each.number], journal.known[each.number])
            for each in examples
        )
    return _result(subject, task, choices, examples, outcomes, remembered)


def _place(asked: str, choices: EvaluationChoices) -> Path | None:
    """The file that keeps the answers to what is asked."""
    if choices.folder is None:
        return None
    path = choices.folder / f"{hashlib.sha256(asked.encode()).hexdigest()[:32]}.jsonl"
    if choices.fresh:
        path.unlink(missing_ok=True)
    return path


Keep = Callable[[Example, dict[str, Any]], None]


def _choose(
    subject: Subject,
    task: Task,
    waiting: Sequence[Example],
    prompts: Sequence[str],
    keep: Keep,
    *,
    chat: bool,
) -> None:
    # Between a chat's template and the answer there is nothing: the template ends its own way.
    between = "" if chat else task.target_delimiter
    cuts = [
        cut_example(subject, prompts[each.number], each.choices, between, chat=chat)
        for each in waiting
    ]
    subject.rest()
    for example, scores in zip(waiting, choice_likelihoods(subject, cuts), strict=True):
        keep(example, {"scores": list(scores)})


def _answer(
    subject: Subject,
    task: Task,
    waiting: Sequence[Example],
    prompts: Sequence[str],
    keep: Keep,
) -> None:
    longest = max(len(subject.tokenize(prompts[each.number], special=True)) for each in waiting)
    subject.rest()
    room = longest + task.rules.most_tokens + 8
    with subject.answering(-(-room // 256) * 256) as model:
        for example in waiting:
            keep(example, {"said": _said(model, task, prompts[example.number])})


def _said(model: Model, task: Task, prompt: str) -> str:
    from freehold.engine.interface import Delta, Sampling, TextRequest

    rules = task.rules
    sampling = Sampling(temperature=0.0, max_tokens=rules.most_tokens, stop=rules.until)
    answer = model.complete(TextRequest(prompt, sampling))
    return "".join(piece.text for piece in answer if isinstance(piece, Delta))


def _outcome(task: Task, example: Example, prompt: str, known: dict[str, Any]) -> Outcome:
    if task.kind == "generate_until":
        said = task.rules.taken(str(known["said"]))
        correct = task.rules.same(said, example.answer)
        return Outcome(example.number, prompt, example.answer, said, correct, None, ())
    scores = tuple(float(each) for each in known["scores"])
    chosen = best(scores)
    return Outcome(
        example.number,
        prompt,
        example.answer,
        example.choices[chosen],
        chosen == example.right,
        best(by_length(scores, example)) == example.right,
        scores,
    )


def _result(
    subject: Subject,
    task: Task,
    choices: EvaluationChoices,
    examples: Sequence[Example],
    outcomes: tuple[Outcome, ...],
    remembered: int,
) -> TaskResult:
    count = len(outcomes)
    chosen = task.kind == "multiple_choice"
    by_letter = sum(bool(each.correct_by_length) for each in outcomes)
    return TaskResult(
        model=subject.name,
        task=task,
        chat=choices.chat,
        shots=task.shots,
        accuracy=share_of(sum(each.correct for each in outcomes), count),
        by_length=share_of(by_letter, count) if chosen else None,
        chance=sum(1 / len(each.choices) for each in examples) / count if chosen else None,
        first_prompt=outcomes[0].prompt,
        outcomes=outcomes,
        remembered=remembered,
    )


def _asked(subject: Subject, task: Task, choices: EvaluationChoices) -> str:
    """Everything that an answer depends on, but for the example itself."""
    state = subject.path.stat()
    model = str(subject.digest) if subject.digest else [
        str(subject.path.absolute()), state.st_size, state.st_mtime_ns
    ]  # fmt: skip
    return json.dumps([_FORM, model, task.name, task.kind, choices.chat])


def _digest(task: Task, prompt: str, example: Example) -> str:
    """Of an example as it is asked: a task that is edited asks only what has changed."""
    rules = [task.target_delimiter, task.rules.until, task.rules.most_tokens]
    whole = json.dumps([prompt, example.choices, *rules])
    return hashlib.sha256(whole.encode()).hexdigest()[:16]
