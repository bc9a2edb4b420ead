"""Multiple choice: which continuation of the prompt the model holds most likely."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from freehold.errors import UsageError
from freehold.study.evaluation.examples import Example
from freehold.study.likelihood import likelihood
from freehold.study.packed import POSITIONS, read_apart
from freehold.study.residual import last_residual
from freehold.study.subject import Subject


@dataclass(frozen=True)
class CutExample:
    """An example as tokens: what is read, and how much of it is the choice."""

    sequences: tuple[tuple[int, ...], ...]
    """For each choice: prompt and choice."""
    lengths: tuple[int, ...]
    """For each choice: how many tokens at the end are the choice's."""

    @property
    def read(self) -> tuple[tuple[int, ...], ...]:
        """What the model has to read. Choices that differ in their last token alone share it."""
        return tuple(dict.fromkeys(ids[:-1] for ids in self.sequences))


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


def choice_likelihoods(
    subject: Subject, examples: Sequence[CutExample]
) -> Iterator[tuple[float, ...]]:
    """Of each example the natural logarithm of each choice's probability, given the prompt.

    Short examples are read together, in one trace (`packed`). Raises ContextExceeded, FormatError.
    """
    together: list[CutExample] = []
    length = 0
    for example in examples:
        own = sum(map(len, example.read))
        if together and length + own > min(POSITIONS, subject.transformer.config.context):
            yield from _scores(subject, together)
            together, length = [], 0
        together.append(example)
        length += own
    if together:
        yield from _scores(subject, together)


def _scores(subject: Subject, examples: Sequence[CutExample]) -> Iterator[tuple[float, ...]]:
    read = _read(subject, list(dict.fromkeys(each for one in examples for each in one.read)))
    rows: list[NDArray[np.float32]] = []
    targets: list[int] = []
    for example in examples:
        for ids, length in zip(example.sequences, example.lengths, strict=True):
            rows.append(read[ids[:-1]][-length:])
            targets += ids[-length:]
    found = likelihood(
        subject.transformer, np.concatenate(rows), np.array(targets, np.int64)
    ).log_probability
    ends = np.cumsum([length for example in examples for length in example.lengths])
    sums = iter([float(part.sum()) for part in np.split(found, ends[:-1])])
    for example in examples:
        yield tuple(islice(sums, len(example.lengths)))


def _read(
    subject: Subject, texts: Sequence[tuple[int, ...]]
) -> dict[tuple[int, ...], NDArray[np.float32]]:
    """The last layer's rows of each text; one by one where together they are too long."""
    for text in texts:
        subject.check_length(text)
    model = subject.transformer
    if sum(map(len, texts)) <= min(POSITIONS, model.config.context):
        return dict(zip(texts, read_apart(model, texts), strict=True))
    return {text: last_residual(model, text) for text in texts}


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
