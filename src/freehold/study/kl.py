"""How far one model's expectations lie from another's: the KL divergence at every token.

Perplexity asks how likely a text was; KL asks how the whole distribution over next tokens changed,
so it sees what a text that happened to go the right way hides. Both files must have the same
vocabulary. The windows are those of the perplexity (see `windows`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from freehold.errors import UsageError
from freehold.progress import SILENT, Progress
from freehold.study.likelihood import Divergence, divergence
from freehold.study.perplexity import (
    Measure,
    Perplexity,
    WindowChoices,
    plan_reading,
    standard_error,
    summary,
)
from freehold.study.residual import last_residual
from freehold.study.subject import Subject
from freehold.study.windows import Reading, Window

QUANTILES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
_BEFORE = 12
"""Tokens to show before a place."""


@dataclass(frozen=True)
class Place:
    """One token where the two lie far apart."""

    at: int
    """Which token of the text it is."""
    before: str
    """The text that both had read last."""
    token: str
    """What stood there, as a person can see it."""
    kl: float
    """In nats."""
    reference_probability: float
    probability: float
    reference_likeliest: str
    likeliest: str
    """What each of them would have said."""


@dataclass(frozen=True)
class Kl:
    """What separates `model` from `reference` on one text."""

    model: Perplexity
    reference: Perplexity
    mean: Measure
    """Nats a token."""
    median: float
    quantiles: tuple[tuple[float, float], ...]
    """(share of the tokens, KL that they stay below), rising."""
    curve: tuple[float, ...]
    """The same at every percent, from 0 to 100."""
    same_top: Measure
    """Share of places where both think the same token most likely."""
    probability_change: Measure
    """Mean of the true token's probability in `model`, less that in `reference`."""
    probability_spread: float
    """Root of the mean square of that change."""
    ratio: Measure
    """Perplexity of `model` over that of `reference`. The error counts that both read one text."""
    places: tuple[Place, ...]
    """Where they differ most, the worst first."""


def check_same_vocabulary(reference: Subject, subject: Subject) -> None:
    """Raise UsageError where an id would not mean the same in both."""
    one, other = reference.vocabulary, subject.vocabulary
    rows = [each.transformer.config.vocabulary for each in (reference, subject)]
    if not one.same_as(other) or rows[0] != rows[1]:
        raise UsageError(
            f"{subject.name} and {reference.name} have different vocabularies ({len(other):,} and "
            f"{len(one):,} tokens): token for token they cannot be compared.",
            "Compare files of one model, or see bits a byte: freehold study perplexity.",
        )


@dataclass(frozen=True, eq=False)
class ReferenceReading:
    """A text as the reference read it, to hold several others against."""

    subject: Subject
    reading: Reading
    rows: tuple[NDArray[np.float32], ...]
    """For each window, what its last layer left at the scored positions."""


def kl(
    subject: Subject,
    reference: Subject,
    text: str,
    choices: WindowChoices,
    *,
    worst: int = 8,
    progress: Progress = SILENT,
) -> Kl:
    """Read `text` with both. Raises UsageError, ContextExceeded, FormatError."""
    check_same_vocabulary(reference, subject)
    return hold_against(
        read_reference(reference, text, choices, progress), subject, worst, progress
    )


def read_reference(
    reference: Subject, text: str, choices: WindowChoices, progress: Progress = SILENT
) -> ReferenceReading:
    """Read `text` with the file that others are held against."""
    reading = plan_reading(reference, text, choices)
    reference.rest()
    rows = []
    with progress.task(f"Reading with {reference.name}", reading.scored, "tokens") as task:
        for window in reading.windows:
            rows.append(_scored_rows(reference, window))
            task.advance(len(window.targets))
    return ReferenceReading(reference, reading, tuple(rows))


def hold_against(
    read: ReferenceReading, subject: Subject, worst: int = 8, progress: Progress = SILENT
) -> Kl:
    """Read the same text with `subject`, and measure how far it is from the reference."""
    reference, reading = read.subject, read.reading
    check_same_vocabulary(reference, subject)
    subject.check_length(reading.windows[0].ids)
    parts: list[Divergence] = []
    with progress.task(f"Reading with {subject.name}", reading.scored, "tokens") as task:
        for window, its_rows in zip(reading.windows, read.rows, strict=True):
            rows = _scored_rows(subject, window)
            targets = np.array(window.targets, np.int64)
            parts.append(
                divergence(reference.transformer, its_rows, subject.transformer, rows, targets)
            )
            task.advance(len(targets))
    return _summary(subject, reference, reading, parts, worst)


def _scored_rows(subject: Subject, window: Window) -> NDArray[np.float32]:
    return last_residual(subject.transformer, window.ids)[window.first : -1].copy()


def _summary(
    subject: Subject, reference: Subject, reading: Reading, parts: list[Divergence], worst: int
) -> Kl:
    apart = np.concatenate([part.kl for part in parts])
    truth = np.concatenate([part.reference.log_probability for part in parts])
    ours = np.concatenate([part.model.log_probability for part in parts])
    tops = [part.model.likeliest == part.reference.likeliest for part in parts]
    same = np.concatenate(tops).astype(np.float64)
    change = np.exp(ours) - np.exp(truth)
    ratio = math.exp(float((truth - ours).mean()))
    return Kl(
        model=summary(subject, reading, [-part.model.log_probability for part in parts]),
        reference=summary(reference, reading, [-part.reference.log_probability for part in parts]),
        mean=_mean(apart),
        median=float(np.median(apart)),
        quantiles=tuple((share, float(np.quantile(apart, share))) for share in QUANTILES),
        curve=tuple(np.quantile(apart, np.linspace(0, 1, 101)).tolist()),
        same_top=_mean(same),
        probability_change=_mean(change),
        probability_spread=float(np.sqrt(np.square(change).mean())),
        ratio=Measure(ratio, ratio * standard_error(truth - ours)),
        places=_places(subject, reading, parts, worst),
    )


def _mean(values: NDArray[np.float64]) -> Measure:
    return Measure(float(values.mean()), standard_error(values))


def _places(
    subject: Subject, reading: Reading, parts: list[Divergence], worst: int
) -> tuple[Place, ...]:
    """The `worst` tokens of all windows."""
    owners = [(window, row) for window, part in enumerate(parts) for row in range(len(part.kl))]
    apart = np.concatenate([part.kl for part in parts])
    chosen = np.argsort(-apart, kind="stable")[:worst]
    return tuple(_place(subject, reading, parts, *owners[int(index)]) for index in chosen)


def _place(
    subject: Subject, reading: Reading, parts: list[Divergence], number: int, row: int
) -> Place:
    window, part = reading.windows[number], parts[number]
    position = window.first + 1 + row
    return Place(
        at=window.start + position,
        before=subject.text(window.ids[max(0, position - _BEFORE) : position]),
        token=subject.show(window.ids[position]),
        kl=float(part.kl[row]),
        reference_probability=math.exp(float(part.reference.log_probability[row])),
        probability=math.exp(float(part.model.log_probability[row])),
        reference_likeliest=subject.show(int(part.reference.likeliest[row])),
        likeliest=subject.show(int(part.model.likeliest[row])),
    )
