"""How a bill's findings are told in a terminal: the red lines first, each with its words."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from freehold.civic.clauses.finding import Finding, Label
from freehold.civic.clauses.report import MARKS, NOT_LEGAL_ADVICE, RED_LINE_TITLES, TITLES, Report
from freehold.civic.clauses.scale import Machine, in_words
from freehold.civic.clauses.telling import heading, summary
from freehold.cli.study.shown import visible

if TYPE_CHECKING:
    from freehold.civic.clauses.versions import Changed, Versions

_WIDE = 100
_BRIEF = 110
"""Characters of a clause that are shown in brief."""
_MOST = 4000
"""Characters of a quote that are shown: a list of ten pages is told apart in --html and --json."""


def report_lines(report: Report, machine: Machine, *, every: bool = False) -> Iterator[str]:
    """The whole answer."""
    yield from _wrapped(heading(report.bill), "")
    for line in summary(report):
        yield from _wrapped(f"{line}.".replace("..", "."), "")
    for label in (Label.RESTRICTS_TOOL, Label.PROTECTS):
        if found := report.of(label):
            yield f"\n{TITLES[label]}"
            for each in found:
                yield from finding_lines(report, each, machine)
    rest = [Label.USE, Label.NEUTRAL] if every else [Label.USE]
    for label in rest:
        if brief := [each for each in report.of(label) if every or not each.unsure]:
            yield f"\n{TITLES[label]}"
            yield from (_brief(each) for each in brief)
    unsure = [each for each in report.unsure if each.label in (Label.USE, Label.NEUTRAL)]
    if unsure:
        yield "\nRead these yourself: the rules are not sure"
        for each in unsure:
            yield _brief(each)
            yield from _wrapped(f"{each.because} Decided by {each.decided_by}.", "   ")
    yield ""
    yield from _wrapped(NOT_LEGAL_ADVICE, "")


def finding_lines(report: Report, finding: Finding, machine: Machine) -> Iterator[str]:
    """One finding: where, what, its words, and what goes with it."""
    kind = RED_LINE_TITLES[finding.red_line] if finding.red_line else finding.label
    sure = "" if not finding.unsure else " (the rules are not sure)"
    yield f"\n{MARKS[finding.label]}  {_line(finding.path or 'no section')}  {kind}{sure}"
    for span in finding.governed_by:
        yield from _wrapped(f"… {report.bill.quote(*span)}", "     ")
    quote = finding.quote if len(finding.quote) <= _MOST else finding.quote[: _MOST - 1] + "…"
    yield from _wrapped(f"“{quote}”", "   ")
    yield from _facts(finding, machine)


def _facts(finding: Finding, machine: Machine) -> Iterator[str]:
    if finding.who:
        yield from _wrapped(f"who:   {finding.who}", "   ")
    if finding.definition:
        yield from _wrapped(f"means: {finding.definition[:400]}", "   ")
    for threshold in finding.thresholds:
        yield from _wrapped(f"size:  {in_words(threshold, machine)} (“{threshold.quote}”)", "   ")
    yield from _wrapped(f"why:   {finding.because} Decided by {finding.decided_by}.", "   ")
    for lift in finding.lifts:
        said = f"but:   {lift.path} may take out {lift.whom}: “{lift.quote[:300]}”"
        yield from _wrapped(said, "   ")
    if finding.model_says:
        yield from _wrapped(f"but:   {finding.model_says}", "   ")
    if finding.plain_words:
        yield from _wrapped(
            f"plain: {finding.plain_words} (a model's words, not the bill's)", "   "
        )


def version_lines(versions: Versions) -> Iterator[str]:
    """What came, went and changed between two versions."""
    yield from _wrapped(f"newer: {heading(versions.newer.bill)}", "")
    yield from _wrapped(f"older: {heading(versions.older.bill)}", "")
    for report, which in ((versions.newer, "newer"), (versions.older, "older")):
        red = len(report.red_lines)
        yield f"{which}: {red or 'no'} red line{'' if red == 1 else 's'} in {report.read:,} clauses"
    yield from _group("came", versions.came)
    yield from _group("went", versions.went)
    if versions.changed:
        yield "\nchanged in words"
        for pair in versions.changed:
            yield from _changed(pair)
    yield from _group("stayed as they were", [each.after for each in versions.same])
    if not (versions.came or versions.went or versions.changed or versions.same):
        yield "\nNeither has a red line or a protection."
    yield ""
    yield from _wrapped(NOT_LEGAL_ADVICE, "")


def _group(title: str, found: Iterable[Finding]) -> Iterator[str]:
    for number, each in enumerate(found):
        if not number:
            yield f"\n{title}"
        yield f"{MARKS[each.label]}  {_line(each.path)}  {_kind(each)}"
        yield from _wrapped(f"“{each.quote}”", "   ")


def _changed(pair: Changed) -> Iterator[str]:
    after = pair.after
    yield f"{MARKS[after.label]}  {_line(after.path)}  {_kind(after)}"
    yield from _wrapped(f"was “{pair.before.quote}” ({pair.before.path})", "   ")
    yield from _wrapped(f"is  “{after.quote}”", "   ")


def _kind(finding: Finding) -> str:
    return RED_LINE_TITLES[finding.red_line] if finding.red_line else "protects the right"


def _brief(finding: Finding) -> str:
    words = " ".join(finding.quote.split())
    words = words if len(words) <= _BRIEF else words[: _BRIEF - 1] + "…"
    return f"{MARKS[finding.label]}  {_line(finding.path)}  {visible(words)}".rstrip()


def _line(text: str) -> str:
    return visible(" ".join(text.split()), 120)


def _wrapped(text: str, indent: str) -> list[str]:
    """Lines of other people's text: nothing in it drives the terminal."""
    return textwrap.wrap(
        visible(" ".join(text.split())), _WIDE, initial_indent=indent,
        subsequent_indent=indent + "  ", break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
