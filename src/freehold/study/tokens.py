"""How a model cuts a text: its tokens with their ids and bytes, and two models' cuts compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from freehold.errors import UsageError
from freehold.study.subject import Subject


@dataclass(frozen=True)
class Token:
    """One token of a text."""

    id: int
    piece: bytes
    shown: str
    """As a person can see it."""
    special: bool
    """A mark for the model, not text."""


@dataclass(frozen=True)
class Cut:
    """A text as one model reads it."""

    model: str
    text: str
    tokens: tuple[Token, ...]
    """The mark that begins a prompt included, where the model wants one."""

    @property
    def written(self) -> tuple[Token, ...]:
        """The tokens that stand for text: all but a mark put before it."""
        return self.tokens[self._added :]

    @property
    def bytes_per_token(self) -> float:
        """Of the text, in UTF-8."""
        return len(self.text.encode()) / max(1, len(self.written))

    @property
    def _added(self) -> int:
        first = self.tokens[0] if self.tokens else None
        there = first is not None and self.text.encode().startswith(first.piece)
        return int(first is not None and first.special and not there)


@dataclass(frozen=True)
class Difference:
    """A stretch of the text that two models cut differently."""

    start: int
    """Its first byte in the text."""
    text: str
    one: tuple[Token, ...]
    other: tuple[Token, ...]


@dataclass(frozen=True)
class Comparison:
    """One text, cut by two models."""

    one: Cut
    other: Cut
    same_vocabulary: bool
    """Whether an id means the same in both."""
    differences: tuple[Difference, ...] | None
    """None where one of them changes the text while it cuts, so that bytes cannot be matched."""


def cut(subject: Subject, text: str, *, special: bool = False) -> Cut:
    """Cut a text as the model gets it. Raises UsageError for an empty one.

    With `special`, marks such as `<|im_end|>` are read as the tokens they name.
    """
    ids = subject.tokenize(text, special=special)
    if not text or not ids:
        raise UsageError("The text is empty.", "Give some to look at.")
    return Cut(subject.name, text, tuple(token_of(subject, each) for each in ids))


def token_of(subject: Subject, token: int) -> Token:
    """A token with its bytes."""
    special = subject.vocabulary.is_special(token)
    return Token(token, subject.piece(token), subject.show(token), special)


def compare_cuts(subject: Subject, one: Cut, against: Subject, other: Cut) -> Comparison:
    """Where two models cut the same text in different places."""
    same = subject.vocabulary.same_as(against.vocabulary)
    ends = _ends(one), _ends(other)
    if None in ends:
        return Comparison(one, other, same, None)
    return Comparison(one, other, same, tuple(_differences(one, other)))


def _ends(cut: Cut) -> tuple[int, ...] | None:
    """Where each token ends, in bytes of the text; None when the tokens do not spell the text.

    A space that the tokenizer puts before a text, as SentencePiece may, is not counted.
    """
    pieces = [token.piece for token in cut.written]
    spelled, text = b"".join(pieces), cut.text.encode()
    if spelled not in {text, b" " + text}:
        return None
    before = len(spelled) - len(text)
    return tuple(max(0, end - before) for end in accumulate(map(len, pieces)))


def _differences(one: Cut, other: Cut) -> Iterator[Difference]:
    """Between two places where both cut, one of them cuts once more."""
    text = one.text.encode()
    ends, others = _ends(one) or (), _ends(other) or ()
    shared = sorted({*ends} & {*others})
    start = at = there = 0
    for end in shared:
        to, go = _past(ends, end, at), _past(others, end, there)
        mine, theirs = one.written[at:to], other.written[there:go]
        if to - at > 1 or go - there > 1:
            shown = text[start:end].decode("utf-8", "replace")
            yield Difference(start, shown, mine, theirs)
        start, at, there = end, to, go


def _past(ends: Sequence[int], end: int, at: int) -> int:
    """The first token from `at` on that ends after `end`."""
    while at < len(ends) and ends[at] <= end:
        at += 1
    return at
