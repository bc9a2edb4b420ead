"""Class every clause of a bill by rules, with the words above it and its terms resolved.

It knows words and their order. It knows no other law than the text it is given, and no case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from freehold.civic.bills.bill import Bill, Change, Clause
from freehold.civic.clauses.blocks import blocks
from freehold.civic.clauses.finding import Finding, Label
from freehold.civic.clauses.judging import Judged, judge
from freehold.civic.clauses.lifts import find_lifts, lifts_of
from freehold.civic.clauses.links import follow_links, without_doubles
from freehold.civic.clauses.lists import join_lists
from freehold.civic.clauses.passage import passage
from freehold.civic.clauses.report import Report
from freehold.civic.clauses.subject import Subject, subject_of
from freehold.civic.clauses.thresholds import thresholds_of

CheckQuote = Callable[[int, int], bool]


def class_bill(bill: Bill, check: CheckQuote | None = None) -> Report:
    """Every clause with its class. `check(start, end)` proves a quote against the source's bytes.

    A finding whose words fail the check is dropped and counted.
    """
    subject = subject_of(bill)
    clauses = [each for each in bill.clauses if each.change is not Change.STRUCK]
    judged = list(_judge(bill, subject, clauses))
    judged = join_lists(bill, subject, without_doubles(follow_links(judged)))
    lifts = find_lifts(bill, judged)
    findings, dropped = [], 0
    for each in judged:
        finding = _finding(bill, subject, each)
        if check is not None and not check(finding.start, finding.end):
            dropped += 1
            continue
        if finding.label is Label.RESTRICTS_TOOL:
            finding = replace(finding, lifts=lifts_of(finding, lifts))
        findings.append(finding)
    return Report(
        bill, tuple(findings), len(clauses), len(bill.clauses) - len(clauses), dropped, bill.notes
    )


def _judge(bill: Bill, subject: Subject, clauses: list[Clause]) -> Iterator[Judged]:
    """Blocks, each with its verdict. A list whose opening words alone decide is one block."""
    defined = _definition_starts(bill)
    for block in blocks(
        clauses, lambda start, end, above: _opens(bill, subject, start, end, above)
    ):
        is_definition = any(start <= block.start < end for start, end in defined(block.start))
        words = passage(
            bill,
            block.start,
            block.end,
            block.governed_by,
            block.heading,
            block.path,
            is_definition,
        )
        verdict, said = judge(words, subject)
        yield Judged(block, verdict, said)


def _opens(
    bill: Bill, subject: Subject, start: int, end: int, above: tuple[tuple[int, int], ...]
) -> bool:
    """Whether opening words are a red line by themselves, or leave only the condition open."""
    verdict, said = judge(passage(bill, start, end, above), subject)
    if verdict.label is Label.RESTRICTS_TOOL:
        return True
    return said.binds and said.words.rstrip(" —-:").endswith(_OPEN_CONDITION)


_OPEN_CONDITION = ("unless", "until", "without", "unless the person", "unless such person", "if")


def _definition_starts(bill: Bill) -> Callable[[int], tuple[tuple[int, int], ...]]:
    """For a place, the definitions that may hold it."""
    spans = sorted((each.start, each.end) for each in bill.definitions)

    def around(place: int) -> tuple[tuple[int, int], ...]:
        return tuple(span for span in spans if span[0] <= place < span[1])

    return around


def _finding(bill: Bill, subject: Subject, judged: Judged) -> Finding:
    block, verdict, said = judged.block, judged.verdict, judged.said
    terms = subject.used(said.words)
    who = said.who_verbatim or None
    defined = (
        next((subject.meaning(term, block.path) for term in subject.used(said.who)), None)
        if who
        else None
    )
    return Finding(
        label=verdict.label,
        red_line=verdict.red_line,
        path=block.path,
        start=block.start,
        end=block.end,
        quote=bill.quote(block.start, block.end),
        who=who,
        definition=bill.quote(defined.start, defined.end) if defined else None,
        thresholds=thresholds_of(bill, subject, block, terms),
        because=verdict.because,
        governed_by=block.governed_by,
        unsure=verdict.unsure,
    )
