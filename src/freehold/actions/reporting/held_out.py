"""Held-out examples before and after: which they are, what they cost, how many are known whole.

The examples that training held out are found again from the same data, share and seed; that it is
the same data, its hash proves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.errors import UsageError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from pathlib import Path

    from freehold.modify.data.files import DataFile
    from freehold.modify.data.sample import Sample
    from freehold.modify.recipe import Recipe
    from freehold.modify.training.difference import Difference
    from freehold.modify.training.network import Example
    from freehold.study.evaluation.confidence import Share
    from freehold.study.intervals import Estimate
    from freehold.study.subject import Subject

MOST = 512
"""Tokens of an example, where no recipe says otherwise: as `Lesson` has it."""
_SHARE = 0.1


@dataclass(frozen=True)
class Asked:
    """The examples to test with."""

    samples: tuple[Sample, ...]
    most: int
    """Tokens that one may have."""
    what: str
    """Where they come from, in words."""
    sha256: str
    """Of the file that they are from."""
    seen: bool | None
    """Whether training chose its best state by them; None where nothing is known of that."""


@dataclass(frozen=True)
class HeldOut:
    """What became of them."""

    what: str
    sha256: str
    seen: bool | None
    n: int
    tokens: int
    """Of answers."""
    too_long: int
    loss_before: float
    """Nats a token."""
    loss_after: float
    difference: Difference
    """After less before, for each example."""
    whole_before: Share
    """Examples whose every answer the likeliest tokens spell out, given what comes before each."""
    whole_after: Share
    whole_change: Estimate


def asked_examples(
    training: Recipe | None, data: Path | None, held_out: Path | None
) -> Asked | None:
    """The examples; None without any file. Raises UsageError for other data than the recipe's."""
    from freehold.modify.data.files import read_data
    from freehold.modify.data.split import split

    if data is None and held_out is None:
        return None
    learned, _, tested = ((training.data_sha256 if training else None) or "").partition("+")
    known = read_data(data) if data is not None else None
    if known is not None:
        _check_same(known, learned, data)
    most = _number(training, "max_length", MOST)
    if held_out is not None:
        return _from_file(read_data(held_out), known, tested, most)
    if tested:
        raise UsageError(
            f"It was tested with a file of its own (sha256 {tested[:12]}).",
            "Give that, or any other: --held-out FILE",
        )
    assert known is not None and training is not None  # noqa: S101, PT018 - as `_check_same` saw
    share = training.options.get("held_out_share", _SHARE)
    part = split(known.samples, share if isinstance(share, float) else _SHARE, training.seed or 0)
    what = f"{len(part[1]):,} of {len(known.samples):,} examples that training held out"
    return Asked(part[1], most, what, known.sha256, seen=True)


def measure_held_out(
    before_it: Subject, after_it: Subject, asked: Asked, progress: Progress = SILENT
) -> HeldOut:
    """Read them with both. Raises UsageError where all are too long, UnsupportedModel."""
    from freehold.modify.training.difference import difference
    from freehold.modify.training.network import Losses
    from freehold.study.evaluation.confidence import share_of
    from freehold.study.intervals import paired

    sides = before, after = [_read(each, asked, progress) for each in (before_it, after_it)]
    if len(before.sums) != len(after.sums) or not before.sums:
        raise UsageError(
            "The held-out examples are longer than these models can read.", "Give shorter ones."
        )
    losses = [Losses(each.sums, each.counts) for each in sides]
    n = len(before.sums)
    return HeldOut(
        asked.what,
        asked.sha256,
        asked.seen,
        n,
        sum(before.counts),
        before.too_long,
        losses[0].mean,
        losses[1].mean,
        difference(*losses),
        share_of(sum(before.whole), n),
        share_of(sum(after.whole), n),
        paired(before.whole, after.whole),
    )


@dataclass(frozen=True)
class _Read:
    sums: tuple[float, ...]
    counts: tuple[int, ...]
    whole: tuple[bool, ...]
    too_long: int


def _read(subject: Subject, asked: Asked, progress: Progress) -> _Read:
    from freehold.modify.data.tokens import cut
    from freehold.study.packed import Marked, likelihoods

    most = min(asked.most, subject.transformer.config.context)
    done = cut(asked.samples, subject, most, skip_long=True)
    subject.rest()
    texts = [Marked(each.ids, _learned(each)) for each in done.examples]
    found = likelihoods(subject.transformer, texts, progress)
    return _Read(
        tuple(-float(each.log_probability.sum()) for each in found),
        tuple(len(text.places) for text in texts),
        tuple(
            all(
                token == text.ids[at] for token, at in zip(each.likeliest, text.places, strict=True)
            )
            for each, text in zip(found, texts, strict=True)
        ),
        done.too_long,
    )


def _learned(example: Example) -> tuple[int, ...]:
    return tuple(at for at in range(1, len(example.ids)) if example.learned[at])


def _from_file(tests: DataFile, known: DataFile | None, tested: str, most: int) -> Asked:
    samples: Sequence[Sample] = tests.samples
    seen = tests.sha256 == tested if tested or known is not None else None
    if known is not None:
        learned = {sample.key for sample in known.samples}
        samples = [sample for sample in samples if sample.key not in learned]
        if not samples:
            raise UsageError("Every one of these examples was learned.", "Give others.")
    what = f"{len(samples):,} examples of a file"
    what += " that training stopped by" if seen else ""
    return Asked(tuple(samples), most, what, tests.sha256, seen)


def _check_same(known: DataFile, learned: str, path: Path | None) -> None:
    if not learned:
        raise UsageError(
            "No training on data is behind this model, as far as its recipe and the models you "
            "own tell.",
            "Test with examples of yours: --held-out FILE",
        )
    if known.sha256 != learned:
        raise UsageError(
            f"{path} is not what it was trained on: its sha256 is {known.sha256[:12]}, and the "
            f"recipe says {learned[:12]}.",
            "Name that file, or test with this one: --held-out FILE",
        )


def _number(training: Recipe | None, name: str, usual: int) -> int:
    value = training.options.get(name) if training else None
    return value if isinstance(value, int) and value > 0 else usual
