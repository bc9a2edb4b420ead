"""A bill's findings as one JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from freehold.civic.clauses.finding import Finding, Label
from freehold.civic.clauses.report import NOT_LEGAL_ADVICE, Report
from freehold.civic.clauses.scale import Machine, in_words
from freehold.cli.study.plain import plain

if TYPE_CHECKING:
    from freehold.actions.read_bill import BillRead
    from freehold.civic.clauses.versions import Versions


def document(
    read: BillRead, machine: Machine, versions: Versions | None, *, every: bool
) -> dict[str, Any]:
    """What `--json` prints. Without `every`, neutral clauses are counted only."""
    report = read.report
    shown = [
        each for each in report.findings if every or each.label is not Label.NEUTRAL or each.unsure
    ]
    found: dict[str, Any] = {
        "not_legal_advice": NOT_LEGAL_ADVICE,
        "source": read.source,
        "fetched": read.fetched,
        **_bill(report),
        "counts": {label.value: len(report.of(label)) for label in Label},
        "machine": plain(machine),
        "findings": [_finding(report, each, machine) for each in shown],
    }
    if versions is not None:
        found["older"] = _bill(versions.older)
        found["came"] = [_finding(versions.newer, each, machine) for each in versions.came]
        found["went"] = [_finding(versions.older, each, machine) for each in versions.went]
        for name, pairs in (("changed", versions.changed), ("same", versions.same)):
            found[name] = [
                {
                    "before": _finding(versions.older, each.before, machine),
                    "after": _finding(versions.newer, each.after, machine),
                }
                for each in pairs
            ]
    return found


def _bill(report: Report) -> dict[str, Any]:
    bill = report.bill
    return {
        "bill": {
            "number": bill.number,
            "title": bill.title,
            "version": bill.version,
            "jurisdiction": bill.jurisdiction,
            "form": bill.form.value,
            "sha256": bill.sha256,
        },
        "clauses": report.read,
        "struck": report.struck,
        "dropped": report.dropped,
        "notes": list(report.notes),
    }


def _finding(report: Report, finding: Finding, machine: Machine) -> dict[str, Any]:
    """Everything of it; the words above it as words, each threshold with this machine beside it."""
    return {
        **plain(finding),
        "above": [report.bill.quote(*span) for span in finding.governed_by],
        "sizes": [in_words(each, machine) for each in finding.thresholds],
    }
