"""A bill as the page's reader shows it: its text, its sections, what was found and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from freehold.actions.read_bill import read_bytes, this_machine
from freehold.civic.clauses.finding import Label
from freehold.civic.clauses.report import NOT_LEGAL_ADVICE, RED_LINE_TITLES, TITLES
from freehold.civic.clauses.scale import Machine, in_words
from freehold.civic.clauses.telling import heading, summary
from freehold.civic.clauses.versions import compare

if TYPE_CHECKING:
    from freehold.civic.clauses.finding import Finding
    from freehold.civic.clauses.report import Report
    from freehold.settings import Settings

_SHOWN = (Label.RESTRICTS_TOOL, Label.PROTECTS, Label.USE)


def read_json(files: Sequence[tuple[bytes, str]], settings: Settings) -> dict[str, Any]:
    """A bill, and what changed in it since the second file, if there is one.

    Raises UsageError for what is no bill.
    """
    reports = [read_bytes(data, name) for data, name in files]
    report, machine = reports[0], this_machine(settings)
    bill = report.bill
    first, *rest = summary(report)
    return {
        "heading": heading(bill),
        "number": bill.number,
        "text": bill.text,
        "verdict": f"{first}.",
        "red_lines": len(report.red_lines),
        "notes": [*rest, *bill.notes],
        "not_legal_advice": NOT_LEGAL_ADVICE,
        "sections": [
            {
                "path": section.path,
                "heading": section.heading,
                "start": section.start,
                "level": section.level,
            }
            for section in bill.sections
        ],
        "findings": [_finding(report, each, machine) for each in _ordered(report)],
        "comparison": _changes(reports) if len(reports) > 1 else None,
    }


def _ordered(report: Report) -> list[Finding]:
    """Red lines first, then protections, then use; each in the order of the text."""
    return [each for label in _SHOWN for each in report.of(label)]


def _finding(report: Report, found: Finding, machine: Machine) -> dict[str, Any]:
    above = [report.bill.quote(start, end) for start, end in found.governed_by]
    kind = RED_LINE_TITLES[found.red_line] if found.red_line else TITLES[found.label]
    return {
        "label": found.label.value,
        "red_line": found.red_line.value if found.red_line else None,
        "words": kind,
        "path": found.path,
        "start": found.start,
        "end": found.end,
        "quote": found.quote,
        "above": above,
        "who": found.who,
        "definition": found.definition,
        "thresholds": [in_words(each, machine) for each in found.thresholds],
        "lifts": [f"{lift.path} may take out {lift.whom}: “{lift.quote}”" for lift in found.lifts],
        "because": found.because,
        "decided_by": found.decided_by,
    }


def _changes(reports: Sequence[Report]) -> list[dict[str, Any]]:
    versions = compare(reports[1], reports[0])
    rows = [("came", found) for found in versions.came]
    rows += [("went", found) for found in versions.went]
    rows += [("says something else now", pair.after) for pair in versions.changed]
    return [
        {"words": f"{_what(found)} {word}", "path": found.path, "quote": found.quote}
        for word, found in rows
    ]


def _what(found: Finding) -> str:
    return "A red line" if found.label is Label.RESTRICTS_TOOL else "A protection"
