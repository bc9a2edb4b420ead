"""Where rules are unsure, a model the owner has may choose among the labels; nothing else.

What it says beside the labels is not used. A red line of the rules stays one whatever it says: what
it would have chosen is told beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from freehold.civic.clauses.finding import Finding, Label, RedLine
from freehold.civic.clauses.report import Report

Ask = Callable[[str], str]
_LONGEST = 1500
"""Characters of a clause that are shown to the model."""
_MEANINGS = {
    Label.RESTRICTS_TOOL: "demands leave, or an account, before a model may be had, run or shared",
    Label.USE: "punishes or regulates a harmful act, or how a business must behave",
    Label.PROTECTS: "protects the right to own and run models",
    Label.NEUTRAL: "does none of this: a report, a definition, a procedure",
}


def choose(report: Report, ask: Ask, name: str) -> Report:
    """The same report with the model's choices among the labels that the rules left open."""
    return replace(
        report, findings=tuple(_chosen(report, each, ask, name) for each in report.findings)
    )


def _chosen(report: Report, finding: Finding, ask: Ask, name: str) -> Finding:
    if not finding.unsure:
        return finding
    options = tuple(dict.fromkeys((finding.label, *finding.unsure)))
    label = _read(ask(_question(report, finding, options)), options)
    if label is None or label is finding.label:
        return replace(finding, decided_by=f"model {name}") if label else finding
    if finding.label is Label.RESTRICTS_TOOL:
        return replace(finding, model_says=f"model {name} would have it {label}")
    because = f"The rules could not tell ({finding.because.rstrip('.')}); the model chose."
    line = finding.red_line
    if label is Label.RESTRICTS_TOOL:
        line = line or RedLine.PRECLEARANCE
    return replace(
        finding,
        label=label,
        red_line=line if label is Label.RESTRICTS_TOOL else None,
        decided_by=f"model {name}",
        because=because,
    )


def _question(report: Report, finding: Finding, options: tuple[Label, ...]) -> str:
    above = " ".join(report.bill.quote(*span) for span in finding.governed_by)
    lines = [
        "Here is a clause of a bill.",
        f"{above} {finding.quote}".strip()[:_LONGEST],
        "Which of these is it? Answer with one of these words alone:",
        *(f"{label}: it {_MEANINGS[label]}" for label in options),
    ]
    return "\n".join(lines)


def _read(answer: str, options: tuple[Label, ...]) -> Label | None:
    """The one label that an answer names first; None where it names none of them."""
    said = answer.lower()
    places = {
        label: found.start()
        for label in options
        if (found := re.search(rf"(?<![\w-]){re.escape(label)}(?![\w-])", said))
    }
    return min(places, key=places.__getitem__) if places else None


def in_plain_words(report: Report, ask: Ask) -> Report:
    """Each red line and protection with a sentence of the model's own beside it."""
    shown = (Label.RESTRICTS_TOOL, Label.PROTECTS)
    return replace(
        report,
        findings=tuple(
            replace(each, plain_words=_plain(report, each, ask)) if each.label in shown else each
            for each in report.findings
        ),
    )


def _plain(report: Report, finding: Finding, ask: Ask) -> str | None:
    above = " ".join(report.bill.quote(*span) for span in finding.governed_by)
    clause = f"{above} {finding.quote}".strip()[:_LONGEST]
    said = ask(f"Say in one short, plain sentence what this clause of a bill demands:\n{clause}")
    return " ".join(said.split())[:400] or None
