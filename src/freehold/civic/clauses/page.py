"""A report as one page of HTML: the whole bill, its clauses marked in place.

It has no script and loads nothing. Marks are letters beside colours, and the colours differ in
lightness too, so that print, grey screens and colour-blind eyes tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from freehold.civic.bills.bill import Change
from freehold.civic.clauses.finding import Finding, Label
from freehold.civic.clauses.report import (
    MARKS,
    NOT_LEGAL_ADVICE,
    RED_LINE_TITLES,
    TITLES,
    Report,
)
from freehold.civic.clauses.scale import Machine, in_words
from freehold.civic.clauses.telling import heading, summary

_STYLE = """
:root { color-scheme: light; }
body { font: 17px/1.55 Georgia, "Times New Roman", serif; color: #111; background: #fff;
  max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; } h2 { font-size: 1.2rem; margin-top: 2rem; }
nav ol { padding-left: 1.4rem; } nav li { margin: .4rem 0; }
a { color: #003b6f; } a:focus { outline: 3px solid #003b6f; outline-offset: 2px; }
mark { color: inherit; padding: .05em .15em; border-bottom: 3px solid; }
mark::before { content: attr(data-mark); font: bold .72em system-ui, sans-serif; color: #fff;
  background: #333; border-radius: .2em; padding: .05em .4em; margin-right: .35em; }
.R { background: #ffd9c2; border-color: #b23a00; border-bottom-style: double; }
.R::before { background: #b23a00; }
.P { background: #d3e9ff; border-color: #00508f; } .P::before { background: #00508f; }
.U { background: #f1edcf; border-color: #6b6000; border-bottom-style: dotted; }
.U::before { background: #6b6000; }
del { color: #555; }
.bill { white-space: pre-wrap; overflow-wrap: anywhere; }
.notes li, .advice, dd, small { color: #333; }
.advice { border: 2px solid #111; padding: .6rem .8rem; }
blockquote { margin: .3rem 0 .3rem 1rem; }
@media print { body { font-size: 11pt; max-width: none; margin: 0; } a { color: inherit; }
  mark { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  nav li { break-inside: avoid; } }
"""
_ALONE = re.compile(r"^(\([A-Za-z0-9]{1,5}\))\n", re.MULTILINE)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(report: Report, machine: Machine) -> str:
    """The whole document."""
    return "".join(_parts(report, machine))


def _parts(report: Report, machine: Machine) -> Iterator[str]:
    title = escape(heading(report.bill))
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    )
    yield f'<p class="advice">{escape(NOT_LEGAL_ADVICE)}</p>\n<ul class="notes">\n'
    yield from (f"<li>{escape(line)}</li>\n" for line in summary(report))
    yield "</ul>\n" + _legend() + '<nav aria-label="Findings">\n'
    for label in (Label.RESTRICTS_TOOL, Label.PROTECTS, Label.USE):
        found = report.of(label)
        if found:
            yield f"<h2>{escape(TITLES[label])}</h2>\n<ol>\n"
            yield from (_entry(report, each, machine) for each in found)
            yield "</ol>\n"
    yield '</nav>\n<h2>The bill, with its clauses marked</h2>\n<div class="bill">'
    yield from _marked(report)
    sha = escape(report.bill.sha256)
    yield f"</div>\n<p><small>Source: SHA-256 {sha}</small></p>\n</main>\n</body>\n</html>\n"


def _legend() -> str:
    rows = ""
    for label in (Label.RESTRICTS_TOOL, Label.PROTECTS, Label.USE):
        mark = MARKS[label]
        rows += f'<li><mark class="{mark}" data-mark="{mark}">{escape(TITLES[label])}</mark></li>\n'
    return f'<h2>What the marks mean</h2>\n<ul class="legend">\n{rows}</ul>\n'


def _entry(report: Report, finding: Finding, machine: Machine) -> str:
    """One finding in the list, with a link to its place."""
    kind = f": {RED_LINE_TITLES[finding.red_line]}" if finding.red_line else ""
    lines = [
        f'<li><a href="#{_anchor(finding)}">{escape(finding.path or "here")}</a>{escape(kind)}'
    ]
    if finding.label is not Label.USE:
        above = "".join(
            f"<i>{escape(report.bill.quote(*span))}</i> " for span in finding.governed_by
        )
        lines.append(f"<blockquote>{above}{escape(finding.quote)}</blockquote>")
    said = [f"who: {finding.who}"] if finding.who else []
    said.append(f"why: {finding.because}")
    said += [in_words(each, machine) for each in finding.thresholds]
    said += [
        f"may be lifted for {lift.whom} by {lift.path}: “{lift.quote}”" for lift in finding.lifts
    ]
    if finding.decided_by != "rules":
        said.append(f"decided by {finding.decided_by}")
    if finding.unsure:
        said.append("the rules are not sure of this one")
    if finding.model_says:
        said.append(finding.model_says)
    if finding.plain_words:
        said.append(f"a model's words, not the bill's: {finding.plain_words}")
    lines.append(f"<small>{escape('; '.join(said))}</small></li>\n")
    return "\n".join(lines)


def _anchor(finding: Finding) -> str:
    return f"c{finding.start}"


def _marked(report: Report) -> Iterator[str]:
    """The text with its marks; findings do not overlap."""
    text, at = report.bill.text, 0
    for each in report.findings:
        if each.label is Label.NEUTRAL or each.start < at:
            continue
        yield _plain(report, at, each.start)
        mark = MARKS[each.label]
        yield f'<mark class="{mark}" data-mark="{mark}" id="{_anchor(each)}">'
        yield f"{_joined(text[each.start : each.end])}</mark>"
        at = each.end
    yield _plain(report, at, len(text))


def _plain(report: Report, start: int, end: int) -> str:
    """Text without marks; what the bill strikes is crossed out."""
    text = report.bill.text
    parts, at = [], start
    for clause in report.bill.clauses:
        if clause.change is Change.STRUCK and at <= clause.start < end:
            stop = min(clause.end, end)
            parts.append(
                f"{_joined(text[at : clause.start])}<del>{_joined(text[clause.start : stop])}</del>"
            )
            at = stop
    return "".join(parts) + _joined(text[at:end])


def _joined(text: str) -> str:
    """As HTML, a number that stands alone on its line with what it numbers."""
    return escape(_ALONE.sub(r"\1 ", text))
