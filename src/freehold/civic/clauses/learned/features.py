"""What a clause looks like, as a set of facts: its words, its verbs of law, what stands where.

The same facts are counted when the weights are learned and when a clause is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise

from freehold.civic.clauses.act_words import (
    CONDUCT,
    EVALUATION,
    HARMS,
    INTENT,
    RISK,
    TOOL_ACTS,
)
from freehold.civic.clauses.finding import Label
from freehold.civic.clauses.leave_words import GATE, GRANTED, LEAVE
from freehold.civic.clauses.passage import Passage
from freehold.civic.clauses.statement import Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.subject_words import (
    CHIPS,
    GOVERNMENT,
    OTHER_LEAVE,
    PAPER,
    PRIVATE,
    TOOL,
)
from freehold.civic.clauses.verdict import Verdict

_WORD = re.compile(r"[a-z]+|\d[\d,.]*")
_ENDINGS = (
    *("ations", "ation", "ings", "ing", "ments", "ment", "ers", "er", "ies", "ied", "ed", "es"),
    *("s", "y", "e"),
)
_SHORTEST = 4
"""Letters of a stem."""
_OWN, _ABOVE = 1500, 400
"""Characters of a clause and of the words above it that are read."""
_ORDERED = {
    **{str(line): table for line, table in LEAVE.items()},
    "gate": GATE,
    "act": TOOL_ACTS,
    "office": GOVERNMENT,
    "people": PRIVATE,
    "test": EVALUATION,
    "harm": HARMS,
    "tool": TOOL,
    "paper": PAPER,
}
_TABLES = {
    **_ORDERED,
    "granted": GRANTED,
    "conduct": CONDUCT,
    "intent": INTENT,
    "risk": RISK,
    "chips": CHIPS,
    "other": OTHER_LEAVE,
}
_HEAD, _AFTER = 80, 160
"""Characters of an act that say what kind it is, and after a gate what it asks for."""


def features(
    passage: Passage, heard: Iterable[tuple[Verdict, Statement]], subject: Subject
) -> frozenset[str]:
    """All of them. With each sentence comes what the rules say of it."""
    own = stems(passage.own[:_OWN])
    above = stems(passage.words[: passage.own_from][-_ABOVE:])
    found = {*own, *above, *(f"^{stem}" for stem in above)}
    found.update(f"{one} {two}" for one, two in pairwise(own))
    found.update(f"={stem}" for stem in stems(passage.heading_words))
    found.add(f"defines {passage.is_definition}")
    found.add(f"bill {subject.is_about}")
    for known, said in heard:
        found.update(_of_statement(said, subject))
        if known.label is not Label.RESTRICTS_TOOL:  # or there is nothing to learn beside the rules
            found.add(f"rule {known.rule}")
    return frozenset(found)


def stems(words: str) -> list[str]:
    """Words without their endings, numbers as `#`."""
    return ["#" if word[0].isdigit() else _stem(word) for word in _WORD.findall(words)]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            return word[: -len(ending)]
    return word


def _of_statement(said: Statement, subject: Subject) -> Iterator[str]:
    yield f"force {said.force}"
    yield f"actor {said.actor}"
    yield f"force {said.force} {said.actor}"
    yield f"tool {subject.is_tool(said.words)}"
    words = said.clean
    places = {
        name: found.start() for name, table in _TABLES.items() if (found := table.search(words))
    }
    for name, table in _TABLES.items():
        if name in places:
            yield f"<{name}>"
        if table.search(said.who):
            yield f"who <{name}>"
        if table.search(said.act[:_HEAD]):
            yield f"act <{name}>"
    ordered = sorted((name for name in places if name in _ORDERED), key=places.__getitem__)
    for one, two in combinations(ordered, 2):
        yield f"<{one}> <{two}>"
    for gate in GATE.finditer(words):
        after = words[gate.end() : gate.end() + _AFTER]
        for name in (*map(str, LEAVE), "office", "act"):
            if _ORDERED[name].search(after):
                yield f"gate to <{name}>"
