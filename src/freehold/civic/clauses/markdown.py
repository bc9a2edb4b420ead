"""A report as Markdown, to keep, send or print."""

from __future__ import annotations

import re
from collections.abc import Iterator

from freehold.civic.clauses.finding import Finding, Label
from freehold.civic.clauses.report import NOT_LEGAL_ADVICE, RED_LINE_TITLES, TITLES, Report
from freehold.civic.clauses.scale import Machine, in_words
from freehold.civic.clauses.telling import heading, summary

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!])")


def markdown(report: Report, machine: Machine, every: bool = False) -> str:
    """The whole document. With `every`, all clauses, neutral ones too."""
    return "\n".join(_lines(report, machine, every)) + "\n"


def _lines(report: Report, machine: Machine, every: bool) -> Iterator[str]:
    yield f"# {_safe(heading(report.bill))}"
    yield ""
    for line in summary(report):
        yield f"- {_safe(line)}"
    for label in Label:
        found = report.of(label)
        if found and (every or label is not Label.NEUTRAL):
            yield f"\n## {TITLES[label]}"
            for each in found:
                yield from _finding(report, each, machine)
    yield f"\n{NOT_LEGAL_ADVICE}"


def _finding(report: Report, finding: Finding, machine: Machine) -> Iterator[str]:
    kind = f": {RED_LINE_TITLES[finding.red_line]}" if finding.red_line else ""
    yield f"\n### {_safe(finding.path or 'no section')}{kind}"
    for span in finding.governed_by:
        yield f"> *{_safe(report.bill.quote(*span))}*"
    yield f"> {_safe(finding.quote)}"
    yield ""
    yield f"- characters {finding.start} to {finding.end}; decided by {finding.decided_by}"
    if finding.who:
        yield f"- who: {_safe(finding.who)}"
    for threshold in finding.thresholds:
        yield f"- {in_words(threshold, machine)} (“{_safe(threshold.quote)}”)"
    yield f"- why: {_safe(finding.because)}"
    for lift in finding.lifts:
        yield f"- may be lifted for {lift.whom} by {_safe(lift.path)}: “{_safe(lift.quote)}”"
    if finding.unsure:
        yield "- the rules are not sure of this one"
    if finding.model_says:
        yield f"- {_safe(finding.model_says)}"
    if finding.plain_words:
        yield f"- a model's words, not the bill's: {_safe(finding.plain_words)}"


def _safe(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
