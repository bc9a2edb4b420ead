"""A second look at a clause: which class do its words weigh like?

Where no rule is sure it may name one; where a rule names a red line that its words speak much
against, it takes that back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from freehold.civic.clauses.finding import Label, RedLine
from freehold.civic.clauses.learned.features import features
from freehold.civic.clauses.learned.table import table
from freehold.civic.clauses.passage import Passage
from freehold.civic.clauses.rules.identity import asks_the_young_alone
from freehold.civic.clauses.statement import Actor, Force, Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.verdict import Verdict, red

NAME = "learned weights"
"""What a finding says that it was decided by."""
ENOUGH, OF_OTHERS = 0.8, 0.5
"""The share that red lines must have together, and that another class must have alone."""
SURER = 0.9
"""The same for red lines where an authority or a paper is spoken of: most of that is detail."""
DOUBTED = 0.05
"""The share under which a rule's red line is not told as one."""
_PLAIN = re.compile(
    r"shall|must|such|each|with|which|that|this|from|under|have|been|other|whose|their|them|there"
    r"|upon|than|when|where|will|would|into|they|these|those|only|being|does"
)
"""Words that tell nothing as a reason."""
_LIFTS = re.compile(
    r"\b(?:not (?:be )?(?:required|subject)|no [^.;]{0,40}? is required|exempt(?:ed|ion)?s?"
    r"|relieved)\b"
)
"""Words that take a duty away."""
_TOLD = 3
"""Words that are told as the reason."""
_OTHERS = (Label.PROTECTS, Label.USE)


def second_look(
    passage: Passage, heard: Sequence[tuple[Verdict, Statement]], subject: Subject
) -> Verdict | None:
    """Its class, told as unsure; None: the rules know better, or nothing weighs enough."""
    if any(known.label is Label.RESTRICTS_TOOL for known, _ in heard):
        return _doubt(passage, heard, subject)
    if any(_is_known(known) or _is_for_agencies(said) for known, said in heard):
        return None
    if not subject.concerns(f"{passage.words} {passage.heading_words}"):
        return None
    found = features(passage, heard, subject)
    shares = table().shares(found)
    people = any(said.actor not in (Actor.GOVERNMENT, Actor.PAPER) for _, said in heard)
    if _of_red_lines(shares) >= (ENOUGH if people else SURER):
        line = max(RedLine, key=shares.__getitem__)
        if _LIFTS.search(passage.own):
            return None
        if line is RedLine.REGISTRATION and asks_the_young_alone(passage.words):
            return None
        guess = red(line, _because(passage, found, line), (Label.USE, Label.NEUTRAL))
        return replace(guess, rule=NAME)
    if any(known.rule for known, _ in heard):
        return None
    label = max(_OTHERS, key=shares.__getitem__)
    if shares[label] < OF_OTHERS:
        return None
    return Verdict(label, _because(passage, found, label), rule=NAME)


def _doubt(
    passage: Passage, heard: Sequence[tuple[Verdict, Statement]], subject: Subject
) -> Verdict | None:
    """A rule's red line taken back, since clauses with such words are hardly ever one."""
    shares = table().shares(features(passage, heard, subject))
    if _of_red_lines(shares) >= DOUBTED:
        return None
    rule = next(known for known, _ in heard if known.label is Label.RESTRICTS_TOOL)
    return Verdict(
        Label.NEUTRAL,
        f"A rule took it for a red line ({rule.because.rstrip('.')}); its words are not like one.",
        unsure=(Label.RESTRICTS_TOOL, Label.NEUTRAL),
        rule=NAME,
    )


def _of_red_lines(shares: dict[str, float]) -> float:
    """What all red lines have together."""
    return sum(shares[line] for line in RedLine)


def _is_known(known: Verdict) -> bool:
    """Whether a rule is sure, or another clause decides."""
    return known.settled or bool(known.depends_on)


def _is_for_agencies(said: Statement) -> bool:
    """Whether it forbids governments something, and nobody else."""
    return said.force is Force.BAN and said.actor is Actor.GOVERNMENT


def _because(passage: Passage, found: frozenset[str], name: str) -> str:
    """The words of the clause that weigh most."""
    own = [word.strip(".,;:()\"'—") for word in passage.words.split()]
    own = [word for word in own if len(word) > 3 and not _PLAIN.fullmatch(word)]
    stems = (each for each in table().heaviest(found, name, 40) if each.isalpha())
    said = (next((word for word in own if word.startswith(stem)), None) for stem in stems)
    told = ", ".join(f"“{word}”" for word in list(dict.fromkeys(filter(None, said)))[:_TOLD])
    return f"No rule knows this wording; by its words ({told}) it is likeliest this."
