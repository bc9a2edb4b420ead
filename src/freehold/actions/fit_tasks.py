"""Does a task need anyone else's computer? An answer for each task, from the models that fit.

Which of the models is the best at a task is decided by one benchmark alone, the one that most of
them report: scores of different benchmarks cannot be compared. Where none reports any, it is the
largest, in parameters, of those that are about as fast as a person reads. Whether the best one here
is good enough, no figure can say: so the best of all that are listed stands beside it, with what it
would need.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from freehold.actions.fit import FitRow, bits_of
from freehold.actions.fit_words import READ_ALONG, Verdict, rate_words, whole_bytes

_ABOUT = {
    "chat": {"IFEval", "MMLU-Pro", "MMLU", "MMMLU", "GPQA Diamond"},
    "code": {"HumanEval", "HumanEval+", "LiveCodeBench v6", "LiveCodeBench", "SWE-bench Verified"},
    "reasoning": {"GPQA Diamond", "AIME 2026", "AIME 2025", "MATH"},
    "vision": {"MMMU-Pro"},
    "embedding": {"MTEB"},
    "rerank": {"MTEB-R"},
}
"""Benchmarks that ask for what a task needs."""
_NOTHING_ELSE = frozenset({"vision", "speech", "embedding", "rerank"})
"""Tasks of which a benchmark in words says nothing."""


class Place(StrEnum):
    """Where a task can be done."""

    HERE = "here"
    PARTLY = "partly here"
    """Slowly, or only when memory is freed."""
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class TaskAnswer:
    """The answer for one task: `model` does it on this machine, or would come nearest to it."""

    task: str
    place: Place
    words: str
    model: FitRow | None
    benchmark: str | None = None
    """By which `model` was chosen; None where no figure was at hand."""
    score: float | None = None
    best: FitRow | None = None
    """The best listed by the same benchmark, where that is another one."""
    best_score: float | None = None


def answer_tasks(rows: Sequence[FitRow]) -> list[TaskAnswer]:
    """One answer for each task that any of the models is for, in the order of first mention."""
    tasks = dict.fromkeys(task for row in rows for task in row.subject.tasks)
    return [answer_task(task, [row for row in rows if task in row.subject.tasks]) for task in tasks]


def shortlist(rows: Sequence[FitRow], each: int = 4) -> list[FitRow]:
    """The few that matter: for each task the best that fit, `each` of them, and what is owned."""
    wanted = {row.subject.name for row in rows if row.subject.owned}
    for task in dict.fromkeys(task for row in rows for task in row.subject.tasks):
        able = [row for row in rows if task in row.subject.tasks and row.fits]
        benchmark = benchmark_of(able, task)

        def rank(row: FitRow, benchmark: str | None = benchmark) -> tuple[bool, bool, float, int]:
            useful = row.verdict is Verdict.FITS
            return useful, not _is_crushed(row), _score(row, benchmark) or 0, _size(row)

        wanted |= {row.subject.name for row in sorted(able, key=rank, reverse=True)[:each]}
    return [row for row in rows if row.subject.name in wanted]


def answer_task(task: str, rows: Sequence[FitRow]) -> TaskAnswer:
    """`rows` are the models for that task, at least one."""
    for verdicts, place in (
        ({Verdict.FITS}, Place.HERE),
        ({Verdict.SLOW, Verdict.NOT_NOW}, Place.PARTLY),
    ):
        able = [row for row in rows if row.verdict in verdicts]
        able = [row for row in able if not _is_crushed(row)] or able
        if able:
            return _answer(task, place, able, rows)
    large = [row for row in rows if row.verdict is Verdict.TOO_LARGE and row.need is not None]
    if not large:
        return TaskAnswer(task, Place.UNKNOWN, "unknown: no model for it could be judged", None)
    least = min(large, key=_needed)
    words = f"yes: the smallest listed, {least.subject.name}, needs {whole_bytes(_needed(least))}"
    return TaskAnswer(task, Place.ELSEWHERE, words, least)


def _answer(task: str, place: Place, able: Sequence[FitRow], rows: Sequence[FitRow]) -> TaskAnswer:
    benchmark = benchmark_of(able, task)
    scores = {row.subject.name: _score(row, benchmark) for row in rows}
    rated = [row for row in able if scores[row.subject.name] is not None]
    quick = [row for row in able if (row.rate or 0) >= READ_ALONG]
    chosen = max(
        rated or quick or able, key=lambda row: (scores[row.subject.name] or 0, _size(row))
    )
    listed = [row for row in rows if scores[row.subject.name] is not None]
    best = max(listed, key=lambda row: scores[row.subject.name] or 0, default=chosen)
    other = None if best is chosen else best
    words = _words(place, chosen, benchmark, scores[chosen.subject.name])
    if other is not None:
        words += f"; the best listed, {other.subject.name}, scores {scores[other.subject.name]:g}"
        same = _setting(other, benchmark) == _setting(chosen, benchmark)
        words += "" if same else " (measured in another way)"
        words += f" and {_of_another(other)}" if other.need is not None else ""
    return TaskAnswer(
        task,
        place,
        words,
        chosen,
        benchmark if scores[chosen.subject.name] is not None else None,
        scores[chosen.subject.name],
        other,
        scores[other.subject.name] if other is not None else None,
    )


def _words(place: Place, row: FitRow, benchmark: str | None, score: float | None) -> str:
    said = {Place.HERE: "no", Place.PARTLY: "partly"}[place]
    how = f"{said}: {row.subject.name} does it here"
    if place is Place.PARTLY:
        how = f"{said}: {row.subject.name} {row.words}"
    elif row.speed is not None:
        rate = row.speed.decode if row.subject.writes else row.speed.prefill
        how += f" at {rate_words(rate)}"
    return how if score is None else f"{how}; {benchmark} {score:g}"


def benchmark_of(able: Sequence[FitRow], task: str | None = None) -> str | None:
    """The benchmark that most of these models report; None where none reports any.

    For a task one that is about it, if two of them or more report the same one; and for what is
    not done in words alone, no other.
    """
    told = Counter(
        name for row in able for name in {each.benchmark for each in row.subject.quality}
    )
    about = Counter({name: told[name] for name in told if name in _ABOUT.get(task or "", ())})
    if max(about.values(), default=0) > 1 or task in _NOTHING_ELSE:
        told = about
    return max(told, key=lambda name: (told[name], name), default=None)


def _score(row: FitRow, benchmark: str | None) -> float | None:
    found = (each.score for each in row.subject.quality if each.benchmark == benchmark)
    return next(found, None)


def _of_another(row: FitRow) -> str:
    """What stands between this machine and a better model."""
    return row.words if row.fits else f"needs {whole_bytes(_needed(row))}"


def _setting(row: FitRow, benchmark: str | None) -> str | None:
    found = (each.setting for each in row.subject.quality if each.benchmark == benchmark)
    return next(found, None)


def _is_crushed(row: FitRow) -> bool:
    """Whether it is packed so tightly that its answers suffer."""
    return row.build is not None and bits_of(row.build.quantization) < 4


def _needed(row: FitRow) -> int:
    return row.need.least if row.need is not None else 0


def _size(row: FitRow) -> int:
    return row.build.shape.parameters if row.build is not None else 0
