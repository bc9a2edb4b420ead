"""Whether a model knows a text by heart: how much of it, it would continue word for word.

The model reads the text once. Where its likeliest next token is the one that stands there, it would
have written it itself; a run of such tokens is what it continues verbatim when it is given all that
comes before. Common phrases are run into by any good model, so the same is measured on a text that
was written for Freehold and that no model has learnt: the longest run there is what luck makes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from freehold.errors import UsageError
from freehold.progress import SILENT, Progress
from freehold.study.intervals import Estimate, share
from freehold.study.likelihood import likelihood
from freehold.study.residual import last_residual

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from freehold.study.subject import Subject

WINDOW = 512
"""Tokens that are read at once."""
BEFORE = 128
"""Tokens that every window but the first has before what is scored."""
PROMPT = 16
"""Tokens at the beginning that are given and not scored."""
LONG = 16
"""Tokens from which on a run is counted as long."""
_MOST_RUNS = 5
_BASELINE = 256
"""Tokens of the other text that are read at least."""


@dataclass(frozen=True)
class Run:
    """A stretch that the model would have written itself."""

    at: int
    """Which token of the text it begins with."""
    tokens: int
    before: str
    """What stands before it."""
    text: str


@dataclass(frozen=True)
class Recall:
    """What a model knows of one text by heart."""

    name: str
    scored: int
    """Tokens."""
    exact: Estimate
    """The share of tokens that it would have written itself. Neighbours are not independent, so the
    truth is a little wider than the interval."""
    from_start: int
    """Tokens after the first `PROMPT` that it continues before its first miss."""
    longest: int
    """Tokens of the longest run."""
    long_runs: int
    """Runs of `LONG` tokens and more."""
    runs: tuple[Run, ...]
    """The longest first."""


@dataclass(frozen=True)
class Memory:
    """A text, and the one that cannot have been learnt."""

    text: Recall
    baseline: Recall


def probe_memory(
    subject: Subject, name: str, text: str, most: int = 4096, progress: Progress = SILENT
) -> Memory:
    """Measure both, at most `most` tokens of each.

    Raises UsageError for a text that is too short, UnsupportedModel where the decoder cannot run
    the model.
    """
    from freehold.study.texts import plain_text

    plain = plain_text()
    ids = [subject.tokenize(words)[:most] for words in (text, plain.words)]
    subject.rest()
    if len(ids[0]) < 2 * PROMPT:
        raise UsageError(
            f"{name} is {len(ids[0])} tokens long; {2 * PROMPT} at least are needed.",
            "Give a longer passage.",
        )
    return Memory(
        recall(subject, name, ids[0], progress),
        recall(subject, plain.name, ids[1][: max(len(ids[0]), _BASELINE)], progress),
    )


def recall(subject: Subject, name: str, ids: Sequence[int], progress: Progress = SILENT) -> Recall:
    """What the model knows by heart of one text, cut into tokens."""
    hits = _hits(subject, ids, progress)
    runs = sorted(_runs(hits), key=lambda run: (-run[1], run[0]))
    exact = share(int(hits.sum()), len(hits))
    if exact is None:
        raise UsageError(f"{name} has nothing to score.")
    misses = np.flatnonzero(~hits)
    return Recall(
        name=name,
        scored=len(hits),
        exact=exact,
        from_start=int(misses[0]) if len(misses) else len(hits),
        longest=runs[0][1] if runs else 0,
        long_runs=sum(length >= LONG for _, length in runs),
        runs=tuple(_told(subject, ids, *run) for run in runs[:_MOST_RUNS]),
    )


def _hits(subject: Subject, ids: Sequence[int], progress: Progress) -> NDArray[np.bool_]:
    """For each token from `PROMPT` on, whether it is the likeliest after all before it."""
    model, size = subject.transformer, min(WINDOW, subject.transformer.config.context)
    mark = subject.begins_with(ids)
    parts: list[NDArray[np.bool_]] = []
    with progress.task("Reading", len(ids) - PROMPT, "tokens") as task:
        done = PROMPT
        while done < len(ids):
            start = 0 if done == PROMPT else max(0, done - min(BEFORE, size // 2))
            window = list(ids[start : start + size])
            if mark is not None and start:
                window[0] = mark
            rows = last_residual(model, window)[done - start - 1 : -1]
            targets = np.array(window[done - start :], np.int64)
            parts.append(
                likelihood(model, np.ascontiguousarray(rows), targets).likeliest == targets
            )
            task.advance(len(targets))
            done += len(targets)
    return np.concatenate(parts)


def _runs(hits: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """(where it begins, how long it is) of every stretch of hits."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], hits, [False]]).astype(np.int8)))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        yield int(start), int(end - start)


def _told(subject: Subject, ids: Sequence[int], start: int, length: int) -> Run:
    at = start + PROMPT
    return Run(
        at=at,
        tokens=length,
        before=subject.text(ids[max(0, at - 12) : at]),
        text=subject.text(ids[at : at + length]),
    )
