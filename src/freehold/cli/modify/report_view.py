"""How a report is shown: the verdict, a table, answers side by side, JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from freehold.actions.reporting.card import notes
from freehold.actions.reporting.figures import HEADINGS, rows
from freehold.actions.reporting.verdict import got_worse, verdict
from freehold.cli.study.kl_view import kl_figures
from freehold.cli.study.perplexity_view import figures, text_json
from freehold.cli.terminal import print_table, printable
from freehold.device.plain import to_plain

if TYPE_CHECKING:
    from freehold.actions.reporting.report import Report, TaskChange

_SHOWN = 400
"""Characters of an answer on the terminal."""


def print_report(found: Report, machine: str) -> None:
    """What got worse first; then all that was measured, and how."""
    for line in verdict(found):
        print(printable(line))
    pair = found.pair
    scale = "" if pair.kind is None else f", at a scale of {pair.scale:g}"
    made = f" ({pair.recipe.operation})" if pair.recipe else ""
    print(printable(f"\n{pair.base.name} -> {pair.after.name}{made}{scale}\n"))
    table = [(row.what, row.before, row.after, row.change) for row in rows(found)]
    print_table(HEADINGS, table, {1, 2})
    for sample in found.answers.samples:
        said = [("before", sample.before), ("after", sample.after)]
        if sample.expected is not None:
            said.insert(0, ("should say", sample.expected))
        print(printable(f"\nasked       {_short(sample.asked)}"))
        for label, text in said:
            print(printable(f"{label:<12}{_short(text)}"))
    print()
    for line in (*found.missing, *notes(found, machine)):
        print(printable(line))


def document(found: Report, machine: str) -> dict[str, Any]:
    """What `--json` prints."""
    pair, recipe = found.pair, found.pair.recipe
    return {
        "model": pair.made.name,
        "sha256": pair.made.sha256,
        "kind": str(pair.kind) if pair.kind else "model",
        "scale": None if pair.kind is None else pair.scale,
        "made_from": {"name": pair.base.name, "sha256": pair.base.sha256},
        "operation": recipe.operation if recipe else None,
        "recipe_options": dict(recipe.options) if recipe else None,
        "got_worse": got_worse(found),
        "verdict": list(verdict(found)),
        "held_out": to_plain(found.held_out),
        "unrelated": _unrelated(found),
        "tasks": [_task(each) for each in found.tasks],
        "answers": [to_plain(each) for each in found.answers.samples],
        "size_bytes": {"before": found.size_before, "after": found.size_after},
        "speeds": {
            "machine": machine,
            "read_tokens": found.answers.read,
            "write_tokens": found.answers.write,
            "rounds": found.answers.rounds,
            "before": to_plain(found.answers.before),
            "after": to_plain(found.answers.after),
        },
        "missing": list(found.missing),
    }


def _unrelated(found: Report) -> dict[str, Any] | None:
    if found.unrelated is None:
        return None
    return {
        **kl_figures(found.unrelated),
        "before": figures(found.unrelated.reference),
        "text": text_json(found.text),
    }


def _task(found: TaskChange) -> dict[str, Any]:
    return {
        "task": found.before.task.name,
        "before": to_plain(found.before.accuracy),
        "after": to_plain(found.after.accuracy),
        "change": to_plain(found.change),
    }


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
