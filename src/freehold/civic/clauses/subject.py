"""What a bill is about, by its own definitions: which terms stand for models, which for chips."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from freehold.civic.bills.bill import Bill, Definition
from freehold.civic.clauses.finding import RedLine
from freehold.civic.clauses.leave_words import ISSUED, LEAVE
from freehold.civic.clauses.subject_words import CHIPS, GOVERNMENT, MODEL, PRIVATE, TOOL
from freehold.civic.clauses.wording import normalised

_ROUNDS = 3
"""How often definitions are followed through other definitions."""
_FAR = 420
"""Characters of a definition in which it says what the thing is."""
_TOO_COMMON = frozenset(
    {"person", "state", "act", "user", "consumer", "individual", "minor", "secretary", "department"}
)
_BARE = re.compile(r"\b(?:models?|weights|parameters|chat ?bots?)\b")
_FRONT = 600
"""Characters of a first page that say what a bill is about."""
_OFTEN = 1 / 1200
"""Characters: a bill that names models at least so often is about them."""
_ISSUED_BY = 260
"""Characters of a definition in which it says who gives the thing."""
_NO_LEAVE = re.compile(r"\bvoluntar|\bprocur|\bpublic agenc|\bcourt\b")


@dataclass(frozen=True)
class Subject:
    """The terms of one bill, sorted."""

    title: str = ""
    """The long title, normalised."""
    tool_terms: frozenset[str] = frozenset()
    chip_terms: frozenset[str] = frozenset()
    meanings: dict[str, dict[str, Definition]] = field(default_factory=dict)
    """For each term the sections that define it, each with the first definition there."""
    glosses: dict[str, str] = field(default_factory=dict)
    """What the bill says that each term means, normalised and without the term itself."""
    leave_terms: dict[str, RedLine] = field(default_factory=dict)
    """Names that the bill gives to an authority's leave, or to who and what has it: `steward`."""
    is_about_models: bool = False
    """Whether most of the bill is, so that a bare `model` is one."""
    _terms: re.Pattern[str] | None = None

    @property
    def title_is_tool(self) -> bool:
        """Whether the whole bill is about models, by its title."""
        return TOOL.search(self.title) is not None

    @property
    def is_about(self) -> bool:
        """Whether the whole bill is about models, by its title or by how often it names them."""
        return self.title_is_tool or self.is_about_models

    def concerns(self, words: str) -> bool:
        """Whether the words are about models, or the whole bill is."""
        return self.is_about or self.is_tool(words)

    def speaks_of(self, words: str) -> bool:
        """Whether the words may mean a model where the whole bill is about models."""
        return self.is_about_models and _BARE.search(words) is not None

    def used(self, words: str) -> tuple[str, ...]:
        """The defined terms in these normalised words, each once."""
        if self._terms is None:
            return ()
        return tuple(dict.fromkeys(found[1] for found in self._terms.finditer(words)))

    def is_tool(self, words: str) -> bool:
        """Whether the words are about models or computing, themselves or by a defined term."""
        if TOOL.search(words) is not None or self.speaks_of(words):
            return True
        return any(term in self.tool_terms for term in self.used(words))

    def is_chip(self, words: str) -> bool:
        """Whether machines are meant, and no model."""
        chip = CHIPS.search(words) is not None
        if not chip and not any(term in self.chip_terms for term in self.used(words)):
            return False
        terms = [term for term in self.used(words) if term not in self.chip_terms]
        bare = CHIPS.sub(
            " ", re.sub(r"artificial intelligence (?=\w*\s?(?:chip|circuit|integrated))", "", words)
        )
        model = MODEL.search(bare) is not None and TOOL.search(bare) is not None
        return not model and not any(term in self.tool_terms for term in terms)

    def is_chip_trade(self, words: str, heading: str) -> bool:
        """The same, where a clause's own words leave it to the heading to say what it is about."""
        return self.is_chip(words) or (self.is_chip(heading) and not self.is_tool(words))

    def meaning(self, term: str, path: str = "") -> Definition | None:
        """What the bill says of a term: nearest by its section, else the first."""
        known = self.meanings.get(term)
        if not known:
            return None
        return known.get(_root(path)) or next(iter(known.values()))


def subject_of(bill: Bill) -> Subject:
    """Sort the terms that a bill defines."""
    texts: dict[str, str] = {}
    meanings: dict[str, dict[str, Definition]] = {}
    for each in bill.definitions:
        term = normalised(each.term).strip(' ."')
        if len(term) < 3 or len(term) > 90:
            continue
        meanings.setdefault(term, {}).setdefault(_root(each.path), each)
        said = normalised(bill.quote(each.start, min(each.end, each.start + _FAR + 200)))
        texts[term] = f"{texts.get(term, '')} {said.replace(term, ' ')[:_FAR]}"
    terms = _pattern(texts)
    tools = _follow(texts, terms, TOOL)
    chips = {
        term
        for term, said in texts.items()
        if CHIPS.search(f"{term} {said[:200]}") and not MODEL.search(term)
    }
    return Subject(
        normalised(bill.title),
        frozenset(tools - chips),
        frozenset(chips),
        meanings,
        texts,
        _leave_terms(texts),
        _is_about_models(bill),
        terms,
    )


def _is_about_models(bill: Bill) -> bool:
    words = normalised(bill.text)
    if TOOL.search(words[:_FRONT]) is not None:
        return True
    return sum(1 for _ in TOOL.finditer(words)) >= max(3, len(words) * _OFTEN)


def _leave_terms(texts: dict[str, str]) -> dict[str, RedLine]:
    """The terms that an authority's leave is part of by their definitions."""
    found: dict[str, RedLine] = {}
    for term, said in texts.items():
        if term in _TOO_COMMON or GOVERNMENT.search(term) or _NO_LEAVE.search(said):
            continue
        if ISSUED.search(said[:_ISSUED_BY]) and not PRIVATE.fullmatch(term):
            named = (line for words in (term, said) for line in LEAVE if LEAVE[line].search(words))
            found[term] = next(named, RedLine.LICENCE)
    return found


def _follow(
    texts: dict[str, str], terms: re.Pattern[str] | None, table: re.Pattern[str]
) -> set[str]:
    """The terms that are of this kind by their own words or through other terms."""
    able = {
        term: said
        for term, said in texts.items()
        if term not in _TOO_COMMON and not GOVERNMENT.search(term)
    }
    found = {term for term, said in able.items() if table.search(f"{term} {said}")}
    for _ in range(_ROUNDS):
        more = {
            term
            for term, said in able.items()
            if term not in found
            and terms is not None
            and any(hit[1] in found for hit in terms.finditer(said[:200]))
        }
        if not more:
            break
        found |= more
    return found


def _pattern(texts: dict[str, str]) -> re.Pattern[str] | None:
    if not texts:
        return None
    longest = sorted(texts, key=len, reverse=True)
    return re.compile(r"(?<![\w-])(" + "|".join(map(re.escape, longest)) + r")(?:e?s)?(?![\w-])")


def _root(path: str) -> str:
    return re.split(r"[(:]", path, maxsplit=1)[0].strip()
