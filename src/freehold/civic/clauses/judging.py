"""What is said of a stretch of text: of each of its sentences by rules, then of the whole."""

from __future__ import annotations

from dataclasses import dataclass

from freehold.civic.clauses.blocks import Block
from freehold.civic.clauses.finding import Label
from freehold.civic.clauses.learned.second_look import second_look
from freehold.civic.clauses.passage import Passage
from freehold.civic.clauses.rules.order import decide
from freehold.civic.clauses.statement import Statement, read_statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.verdict import Verdict

_WEIGHT = {Label.RESTRICTS_TOOL: 3, Label.PROTECTS: 2, Label.USE: 1, Label.NEUTRAL: 0}


@dataclass(frozen=True)
class Judged:
    """A block of clauses, what is said of it, and the sentence that decided."""

    block: Block
    verdict: Verdict
    said: Statement


def judge(words: Passage, subject: Subject) -> tuple[Verdict, Statement]:
    """The weightiest verdict of its sentences and which sentence it was, or a second look's."""
    heard = hear(words, subject)
    verdict, said = weightiest(heard)
    return second_look(words, heard, subject) or verdict, said


def weightiest(heard: list[tuple[Verdict, Statement]]) -> tuple[Verdict, Statement]:
    """What the rules say of all its sentences together: the first of the heaviest class."""
    return max(heard, key=lambda each: _WEIGHT[each[0].label])


def hear(words: Passage, subject: Subject) -> list[tuple[Verdict, Statement]]:
    """What the rules say of each of its sentences."""
    found = [read_statement(sentence) for sentence in words.sentences()] or [read_statement(words)]
    return [(decide(said, subject), said) for said in found]
