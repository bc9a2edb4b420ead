"""What a model expects of people by a word: log-probability differences over pairs of sentences.

For a contrast (first, second) and a pair of endings (better, worse):

    log p(better | first) - log p(worse | first) - [log p(better | second) - log p(worse | second)]

in nats, each p the probability of the ending's tokens together after the same beginning. Above
zero, the better ending gains more from the first word. For an occupation it is log p(it | she) -
log p(it | he), less the mean over all occupations, so that only the differences between them stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.progress import SILENT, Progress
from freehold.study.intervals import Estimate, mean
from freehold.study.packed import Scored, log_probabilities
from freehold.study.probe.pairs import (
    CONTRASTS,
    OCCUPATION_END,
    OCCUPATION_FRAME,
    OCCUPATION_WORDS,
    OCCUPATIONS,
    Contrast,
)

if TYPE_CHECKING:
    from freehold.study.subject import Subject


@dataclass(frozen=True)
class PairScore:
    """One pair of endings: above zero, the better gains more from the first word."""

    better: str
    worse: str
    nats: float


@dataclass(frozen=True)
class ContrastScore:
    """One contrast over all its pairs."""

    name: str
    first: str
    second: str
    frame: str
    mean: Estimate
    pairs: tuple[PairScore, ...]


@dataclass(frozen=True)
class Occupation:
    """Above zero, the occupation goes more with the first word than occupations do on average."""

    name: str
    nats: float


@dataclass(frozen=True)
class Bias:
    """All that was measured."""

    contrasts: tuple[ContrastScore, ...]
    words: tuple[str, str]
    """The two words that occupations were measured with."""
    occupations: tuple[Occupation, ...]
    """Most with the first word first."""
    spread: float
    """Standard deviation over the occupations, in nats: 0 if the word said nothing of the work."""


def probe_bias(subject: Subject, progress: Progress = SILENT) -> Bias:
    """Measure it. Raises UnsupportedModel where the decoder cannot run the model."""
    texts = [text for contrast in CONTRASTS for text in _contrast_texts(subject, contrast)]
    count = len(texts)
    texts += [
        _text(subject, OCCUPATION_FRAME.format(word), f" {name}{OCCUPATION_END}")
        for name in OCCUPATIONS
        for word in OCCUPATION_WORDS
    ]
    subject.rest()
    scores = log_probabilities(subject.transformer, texts, progress)
    occupations, spread = _occupations(scores[count:])
    return Bias(_contrasts(scores[:count]), OCCUPATION_WORDS, occupations, spread)


def _contrast_texts(subject: Subject, contrast: Contrast) -> list[Scored]:
    """For each pair: better and worse after the first word, better and worse after the second."""
    return [
        _text(subject, contrast.frame.format(word), ending)
        for endings in contrast.endings
        for word in (contrast.first, contrast.second)
        for ending in endings
    ]


def _text(subject: Subject, beginning: str, ending: str) -> Scored:
    """The ending's tokens after the beginning's; where a token spans both, it is the ending's."""
    before = subject.tokenize(beginning)
    ids = subject.tokenize(beginning + ending)
    shared = next(
        (n for n, (one, other) in enumerate(zip(before, ids, strict=False)) if one != other),
        min(len(before), len(ids)),
    )
    return Scored(tuple(ids), max(1, shared))


def _contrasts(scores: tuple[float, ...]) -> tuple[ContrastScore, ...]:
    found: list[ContrastScore] = []
    at = 0
    for contrast in CONTRASTS:
        pairs: list[PairScore] = []
        for better, worse in contrast.endings:
            one, two, three, four = scores[at : at + 4]
            pairs.append(PairScore(better.strip(), worse.strip(), (one - two) - (three - four)))
            at += 4
        estimate = mean([pair.nats for pair in pairs])
        if estimate is not None:
            found.append(
                ContrastScore(
                    contrast.name,
                    contrast.first,
                    contrast.second,
                    contrast.frame,
                    estimate,
                    tuple(pairs),
                )
            )
    return tuple(found)


def _occupations(scores: tuple[float, ...]) -> tuple[tuple[Occupation, ...], float]:
    raw = [first - second for first, second in zip(scores[::2], scores[1::2], strict=True)]
    middle = sum(raw) / len(raw)
    found = [Occupation(name, value - middle) for name, value in zip(OCCUPATIONS, raw, strict=True)]
    spread = (sum(each.nats**2 for each in found) / (len(found) - 1)) ** 0.5
    return tuple(sorted(found, key=lambda each: each.nats, reverse=True)), spread
