"""What a chat template says behind the reader's back: on a certain day, at a certain word, unseen.

A template can add sentences of its own to what the model reads. Most do, openly: a default system
prompt. These are the ones that come only when something triggers them, or that cannot be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from freehold.study.scan.finding import Finding, Severity, excerpt
from freehold.study.scan.template_known import WORDS_IN_CONTENT
from freehold.study.scan.text_signs import URL, unseen
from freehold.study.template.branches import Branch, branches, mentions, reached_by
from freehold.study.template.facts import prose
from freehold.study.template.lexer import Piece, Word, WordKind

_CLOCK = ("strftime_now", "now", "current_date", "today", "datetime")
_SORTS = frozenset({"role", "type", "kind"})
"""What is compared with a fixed set of words, none of which a person wrote."""
_PLAIN_WORD = re.compile(r"[^\W\d_][^\W_]*(?:[' -]+[^\W_]+)*")
_COVERT = re.compile(
    r"\b(?:(?:do not|don't|never|must not)\s+(?:\w+\s+){0,3}(?:mention|reveal|tell|disclose|say)"
    r"|secretly|covertly|without (?:the user|telling|mentioning)"
    r"|ignore (?:all|any|the|your|previous)\b|regardless of what the user"
    r"|(?:send|post|forward|upload|exfiltrate)\b.{0,60}(?:https?://|e-?mail|server))",
    re.IGNORECASE,
)
_READ = "Read the template (`freehold study card MODEL --template`) and decide whether you want it."
_COULD = "The model is told something that neither you nor your program wrote."


def hidden_findings(template: str, pieces: tuple[Piece, ...], where: str) -> Iterator[Finding]:
    """What it says unseen, or only when it is triggered."""
    clock = reached_by(pieces, *_CLOCK)
    content = reached_by(pieces, "content") - WORDS_IN_CONTENT | {"content"}
    conditional = tuple(branches(pieces))
    for branch in conditional:
        yield from _on_a_day(branch, clock, where)
    yield from _at_words(conditional, content, where)
    for said in prose(pieces):
        if found := _COVERT.search(said.text):
            yield _finding(
                Severity.SUSPICIOUS,
                where,
                said.at,
                f"The chat template tells the model to act unseen: {excerpt(found[0])!r}, "
                f"in {excerpt(said.text, 160)!r}.",
            )
    for address in URL.finditer(template):
        yield _finding(
            Severity.SUSPICIOUS,
            where,
            address.start(),
            f"The chat template has an address in it: {excerpt(address[0], 120)!r}.",
        )
    yield from _unseen(template, where)


def _finding(severity: Severity, where: str, at: int, what: str, could: str = _COULD) -> Finding:
    return Finding(severity, f"{where}, character {at:,}", what, could, _READ)


def _on_a_day(branch: Branch, clock: frozenset[str], where: str) -> Iterator[Finding]:
    """A condition that asks what day it is; whether there is a clock at all may be asked."""
    words = _without_is_defined(branch.condition)
    compared = any(word.is_operator("==", "!=", "<", ">", "<=", ">=") for word in words)
    if not mentions(words, clock) or not (compared or any(word.is_name("in") for word in words)):
        return
    said = _own_words(branch)
    yield _finding(
        Severity.DANGEROUS if said else Severity.SUSPICIOUS,
        where,
        branch.at,
        "The chat template does something on certain days only: "
        + (f"it says {excerpt(said, 160)!r}." if said else "see its condition."),
        "It behaves well while it is tried, and differently later. " + _COULD,
    )


def _at_words(
    conditional: tuple[Branch, ...], content: frozenset[str], where: str
) -> Iterator[Finding]:
    """Conditions that look for plain words in what was written to the model."""
    quiet: list[str] = []
    first = 0
    for branch in conditional:
        triggers = (
            list(_plain_words(branch.condition)) if mentions(branch.condition, content) else []
        )
        if triggers and (said := _own_words(branch)):
            yield _finding(
                Severity.DANGEROUS,
                where,
                branch.at,
                f"The chat template looks for {excerpt(triggers[0])!r} in the conversation, "
                f"and then says {excerpt(said, 160)!r}.",
                "One word in a question changes what the model is told. " + _COULD,
            )
        elif triggers:
            first = first or branch.at
            quiet += triggers
    if quiet:
        words = ", ".join(repr(excerpt(word, 40)) for word in dict.fromkeys(quiet))
        yield _finding(
            Severity.ODD,
            where,
            first,
            f"The chat template looks for words in the conversation, or for keys: {words}.",
            "It writes a turn in another way where it finds them.",
        )


def _own_words(branch: Branch) -> str:
    return next((said.text for said in prose(branch.body)), "")


def _without_is_defined(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words without `x is defined`, `x is not none` and the like."""
    kept: list[Word] = []
    skip = False
    for index, word in enumerate(words):
        rest = words[index + 1 : index + 2]
        if rest and rest[0].is_name("is"):
            skip = True
            continue
        if skip:
            skip = word.is_name("is", "not")
            continue
        kept.append(word)
    return tuple(kept)


def _plain_words(words: tuple[Word, ...]) -> Iterator[str]:
    """Texts in a condition that a person could write: no marks, no keys, no kinds of content."""
    for index, word in enumerate(words):
        if word.kind is not WordKind.STRING or not _PLAIN_WORD.fullmatch(word.text.strip()):
            continue
        before = words[max(0, index - 4) : index]
        sort = any(near.text in _SORTS for near in before)
        if word.text.strip() not in WORDS_IN_CONTENT and not sort and not _is_key(before):
            yield word.text.strip()


def _is_key(before: tuple[Word, ...]) -> bool:
    """Whether a text after these words picks a part of something: `x['…']`, `x.get('…')`."""
    if len(before) < 2:
        return False
    last, one = before[-1], before[-2]
    if last.is_operator("["):
        return one.is_operator("]", ")") or (one.kind is WordKind.NAME and one.text != "in")
    return last.is_operator("(") and one.is_name("get")


def _unseen(template: str, where: str) -> Iterator[Finding]:
    for found in unseen(template):
        said = f", which spell {excerpt(found.hides, 160)!r}" if found.hides else ""
        yield _finding(
            Severity.DANGEROUS if found.hides else Severity.SUSPICIOUS,
            where,
            found.at,
            f"The chat template holds {found.count:,} {found.kind}{said}.",
            "A person who reads it does not see what the model reads.",
        )
