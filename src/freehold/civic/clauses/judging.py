"""What the rules say of a stretch of text: of each of its sentences, and which weighs most."""

from __future__ import annotations

from dataclasses import dataclass

from freehold.civic.clauses.blocks import Block
from freehold.civic.clauses.finding import Label
from freehold.civic.clauses.passage import Passage
from freehold.civic.clauses.rules.order import decide
from freehold.civic.clauses.statement import Statement, read_statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.verdict import Verdict

_WEIGHT = {Label.RESTRICTS_TOOL: 3, Label.PROTECTS: 2, Label.USE: 1, Label.NEUTRAL: 0}


@dataclass(frozen=True)
class Judged:
    """A block of clauses, what the rules say of it, and the sentence that decided."""

    block: Block
    verdict: Verdict
    said: Statement


def judge(words: Passage, subject: Subject) -> tuple[Verdict, Statement]:
    """The weightiest verdict of its sentences, and which sentence it was."""
    found: tuple[Verdict, Statement] | None = None
    for sentence in words.sentences():
        said = read_statement(sentence)
        verdict = decide(said, subject)
        if found is None or _WEIGHT[verdict.label] > _WEIGHT[found[0].label]:
            found = verdict, said
    if found is None:
        said = read_statement(words)
        return decide(said, subject), said
    return found
