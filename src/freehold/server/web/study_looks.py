"""What the study page asks of a model that is open: numbers as JSON, with the words for them.

Loaded with NumPy, when the first look is taken. Every token is sent by its id, and each id's words
once; shares are rounded to four digits, which is more than can be seen.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from freehold.errors import ContextExceeded, UsageError
from freehold.server.problem import NoSuchThing
from freehold.study.heads import Habit, most_seen, score
from freehold.study.lens import Lens, read_lens, token_probabilities
from freehold.study.readout import leaders, read_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freehold.progress import Progress
    from freehold.server.studio import Bench
    from freehold.study.subject import Subject

_TOP = 5
_PATTERN_BYTES = 64_000_000
"""Of the patterns of one run, at two bytes for a share: this bounds the prompt."""


@dataclass
class Run:
    """One prompt's way through the model."""

    ids: tuple[int, ...]
    residual: NDArray[np.float32]
    patterns: NDArray[np.float16]
    """(layers, heads, positions, positions)."""
    scores: NDArray[np.float32]
    """(layers, heads, habits)."""
    lens: Lens | None = None


def look(bench: Bench, text: str, chat: bool, progress: Progress) -> dict[str, Any]:
    """Run a prompt and keep the run; its name is for the other questions.

    Raises UsageError, UnsupportedModel, FormatError, ContextExceeded for what the page has no room
    for.
    """
    subject = bench.subject
    model = subject.transformer
    ids = _cut(subject, text, chat=chat)
    run = _traced(subject, ids, progress)
    answers = leaders(model, run.residual[-1, -1:])
    following = np.asarray([*ids[1:], int(answers[0])])
    found = read_out(model, run.residual[-1], following, top=_TOP, progress=progress)
    name = secrets.token_hex(8)
    bench.keep(name, run)
    return {
        "run": name,
        "ids": list(ids),
        "words": _words(subject, [*ids, *found.tokens.ravel().tolist()]),
        "top": _pairs(found.tokens, found.probabilities),
        "share": _rounded(found.asked),
        "rank": found.ranks.tolist(),
        "layers": model.config.layers,
        "heads": model.config.heads,
        "habits": list(Habit),
        "mostly": [[_mostly(head) for head in layer] for layer in run.scores],
    }


def lens(bench: Bench, name: str, progress: Progress) -> dict[str, Any]:
    """What each layer of a run would say next, the embedding first."""
    run = _run(bench, name)
    rows, columns = range(len(run.residual)), range(len(run.ids))
    if run.lens is None:
        run.lens = read_lens(
            bench.subject.transformer, run.ids, run.residual, rows, columns, top=_TOP,
            progress=progress,
        )  # fmt: skip
    seen = run.lens
    return {
        "words": _words(bench.subject, seen.tokens.ravel().tolist()),
        "top": [_pairs(*both) for both in zip(seen.tokens, seen.probabilities, strict=True)],
        "rank": seen.answer_ranks.tolist(),
        "share": _rounded(seen.answer_probabilities),
        "first": list(seen.first),
        "settled": list(seen.settled),
    }


def follow(bench: Bench, name: str, token: int) -> dict[str, Any]:
    """How likely one token is at every layer and position. Raises UsageError."""
    run, model = _run(bench, name), bench.subject.transformer
    if token >= model.config.vocabulary:
        raise UsageError(f"There is no token {token:,}: it has {model.config.vocabulary:,}.")
    if run.lens is None:
        raise UsageError("A run is followed through its lens.", "Ask for the lens first.")
    shares = token_probabilities(model, run.residual, run.lens, token)
    return {"token": token, "share": _rounded(shares)}


def patterns(bench: Bench, name: str, layer: int) -> dict[str, Any]:
    """Where the heads of a layer look: rows are positions, each as long as it can see."""
    run = _run(bench, name)
    if layer >= len(run.patterns):
        raise UsageError(f"There is no layer {layer}: it has {len(run.patterns)}, from 0 on.")
    shown = np.rint(run.patterns[layer].astype(np.float64) * 1000).astype(int).tolist()
    heads = [[row[: at + 1] for at, row in enumerate(head)] for head in shown]
    return {"layer": layer, "per_mille": heads, "scores": _rounded(run.scores[layer])}


def _cut(subject: Subject, text: str, *, chat: bool) -> tuple[int, ...]:
    config = subject.transformer.config
    if chat:
        text = subject.question(text)
    ids = subject.tokenize(text, special=chat)
    if not ids:
        raise UsageError("There is nothing to look at.", "Write a prompt.")
    most = min(config.context, isqrt(_PATTERN_BYTES // (2 * config.layers * config.heads)))
    if len(ids) > most:
        hint = "Look at less of it here; `freehold study` in a terminal takes longer prompts."
        raise ContextExceeded.of(len(ids), most, hint)
    return tuple(ids)


def _traced(subject: Subject, ids: tuple[int, ...], progress: Progress) -> Run:
    model, count = subject.transformer, len(ids)
    layers, heads = model.config.layers, model.config.heads
    kept = np.empty((layers, heads, count, count), np.float16)
    scores: list[NDArray[np.float32]] = []

    def look_at(pattern: NDArray[np.float32], _: str) -> None:
        kept[len(scores)] = pattern
        scores.append(score(ids, pattern))

    trace = model.trace(
        ids, keep=("residual",), hooks={"layers.*.attention.pattern": look_at}, logits=False,
        progress=progress,
    )  # fmt: skip
    return Run(ids, trace.residual, kept, np.stack(scores))


def _run(bench: Bench, name: str) -> Run:
    run = bench.runs.get(name)
    if not isinstance(run, Run):
        raise NoSuchThing("This run is no longer kept: look again.")
    return run


def _mostly(scores: NDArray[np.float32]) -> list[float] | None:
    """Which habit, by its place, and its share; None for a head that is spread."""
    habit = most_seen(scores)
    if habit is None:
        return None
    place = list(Habit).index(habit)
    return [place, round(float(scores[place]), 4)]


def _words(subject: Subject, ids: Iterable[int]) -> dict[int, str]:
    return {each: subject.show(each) for each in sorted(set(ids))}


def _pairs(tokens: NDArray[Any], shares: NDArray[Any]) -> list[list[tuple[int, float]]]:
    """(rows, top) each: for each row its tokens with their shares."""
    rows = zip(tokens.tolist(), _rounded(shares), strict=True)
    return [list(zip(each, share, strict=True)) for each, share in rows]


def _rounded(shares: NDArray[Any]) -> Any:
    """As lists of numbers; what is no number as null."""
    values = np.round(shares.astype(np.float64), 4)
    return np.where(np.isnan(values), None, values).tolist()  # type: ignore[call-overload]
