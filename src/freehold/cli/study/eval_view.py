"""How scores are shown: a table with intervals, every item, JSON, bars."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from freehold.cli.svg_bars import BarChart, Row, bar_chart
from freehold.cli.terminal import print_table, printable

if TYPE_CHECKING:
    from freehold.study.evaluation.confidence import Share
    from freehold.study.evaluation.evaluate import Outcome, TaskResult
    from freehold.study.evaluation.task import Task

_HEADINGS = ("TASK", "EXAMPLES", "SHOTS", "MEASURE", "SCORE", "95% INTERVAL", "GUESSING")
_WIDE = 60


def print_results(results: Sequence[TaskResult], *, items: bool) -> None:
    """The table, how the model was asked, and what the figures mean."""
    print_table(_HEADINGS, [row for each in results for row in _rows(each)], {1, 2, 4, 5, 6})
    for each in results:
        if each.chance is not None and not each.accuracy.beats(each.chance):
            print(printable(f"\n{each.task.name}: no better than guessing, as far as this tells."))
        print(printable(f"\n{each.task.name}: {_way(each)} The first prompt:"))
        print(printable(_indented(each.first_prompt)))
    if items:
        for each in results:
            print()
            print_table(
                ("", each.task.name.upper(), "SAID", "RIGHT"), map(_item, each.outcomes), {0}
            )
    print("\nIntervals are Wilson's: how far other questions of the same kind might come out.")


def document(results: Sequence[TaskResult]) -> list[dict[str, Any]]:
    """What `--json` prints: one object a task."""
    return [
        {
            "model": each.model,
            "task": each.task.name,
            "file": str(each.task.path),
            "sha256": file_digest(each.task),
            "kind": each.task.kind,
            "examples": len(each.outcomes),
            "shots": each.shots,
            "chat_template": each.chat,
            "first_prompt": each.first_prompt,
            "guessing": each.chance,
            **{name: _share(share) for name, share in _measures(each)},
            "items": [
                {
                    "number": outcome.number,
                    "prompt": outcome.prompt,
                    "right": outcome.right,
                    "said": outcome.said,
                    "correct": outcome.correct,
                    "correct_by_length": outcome.correct_by_length,
                    "log_probabilities": list(outcome.scores),
                }
                for outcome in each.outcomes
            ],
        }
        for each in results
    ]


def picture(results: Sequence[TaskResult]) -> str:
    """The text of the SVG file."""
    rows = tuple(
        Row(f"{each.task.name}, {name} ({share.low:.0%} to {share.high:.0%})", (share.value,))
        for each in results
        for name, share in _measures(each)
    )
    return bar_chart(
        BarChart(
            title=f"How {results[0].model} does",
            value_label="share of right answers (in brackets: 95% interval)",
            names=("score",),
            rows=rows,
            subtitle=", ".join(f"{each.task.name}: {len(each.outcomes)}" for each in results),
        )
    )


def print_list(tasks: Sequence[Task]) -> None:
    """The tasks that come with Freehold."""
    rows = [(task.name, str(len(task.rows)), task.kind.replace("_", " ")) for task in tasks]
    print_table(("TASK", "EXAMPLES", "KIND"), rows, {1})


def list_document(tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """The same for `--json`."""
    return [
        {"task": each.name, "examples": len(each.rows), "kind": each.kind, "file": str(each.path)}
        for each in tasks
    ]


def file_digest(task: Task) -> str:
    """The sha256 of the task's file, in hexadecimal."""
    return hashlib.sha256(task.path.read_bytes()).hexdigest()


def _measures(result: TaskResult) -> Iterator[tuple[str, Share]]:
    if result.by_length is None:
        yield "exact_match", result.accuracy
    else:
        yield "acc", result.accuracy
        yield "acc_norm", result.by_length


def _rows(result: TaskResult) -> Iterator[tuple[str, ...]]:
    guessing = "" if result.chance is None else f"{result.chance:.1%}"
    for at, (name, share) in enumerate(_measures(result)):
        yield (
            "" if at else result.task.name,
            "" if at else str(share.of),
            "" if at else str(result.shots),
            name,
            f"{share.value:.1%}",
            f"{share.low:.1%} to {share.high:.1%}",
            guessing,
        )


def _way(result: TaskResult) -> str:
    """How the model was asked."""
    frame = "in its chat template" if result.chat else "as plain text, without a chat template"
    worked = f", after {result.shots} worked examples" if result.shots else ""
    return f"{result.model} was asked {frame}{worked}."


def _share(share: Share) -> dict[str, Any]:
    return {
        "value": share.value,
        "right": share.right,
        "of": share.of,
        "low": share.low,
        "high": share.high,
        "interval": "Wilson, 95%",
    }


def _item(outcome: Outcome) -> tuple[str, ...]:
    last = outcome.prompt.strip().replace("\n", "⏎")
    mark = "✓" if outcome.correct else "✗"
    return f"{outcome.number} {mark}", _cut(last), outcome.said, outcome.right


def _cut(words: str) -> str:
    return words if len(words) <= _WIDE else "…" + words[1 - _WIDE :]


def _indented(words: str) -> str:
    return "\n".join(f"  | {line}" for line in words.split("\n"))
