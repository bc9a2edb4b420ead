"""The draft: one issue, whose constituent speaks, the clause in its own words, one question.

Plain and courteous, and the same for a member of any party. Spoken forms are short: a call under a
minute, a voicemail under half of one, at 150 words a minute.
"""

from __future__ import annotations

from dataclasses import dataclass

from freehold.civic.calling.quoting import LONGEST_QUOTE
from freehold.civic.calling.sentences import BLANK_PHONE, parts
from freehold.civic.calling.wish import ABOUT_A_BILL, Form, Wish
from freehold.errors import UsageError

WORDS_A_MINUTE = 150
"""How fast people read aloud on the telephone."""
_NUMBER_DIGITS = 7
_FEWEST = 8
"""Fewer words of a clause than these say nothing: then only its section is named."""


@dataclass(frozen=True)
class Draft:
    """What to say, ready to be changed by whoever says it."""

    text: str
    form: Form
    notes: tuple[str, ...] = ()
    """For whoever says it, never to be read out."""

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())

    @property
    def seconds(self) -> int | None:
        """How long it takes to read aloud; None for what is written."""
        if not self.form.is_spoken:
            return None
        return round(_said(self.text) / WORDS_A_MINUTE * 60)


def write(wish: Wish) -> Draft:
    """The draft, cut to its form's time. Raises UsageError when there is no bill to speak of."""
    if wish.ask in ABOUT_A_BILL and wish.clause is None and not wish.bill:
        raise UsageError(
            f"To {wish.ask}, there must be a bill to speak of.",
            "Give the bill: --bill FILE. Without one, ask for the safe harbour.",
        )
    longest = LONGEST_QUOTE if wish.form.is_spoken else 4 * LONGEST_QUOTE
    while True:
        draft = _of_length(wish, longest)
        if not longest or (draft.seconds or 0) <= (wish.form.most_seconds or 0):
            return draft
        longest = max(longest - 3, 0) if longest > _FEWEST else 0


def _of_length(wish: Wish, longest: int) -> Draft:
    """The draft with so many words of the clause, none when that is 0."""
    text = "\n\n".join(parts(wish, longest))
    draft = Draft(text, wish.form, wish.clause.notes if wish.clause else ())
    notes = list(draft.notes)
    if wish.clause and " ".join(wish.clause.quote.split()) not in text:
        notes.append("The clause is not said in full: read all of it in the bill first.")
    most = wish.form.most_seconds
    if most and (draft.seconds or 0) > most:
        notes.append(f"It takes more than {most} seconds: leave something out.")
    return Draft(text, wish.form, tuple(notes))


def _said(text: str) -> int:
    """Words as they are heard: a telephone number is said digit by digit."""
    words = text.replace(BLANK_PHONE, "000-000-0000").split()
    digits = (sum(sign.isdigit() for sign in word) for word in words)
    return sum(count if count >= _NUMBER_DIGITS else 1 for count in digits)
