"""The lines that every form of a report begins with."""

from __future__ import annotations

from collections.abc import Iterator

from freehold.civic.bills.bill import Bill
from freehold.civic.clauses.finding import Label
from freehold.civic.clauses.report import Report


def heading(bill: Bill) -> str:
    """`S. 2938 (US, Introduced): To require …`, as far as it is known."""
    place = ", ".join(part for part in (bill.jurisdiction, bill.version) if part)
    name = bill.number or "A bill"
    return f"{name}{f' ({place})' if place else ''}{f': {bill.title}' if bill.title else ''}"


def summary(report: Report) -> Iterator[str]:
    """What was read, what was found, what was left out."""
    counts = {label: len(report.of(label)) for label in Label}
    red = counts[Label.RESTRICTS_TOOL]
    found = f"{red} red line{'' if red == 1 else 's'} found" if red else "No red line found"
    yield (
        f"{found} in {report.read:,} clause{'' if report.read == 1 else 's'}; "
        f"{counts[Label.PROTECTS]} protect the right, "
        f"{counts[Label.USE]} regulate use"
    )
    if unsure := len(report.unsure):
        yield f"the rules are unsure of {unsure} of them"
    if report.struck:
        yield f"{report.struck} clauses are struck by the bill itself and were left out"
    if report.dropped:
        yield f"{report.dropped} findings were dropped: their words are not in the source as read"
    yield from report.notes
