"""The figures of a report as rows of words, the same for the terminal and for the card."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.actions.reporting.verdict import interval, raised, ratio_interval
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.actions.bench import Spread
    from freehold.actions.reporting.held_out import HeldOut
    from freehold.actions.reporting.report import Report, TaskChange
    from freehold.study.evaluation.confidence import Share
    from freehold.study.kl import Kl


@dataclass(frozen=True)
class Row:
    """One measure: what it is, on both sides, and the change with its 95% interval."""

    what: str
    before: str
    after: str
    change: str


HEADINGS = ("MEASURE", "BEFORE", "AFTER", "CHANGE (95%)")


def rows(report: Report) -> tuple[Row, ...]:
    """All of them, in the order in which they are told."""
    return tuple(_rows(report))


def _rows(report: Report) -> Iterator[Row]:
    if report.held_out is not None:
        yield from _held_out(report.held_out)
    if report.unrelated is not None:
        yield from _unrelated(report.unrelated)
    yield from map(_task, report.tasks)
    before, after = report.size_before, report.size_after
    yield Row("on the disk", human_bytes(before), human_bytes(after), f"{after / before - 1:+.1%}")
    answers = report.answers
    for what, first, second in (
        (f"reading {answers.read} tokens, t/s", answers.before.read, answers.after.read),
        (f"writing {answers.write} tokens, t/s", answers.before.write, answers.after.write),
    ):
        change = f"{second.median / first.median - 1:+.0%}"
        yield Row(what, _spread(first), _spread(second), change)


def _held_out(found: HeldOut) -> Iterator[Row]:
    gain = found.difference
    yield Row(
        f"held out: loss, nats a token (n = {found.n:,})",
        f"{found.loss_before:.3f}",
        f"{found.loss_after:.3f}",
        f"{gain.mean:+.3f} each ({gain.low:+.3f} to {gain.high:+.3f})",
    )
    change = found.whole_change
    yield Row(
        "held out: answers known whole",
        _share(found.whole_before),
        _share(found.whole_after),
        f"{change.value:+.0%} ({change.low:+.0%} to {change.high:+.0%})",
    )


def _unrelated(found: Kl) -> Iterator[Row]:
    low, high = ratio_interval(found)
    yield Row(
        f"unrelated text: perplexity ({found.model.scored:,} tokens)",
        f"{found.reference.perplexity.value:.2f}",
        f"{found.model.perplexity.value:.2f}",
        f"{raised(found.ratio.value)} ({raised(low)} to {raised(high)})",
    )
    low, high = interval(found)
    yield Row(
        "unrelated text: KL, nats a token",
        "",
        "",
        f"{found.mean.value:.4f} ({low:.4f} to {high:.4f})",
    )
    yield Row("unrelated text: same likeliest token", "", "", f"{found.same_top.value:.1%}")


def _task(found: TaskChange) -> Row:
    change = found.change
    return Row(
        f"task {found.before.task.name}: right answers",
        _share(found.before.accuracy),
        _share(found.after.accuracy),
        f"{change.value:+.0%} ({change.low:+.0%} to {change.high:+.0%})",
    )


def _share(found: Share) -> str:
    return f"{found.right} of {found.of} ({found.low:.0%} to {found.high:.0%})"


def _spread(found: Spread) -> str:
    return f"{found.median:.0f} ± {found.deviation:.0f}"
