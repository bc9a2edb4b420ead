"""Multiple choice: which continuation of the prompt the model holds most likely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from freehold.errors import UsageError
from freehold.study.evaluation.examples import Example
from freehold.study.likelihood import likelihood
from freehold.study.residual import last_residual
from freehold.study.subject import Subject


@dataclass(frozen=True)
class CutExample:
    """An example as tokens: what is read, and how much of it is the choice."""

    sequences: tuple[tuple[int, ...], ...]
    """For each choice: prompt and choice."""
    lengths: tuple[int, ...]
    """For each choice: how many tokens at the end are the choice's."""


def cut_example(
    subject: Subject, prompt: str, choices: Sequence[str], between: str, *, chat: bool = False
) -> CutExample:
    """Cut prompt and choices as lm-eval does: together, and then apart again.

    Blanks at the end of the prompt go to the choice, since tokens begin with them. In a chat the
    prompt is a template's, whose marks are read as tokens and whose end is no blank to move.
    """
    kept = prompt if chat else prompt.rstrip()
    between = prompt[len(kept) :] + between
    start = len(subject.tokenize(kept, special=chat))
    sequences, lengths = [], []
    for choice in choices:
        ids = tuple(subject.tokenize(kept + between + choice, special=chat))
        length = len(ids) - max(start, 1)
        if length < 1:
            raise UsageError(
                f"The choice {choice!r} adds no token to the prompt.",
                "Each choice must have a text of its own.",
            )
        sequences.append(ids)
        lengths.append(length)
    return CutExample(tuple(sequences), tuple(lengths))


def choice_likelihoods(subject: Subject, example: CutExample) -> tuple[float, ...]:
    """The natural logarithm of each choice's probability, given the prompt.

    Choices that differ in their last token alone are read once. Raises ContextExceeded,
    FormatError.
    """
    read: dict[tuple[int, ...], NDArray[np.float32]] = {}
    rows: list[NDArray[np.float32]] = []
    targets: list[int] = []
    for ids, length in zip(example.sequences, example.lengths, strict=True):
        before = ids[:-1]
        if before not in read:
            subject.check_length(before)
            read[before] = last_residual(subject.transformer, before)
        rows.append(read[before][-length:])
        targets += ids[-length:]
    found = likelihood(
        subject.transformer, np.concatenate(rows), np.array(targets, np.int64)
    ).log_probability
    ends = np.cumsum(example.lengths)
    return tuple(float(part.sum()) for part in np.split(found, ends[:-1]))


def best(scores: Sequence[float]) -> int:
    """The first of the highest."""
    return int(np.argmax(np.array(scores)))


def by_length(scores: Sequence[float], example: Example) -> tuple[float, ...]:
    """Scores for each letter of the choice: long ones are not held against it (lm-eval's
    acc_norm).
    """
    return tuple(
        score / max(1, len(choice)) for score, choice in zip(scores, example.choices, strict=True)
    )
