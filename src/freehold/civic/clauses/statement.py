"""Who must, may or must not do what: one sentence taken apart at its first verb of law."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from freehold.civic.clauses.act_words import TOOL_ACTS
from freehold.civic.clauses.force_words import FORCES, LEAD, LEADING_VERB, OPENING, REFRAINS
from freehold.civic.clauses.passage import Passage
from freehold.civic.clauses.subject_words import GOVERNMENT, OTHER_LEAVE, PAPER, PRIVATE, THING


class Force(StrEnum):
    """What the law says of the act."""

    BAN = "ban"
    DUTY = "duty"
    MAY = "may"
    NONE = "none"


class Actor(StrEnum):
    """Whom it binds, roughly."""

    ANYONE = "anyone"
    GOVERNMENT = "government"
    THING = "thing"
    """`No model shall be released …`: the act has no subject, so it binds whoever does it."""
    PAPER = "paper"
    """A form, a fee, a register: what is said of it is a detail."""


@dataclass(frozen=True)
class Statement:
    """One sentence, taken apart."""

    passage: Passage
    force: Force
    subject: tuple[int, int] | None
    """Where in `words` the bound one is named."""
    actor: Actor
    act_from: int
    """Where in `words` what follows the verb of law begins."""

    @property
    def words(self) -> str:
        """All of it with the words above, normalised."""
        return self.passage.words

    @property
    def own(self) -> str:
        """Without the words above."""
        return self.passage.own

    @property
    def heading(self) -> str:
        """The headings over it, normalised."""
        return self.passage.heading_words

    @property
    def who(self) -> str:
        """The bound one, normalised; nothing where nobody is named."""
        return self.words[slice(*self.subject)].strip() if self.subject else ""

    @property
    def who_verbatim(self) -> str:
        """The bound one, as it stands; `No person` with its no."""
        if not self.subject:
            return ""
        start, end = self.subject
        start -= 3 if self.words[max(0, start - 3) : start] == "no " else 0
        return self.passage.plain[start:end].strip(" ,—-")

    @cached_property
    def act(self) -> str:
        """What follows the verb of law, without the licences of other kinds."""
        said = OTHER_LEAVE.sub(_blank, self.words[self.act_from :])
        if len(said) < 4 and self.subject:  # `Operation of a model … is prohibited.`
            said = OTHER_LEAVE.sub(_blank, self.words[self.subject[0] : self.act_from])
        lead = LEAD.match(said)
        return said[lead.end() :] if lead else said

    @cached_property
    def own_act(self) -> str:
        """What the clause's own words say is to be done, the verb of law being above them."""
        if self.act_from >= self.passage.own_from:
            return self.act
        said = OPENING.sub("", OTHER_LEAVE.sub(_blank, self.own))
        lead = LEAD.match(said)
        return said[lead.end() :] if lead else said

    @cached_property
    def clean(self) -> str:
        """All the words, without the licences of other kinds."""
        return OTHER_LEAVE.sub(_blank, self.words)

    @property
    def binds(self) -> bool:
        """Whether it lays something on people or on what they make, not on an authority."""
        return self.force in (Force.BAN, Force.DUTY) and self.actor in (Actor.ANYONE, Actor.THING)

    @property
    def empowers(self) -> bool:
        """Whether an authority is to do something, or may."""
        return self.force in (Force.DUTY, Force.MAY) and self.actor is Actor.GOVERNMENT

    def does(self, start: int = 0, end: int | None = None) -> bool:
        """Whether the act, or a part of it, is one on a tool."""
        return TOOL_ACTS.search(self.act[start:end]) is not None


def read_statement(passage: Passage) -> Statement:
    """Take it apart."""
    words = passage.words
    found = _own_force(words, passage.own_from) or _first_force(words)
    if found is None:
        goes_on = LEADING_VERB.match(OPENING.sub("", passage.own)) is not None
        force = Force.DUTY if goes_on else Force.NONE
        return Statement(passage, force, None, Actor.THING, passage.own_from)
    force, subject, act_from = found
    if force is Force.DUTY and act_from < passage.own_from and REFRAINS.match(passage.own):
        force = Force.BAN
    return Statement(passage, force, subject, _actor(words[slice(*subject)]), act_from)


_Found = tuple[Force, tuple[int, int], int]


def _own_force(words: str, own_from: int) -> _Found | None:
    """The clause's own verb of law, where it has a subject of its own: it need not go on."""
    if not own_from:
        return None
    found = _first_force(words, own_from)
    if found is None:
        return None
    start, end = found[1]
    named = words[start:end]
    own = start >= own_from and words[own_from:start].count(" ") < 12 and len(named.strip()) > 2
    return found if own and not _RELATIVE.search(words[own_from:end]) else None


def _first_force(words: str, begin: int = 0) -> _Found | None:
    """The first verb of law with a subject of its own; `if … may …` before it is a condition."""
    for found in FORCES.finditer(words, begin):
        if found["nobody"] is not None:
            return Force.BAN, found.span("nobody"), found.end()
        force = Force.BAN if found["ban"] else Force.DUTY if found["duty"] else Force.MAY
        for group in ("for", "felon"):
            if found[group]:
                return force, found.span(group), found.end()
        subject = _subject(words, found.start(), begin)
        if _is_aside(words, subject[0], found.start(), found.end()):
            continue
        return force, subject, found.end()
    return None


_RELATIVE = re.compile(r"\b(?:that|which|who|whether|if)\b[^,]*$")
_ASIDE = re.compile(r"(?:\b(?:that|which|who|whom|where|when|if|as|whether|what|it)\s*)$")
_CONDITION = re.compile(r"^(?:\(\w{1,4}\) )*(?:if|when|whenever|where|in (?:any|the) case)\b")


def _is_aside(words: str, start: int, verb: int, end: int) -> bool:
    """Whether the verb belongs to `which may …` or `if …`, and a main verb comes later."""
    later = FORCES.search(words, end)
    if later is None:
        return False
    return bool(_ASIDE.search(words[start:verb]) or _CONDITION.match(words[start:verb].lstrip()))


def _subject(words: str, verb: int, floor: int) -> tuple[int, int]:
    """The last stretch before the verb that names somebody, back to a comma, else to `floor`."""
    begin = max(floor, *(words.rfind(mark, 0, verb) + 1 for mark in (". ", "; ", ": ")))
    begin += len(words[begin:verb]) - len(words[begin:verb].lstrip())
    opening = OPENING.match(words[begin:verb])
    begin += opening.end() if opening else 0
    start, pieces = begin, words[begin:verb].split(", ")
    place, named = verb, (begin, verb)
    if pieces[-1].strip() == "it":  # `except under a permit from the board, it is unlawful to …`
        return verb - len(pieces[-1]), verb
    for piece in reversed(pieces):
        place -= len(piece)
        if GOVERNMENT.search(piece) or PRIVATE.search(piece) or PAPER.search(piece):
            named = (max(place, start), verb if piece is pieces[-1] else place + len(piece))
            break
        place -= 2
    return named


_HEAD = re.compile(r"\b(?:that|which|who|whose|with|of|in|for|under|operating|doing|engaged|to)\b")


_PLACES = re.compile(
    r"\b(?:in|of|from|within|into|to|throughout|outside|by|under the laws of) (?:this|the|any"
    r"|another|such|that) "
    r"(?:state|commonwealth|country|territory|united states|district|province)\b(?! (?:agenc"
    r"|department"
    r"|board|officer|government|librar|treasur))"
)
"""Where somebody is, which makes nobody an authority."""


def _actor(subject: str) -> Actor:
    """By whichever kind of word comes first before the subject's own asides."""
    subject = _PLACES.sub(_blank, subject)
    aside = _HEAD.search(subject, 4)
    head = subject[: aside.start()] if aside else subject
    if PRIVATE.search(GOVERNMENT.sub("", head)) and _EITHER.search(head):
        return Actor.ANYONE
    for part in (head, subject):
        places = {
            actor: found.start()
            for actor, table in _KINDS
            if (found := table.search(part)) is not None
        }
        if places:
            return min(places, key=lambda each: (places[each], _RANK[each]))
    return Actor.THING


_EITHER = re.compile(
    r"\b(?:or|and) (?:an?y? )?(?:other )?(?:private|person|individual|entity|business|company)"
)
_KINDS = (
    (Actor.GOVERNMENT, GOVERNMENT),
    (Actor.ANYONE, PRIVATE),
    (Actor.PAPER, PAPER),
    (Actor.THING, THING),
)
_RANK = {Actor.GOVERNMENT: 0, Actor.ANYONE: 1, Actor.PAPER: 2, Actor.THING: 3}


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])
