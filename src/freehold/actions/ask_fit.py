"""Answer a question of fit: which machine, which models, what is wished, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from freehold.actions.fit import (
    USUAL_CONTEXT,
    FitRow,
    Subject,
    Wishes,
    judge,
    judge_all,
    judge_builds,
)
from freehold.actions.fit_machine import FitMachine, other_machine, this_machine
from freehold.actions.fit_subjects import (
    catalogue_subject,
    catalogue_subjects,
    owned_subject,
    remote_subject,
)
from freehold.actions.fit_tasks import TaskAnswer, answer_tasks
from freehold.actions.fit_words import Verdict
from freehold.errors import NotFound, NotOwned, UsageError
from freehold.names import ModelRef, looks_like_ref

if TYPE_CHECKING:
    from freehold.progress import Progress
    from freehold.settings import Settings
    from freehold.store.libraries import Libraries

SMALLEST_CONTEXT = 16


@dataclass(frozen=True)
class FitQuestion:
    """What was asked."""

    models: tuple[str, ...] = ()
    """Names and references; none is the whole catalogue and all that is owned."""
    device: str | None = None
    """A name or a file; None is this machine."""
    task: str | None = None
    open_only: bool = False
    min_speed: float = 0.0
    context: int = USUAL_CONTEXT
    now: bool = False
    calibrate: bool = True
    """Whether this machine may be measured, where that was not done yet."""


@dataclass(frozen=True)
class NamedFit:
    """One model that was asked for: each way of packing it, and the best of them."""

    name: str
    subject: Subject
    rows: tuple[FitRow, ...]
    best: FitRow
    fetched: int = 0
    """Bytes that came over the wire to find out."""
    size: int = 0
    """Bytes of the files that were not fetched for it."""
    unread: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class FitReport:
    """The answer."""

    machine: FitMachine
    wishes: Wishes
    rows: tuple[FitRow, ...] = ()
    """Of the catalogue and of what is owned, as far as asked for."""
    answers: tuple[TaskAnswer, ...] = ()
    named: tuple[NamedFit, ...] = ()
    is_of_one_task: bool = False

    @property
    def limit(self) -> int | None:
        """Bytes that a model may take."""
        capacity = self.machine.capacity
        return capacity.free if self.wishes.now else capacity.usable


def ask_fit(
    question: FitQuestion, libraries: Libraries, settings: Settings, progress: Progress
) -> FitReport:
    """Answer. Raises UsageError, NotFound with close names, and what reading a header raises."""
    wishes = _wishes(question)
    subjects = [] if question.models else _subjects(question, libraries, settings)
    # Names are looked up first: a mistake in them is not to cost half a minute of measuring.
    named = [_named(word, libraries, settings, progress) for word in question.models]
    if question.device is None:
        machine = this_machine(settings, progress, calibrate=question.calibrate)
    else:
        machine = other_machine(question.device)
    ways = machine.capacity, machine.predictions, wishes
    rows = judge_all(subjects, *ways)
    answers = answer_tasks([row for row in rows if row.subject.tasks])
    return FitReport(
        machine,
        wishes,
        tuple(rows),
        tuple(a for a in answers if question.task in (None, a.task)),
        tuple(_judged(each, machine, wishes) for each in named),
        question.task is not None,
    )


def is_wanted(row: FitRow, wishes: Wishes) -> bool:
    """Whether a row belongs into a table without those that are of no use here."""
    if row.verdict is Verdict.UNKNOWN or not row.fits:
        return False
    return wishes.min_speed <= 0 or (row.rate is not None and row.rate >= wishes.min_speed)


def _wishes(question: FitQuestion) -> Wishes:
    if question.context < SMALLEST_CONTEXT:
        raise UsageError(f"A context of {question.context} tokens is too small.", "Try 4096.")
    if question.now and question.device is not None:
        raise UsageError(
            "What is free at this moment on another machine is not known.", "Leave out --now."
        )
    return Wishes(question.context, question.min_speed, question.now)


def _subjects(question: FitQuestion, libraries: Libraries, settings: Settings) -> list[Subject]:
    every = list(catalogue_subjects())
    tasks = list(dict.fromkeys(task for each in every for task in each.tasks))
    if question.task is not None and question.task not in tasks:
        near = get_close_matches(question.task, tasks, 1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise UsageError(
            f"No model is listed for {question.task!r}.", f"{meant}There is {', '.join(tasks)}."
        )
    if question.device is None:
        every += _owned(libraries, settings)
    if question.task is not None:
        every = [each for each in every if question.task in each.tasks]
    if question.open_only:
        every = [each for each in every if each.licence_kind == "open source"]
    return every


def _owned(libraries: Libraries, settings: Settings) -> list[Subject]:
    store = libraries.store()
    return [
        owned_subject(store, model, settings)
        for model in store.models()
        if "kind" not in model.facts
    ]


def _judged(asked: NamedFit, machine: FitMachine, wishes: Wishes) -> NamedFit:
    from dataclasses import replace

    ways = machine.capacity, machine.predictions, wishes
    rows = judge_builds(asked.subject, *ways)
    return replace(asked, rows=tuple(rows), best=judge(asked.subject, *ways))


def _named(word: str, libraries: Libraries, settings: Settings, progress: Progress) -> NamedFit:
    """What a word means: a reference, a model that is owned, or one of the catalogue."""
    from freehold.catalogue.read import entries, find

    if looks_like_ref(word):
        return _afar(ModelRef.parse(word), settings, progress)
    entry = find(word)
    try:
        found = libraries.find(word)
    except NotOwned as error:
        if entry is None:
            known = [each.id for each in entries()]
            near = get_close_matches(word.lower(), known, 3, 0.5)
            raise NotFound(
                f"Neither you nor the catalogue has a model called {word!r}.",
                f"Did you mean {' or '.join(near)}?" if near else error.hint,
            ) from error
        return _bare(catalogue_subject(entry))
    return _bare(owned_subject(found.store, found.model, settings))


def _afar(ref: ModelRef, settings: Settings, progress: Progress) -> NamedFit:
    from freehold.actions.network import Network
    from freehold.actions.remote_header import read_remote

    with Network(settings, progress) as network:
        looked = read_remote(ref, settings, network, progress)
    size = sum(found.size for found in looked.found)
    return _bare(remote_subject(looked), looked.fetched, size, looked.unread)


def _bare(
    subject: Subject, fetched: int = 0, size: int = 0, unread: tuple[tuple[str, str], ...] = ()
) -> NamedFit:
    return NamedFit(
        subject.name, subject, (), FitRow(subject, Verdict.UNKNOWN, ""), fetched, size, unread
    )
