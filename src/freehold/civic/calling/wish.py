"""What somebody wants to say: to whom, about what, in which form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from freehold.civic.clauses.finding import Label, RedLine
from freehold.civic.people.member import Member


class Ask(StrEnum):
    """The one thing that is asked of a member."""

    SAFE_HARBOUR = "safe-harbour"
    """Words in the law that owning and running a model needs nobody's leave."""
    OPPOSE = "oppose"
    """That they oppose a clause, or have it amended."""
    SUPPORT = "support"
    """That they support a clause that protects the right."""
    POSITION = "where-do-you-stand"
    """Only where they stand."""


class Form(StrEnum):
    """How it is said."""

    CALL = "call"
    VOICEMAIL = "voicemail"
    EMAIL = "email"
    LETTER = "letter"

    @property
    def is_spoken(self) -> bool:
        """Whether it is read aloud."""
        return self in {Form.CALL, Form.VOICEMAIL}

    @property
    def most_seconds(self) -> int | None:
        """How long it may take to say; None for what is read."""
        return {Form.CALL: 59, Form.VOICEMAIL: 29}.get(self)


ASK_WORDS = {
    Ask.SAFE_HARBOUR: "Ask for a safe harbour in the law",
    Ask.OPPOSE: "Ask them to oppose or amend a clause",
    Ask.SUPPORT: "Ask them to support a clause",
    Ask.POSITION: "Ask where they stand",
}
FORM_WORDS = {
    Form.CALL: "A call",
    Form.VOICEMAIL: "A voicemail",
    Form.EMAIL: "An e-mail",
    Form.LETTER: "A letter",
}
ABOUT_A_BILL = frozenset({Ask.OPPOSE, Ask.SUPPORT})
"""What makes sense only of a clause."""


LAWS = ("bill", "amendment")
"""What there is a draft of."""


@dataclass(frozen=True)
class CitedClause:
    """The clause that is spoken of, with its own words."""

    number: str
    """`S. 2938`; empty where the bill has none."""
    path: str
    """`§ 4(b)`."""
    quote: str
    """Its words, and before them, past an ellipsis, those above that it goes on from."""
    label: Label
    red_line: RedLine | None = None
    notes: tuple[str, ...] = ()
    """What to read before speaking of it: whom it binds, from what size on, who is taken out."""

    @property
    def bill(self) -> str:
        """What to call the bill in a sentence."""
        return self.number or "the bill"


@dataclass(frozen=True)
class Wish:
    """Everything that a draft is made of. What is not known becomes a blank to fill."""

    ask: Ask
    form: Form
    member: Member | None = None
    clause: CitedClause | None = None
    name: str = ""
    """Of the one who speaks."""
    town: str = ""
    on: date | None = None
    """The date of a letter."""
    bill: str = ""
    """What to call a bill that was read and has no such clause."""
    phone: str = ""
    """Where to call them back, said on a voicemail."""
