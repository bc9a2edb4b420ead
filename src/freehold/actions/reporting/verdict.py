"""What a report comes to, in words: what got worse is the first sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freehold.actions.reporting.held_out import HeldOut
    from freehold.actions.reporting.report import Report, TaskChange
    from freehold.study.kl import Kl

_SURE = 1.959964
"""Standard errors of a 95% interval."""
_MUCH, _LITTLE = 1.1, 1.02
"""Perplexity times the first, or more, is *much* worse; less than times the second, *a little*."""
_MANIFOLD = 2.0
"""From here on a ratio is said as such."""


def verdict(report: Report) -> tuple[str, ...]:
    """One sentence for each thing measured, those that say *worse* first."""
    said: list[tuple[int, str]] = []
    if report.held_out is not None:
        said.append(_held_out(report.held_out))
    if report.unrelated is not None:
        said.append(_unrelated(report.unrelated))
    said += [_task(each) for each in report.tasks]
    worse = [words for rank, words in said if rank < 0]
    rest = [words for rank, words in said if rank >= 0]
    return (*worse, *rest)


def got_worse(report: Report) -> bool:
    """Whether anything clearly did."""
    return any(rank < 0 for rank in _ranks(report))


def interval(kl: Kl) -> tuple[float, float]:
    """Of the mean KL: 95%, tokens taken for independent, and no KL is below zero."""
    reach = _SURE * kl.mean.error
    return max(0.0, kl.mean.value - reach), kl.mean.value + reach


def ratio_interval(kl: Kl) -> tuple[float, float]:
    """Of the perplexity after over that before."""
    reach = _SURE * kl.ratio.error
    return kl.ratio.value - reach, kl.ratio.value + reach


def raised(ratio: float) -> str:
    """By how much something is more than it was: `+1.8%`, `3.4 times`."""
    return f"{ratio - 1:+.1%}" if ratio < _MANIFOLD else f"{ratio:,.3g} times"


def _ranks(report: Report) -> Iterator[int]:
    if report.held_out is not None:
        yield _held_out(report.held_out)[0]
    if report.unrelated is not None:
        yield _unrelated(report.unrelated)[0]
    yield from (_task(each)[0] for each in report.tasks)


def _held_out(found: HeldOut) -> tuple[int, str]:
    """-1 for worse, 1 for better, 0 where nothing can be said."""
    from freehold.modify.training.difference import FEW

    gain = found.difference
    if gain.n < FEW:
        return 0, f"{gain.n} held-out examples are too few to say whether it got better."
    if gain.mean > 0:
        sure = "" if gain.low > 0 else ", though chance might explain it"
        return -1, f"It got worse on what was held out{sure}."
    if gain.high < 0:
        return 1, "It got better on what was held out."
    return 0, "No difference on what was held out that chance would not explain."


def _unrelated(found: Kl) -> tuple[int, str]:
    low, high = ratio_interval(found)
    change = f"perplexity {raised(found.ratio.value)}"
    if low > 1:
        ratio = found.ratio.value
        how = "much worse" if ratio >= _MUCH else "a little worse" if ratio < _LITTLE else "worse"
        return -1, f"It got {how} on unrelated text ({change})."
    if high < 1:
        return 1, f"It got no worse on unrelated text ({change})."
    return 0, f"No difference on unrelated text that chance would not explain ({change})."


def _task(found: TaskChange) -> tuple[int, str]:
    change, name = found.change, found.before.task.name
    if change.high < 0:
        return -1, f"It got worse at the task {name} ({change.value:+.0%} of the answers right)."
    if change.low > 0:
        return 1, f"It got better at the task {name} ({change.value:+.0%} of the answers right)."
    return 0, f"No difference at the task {name} that chance would not explain."
