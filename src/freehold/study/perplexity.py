"""Perplexity: between how many equally likely tokens a model had to choose, reading a text.

exp of the mean of -log p(token | those before it), as llama.cpp's tool counts it (see `windows`).
It depends on how the text is cut, so it says nothing between models with different tokenizers; bits
per byte do: the same sum, divided by the bytes of the text instead of its tokens.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from freehold.errors import UsageError
from freehold.progress import SILENT, Progress
from freehold.study.likelihood import likelihood
from freehold.study.residual import last_residual
from freehold.study.subject import Subject
from freehold.study.windows import USUAL_SIZE, Reading, read_in_windows


@dataclass(frozen=True)
class WindowChoices:
    """How to read a text."""

    size: int | None = None
    """Tokens of a window; None: 512, or as many as the model's context holds."""
    stride: int | None = None
    most: int | None = None
    """Windows to read; None: all."""


@dataclass(frozen=True)
class Measure:
    """A mean, and how far it may be off."""

    value: float
    error: float
    """One standard error, each token taken for independent of the others, as llama.cpp's tool does.
    Neighbours are not quite, so the truth is a little wider."""


@dataclass(frozen=True)
class Perplexity:
    """What one model made of a text."""

    model: str
    perplexity: Measure
    bits_per_byte: Measure
    scored: int
    """Tokens."""
    bytes: int
    """That the scored tokens stand for."""
    windows: tuple[float, ...]
    """Perplexity of each window by itself."""
    reading: Reading


def tokens_to_read(subject: Subject, text: str) -> tuple[tuple[int, ...], int | None]:
    """A text's ids, and the mark that this model wants before a text, if any.

    Raises UsageError for a text without tokens.
    """
    ids = tuple(subject.tokenize(text))
    if not text or not ids:
        raise UsageError("The text is empty.", "Give some to measure.")
    return ids, subject.begins_with(ids)


def plan_reading(subject: Subject, text: str, choices: WindowChoices) -> Reading:
    """The windows of a text for this model. Raises UsageError, ContextExceeded."""
    ids, mark = tokens_to_read(subject, text)
    size = choices.size or min(USUAL_SIZE, subject.transformer.config.context)
    reading = read_in_windows(ids, mark, size=size, stride=choices.stride, most=choices.most)
    subject.check_length(reading.windows[0].ids)
    return reading


def perplexity(
    subject: Subject, text: str, choices: WindowChoices, progress: Progress = SILENT
) -> Perplexity:
    """Read `text` and measure. Raises UsageError, ContextExceeded, FormatError."""
    reading = plan_reading(subject, text, choices)
    subject.rest()
    losses: list[NDArray[np.float64]] = []
    with progress.task(f"Reading with {subject.name}", reading.scored, "tokens") as task:
        for window in reading.windows:
            rows = last_residual(subject.transformer, window.ids)[window.first : -1]
            targets = np.array(window.targets, np.int64)
            losses.append(-likelihood(subject.transformer, rows, targets).log_probability)
            task.advance(len(targets))
    return summary(subject, reading, losses)


def summary(subject: Subject, reading: Reading, losses: list[NDArray[np.float64]]) -> Perplexity:
    """The measures of a text, from -log p of every scored token, window by window."""
    every = np.concatenate(losses)
    size = sum(map(len, _pieces(subject, reading)))
    mean, error = float(every.mean()), standard_error(every)
    bits = len(every) / max(1, size) / math.log(2)
    return Perplexity(
        subject.name,
        Measure(math.exp(mean), math.exp(mean) * error),
        Measure(mean * bits, error * bits),
        len(every),
        size,
        tuple(float(np.exp(each.mean())) for each in losses),
        reading,
    )


def standard_error(values: NDArray[np.float64]) -> float:
    """Of the mean of independent values."""
    return float(values.std() / math.sqrt(max(1, len(values) - 1)))


def _pieces(subject: Subject, reading: Reading) -> Iterator[bytes]:
    for window in reading.windows:
        yield from map(subject.piece, window.targets)
