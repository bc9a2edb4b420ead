"""Class every clause of a bill by rules, with the words above it and its terms resolved.

It knows words and their order. It knows no other law than the text it is given, and no case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from freehold.civic.bills.bill import Bill, Change, Clause
from freehold.civic.clauses.blocks import Block, blocks
from freehold.civic.clauses.finding import Finding, Label
from freehold.civic.clauses.judging import Judged, hear, judge, weightiest
from freehold.civic.clauses.learned.second_look import NAME
from freehold.civic.clauses.lifts import Lifts
from freehold.civic.clauses.links import follow_links, without_doubles
from freehold.civic.clauses.lists import join_lists
from freehold.civic.clauses.passage import Reader
from freehold.civic.clauses.report import Report
from freehold.civic.clauses.subject import Subject, subject_of
from freehold.civic.clauses.thresholds import Sizes

_OPEN_CONDITION = ("unless", "until", "without", "unless the person", "unless such person", "if")
CheckQuote = Callable[[int, int], bool]


def class_bill(bill: Bill, check: CheckQuote | None = None) -> Report:
    """Every clause with its class. `check(start, end)` proves a quote against the source's bytes.

    A finding whose words fail the check is dropped and counted.
    """
    subject = subject_of(bill)
    clauses = [each for each in bill.clauses if each.change is not Change.STRUCK]
    reader = Reader(bill)
    judged = list(_judge(reader, subject, clauses))
    judged = join_lists(reader, subject, without_doubles(follow_links(judged)))
    lifts = Lifts(bill, judged)
    findings, dropped, sizes = [], 0, Sizes(bill, subject)
    for each in judged:
        finding = _finding(bill, subject, sizes, each)
        if check is not None and not check(finding.start, finding.end):
            dropped += 1
            continue
        if finding.label is Label.RESTRICTS_TOOL:
            finding = replace(finding, lifts=lifts.of(finding))
        findings.append(finding)
    return Report(
        bill, tuple(findings), len(clauses), len(bill.clauses) - len(clauses), dropped, bill.notes
    )


def _judge(reader: Reader, subject: Subject, clauses: list[Clause]) -> Iterator[Judged]:
    """Blocks, each with its verdict. A list whose opening words alone decide is one block."""
    for block in blocks(clauses, lambda opening: _opens(reader, subject, opening)):
        verdict, said = judge(reader.passage(block), subject)
        yield Judged(block, verdict, said)


def _opens(reader: Reader, subject: Subject, opening: Block) -> bool:
    """Whether opening words are a red line by rule, or leave only the condition open."""
    verdict, said = weightiest(hear(reader.passage(opening), subject))
    if verdict.label is Label.RESTRICTS_TOOL:
        return True
    return said.binds and said.words.rstrip(" —-:").endswith(_OPEN_CONDITION)


def _finding(bill: Bill, subject: Subject, sizes: Sizes, judged: Judged) -> Finding:
    block, verdict, said = judged.block, judged.verdict, judged.said
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
        thresholds=sizes.of(block, subject.used(said.words)),
        because=verdict.because,
        decided_by=NAME if verdict.rule == NAME else "rules",
        governed_by=block.governed_by,
        unsure=verdict.unsure,
    )
