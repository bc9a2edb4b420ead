"""One call, voicemail, e-mail, letter or answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from freehold.errors import UsageError

_LONGEST = 2000


class Kind(StrEnum):
    """What was done, or came back."""

    CALL = "call"
    VOICEMAIL = "voicemail"
    EMAIL = "email"
    LETTER = "letter"
    ANSWER = "answer"


class Outcome(StrEnum):
    """How it went."""

    SPOKE = "spoke"
    NO_ANSWER = "no-answer"
    LEFT = "left"
    """A message was left, a letter sent."""
    WITH_US = "with-us"
    AGAINST = "against"
    UNDECIDED = "undecided"


KIND_WORDS = {
    Kind.CALL: "called",
    Kind.VOICEMAIL: "left a voicemail",
    Kind.EMAIL: "e-mailed",
    Kind.LETTER: "wrote a letter",
    Kind.ANSWER: "got an answer",
}
OUTCOME_WORDS = {
    Outcome.SPOKE: "spoke with somebody",
    Outcome.NO_ANSWER: "nobody answered",
    Outcome.LEFT: "left or sent",
    Outcome.WITH_US: "they are with us",
    Outcome.AGAINST: "they are against it",
    Outcome.UNDECIDED: "they are undecided",
}


@dataclass(frozen=True)
class Entry:
    """One line of the log. It holds whom was reached and what was said, and no place."""

    id: int
    on: datetime
    """UTC."""
    member: str
    """As they are addressed: `Senator Jared Olsen`."""
    kind: Kind
    outcome: Outcome | None = None
    note: str = ""
    follow_up: date | None = None
    """The day to ask again; None when there is nothing to be done."""

    def is_due(self, today: date) -> bool:
        """Whether the day to ask again has come."""
        return self.follow_up is not None and self.follow_up <= today


def checked_note(text: str) -> str:
    """A note on one line. Raises UsageError when it is longer than anyone writes."""
    whole = text.encode("utf-8", "replace").decode()
    note = " ".join("".join(sign if sign.isprintable() else " " for sign in whole).split())
    if len(note) > _LONGEST:
        raise UsageError(f"A note has {_LONGEST:,} characters at most.", "Shorten it.")
    return note


def as_json(entry: Entry) -> dict[str, Any]:
    """An entry as it is kept."""
    return {
        "id": entry.id,
        "on": entry.on.isoformat(timespec="seconds"),
        "member": entry.member,
        "kind": entry.kind.value,
        "outcome": entry.outcome.value if entry.outcome else None,
        "note": entry.note,
        "follow_up": entry.follow_up.isoformat() if entry.follow_up else None,
    }


def from_json(row: dict[str, Any]) -> Entry:
    """The entry again. Raises ValueError, KeyError or TypeError on anything else."""
    outcome, day = row["outcome"], row["follow_up"]
    return Entry(
        int(row["id"]),
        datetime.fromisoformat(row["on"]),
        str(row["member"]),
        Kind(row["kind"]),
        Outcome(outcome) if outcome else None,
        str(row["note"]),
        date.fromisoformat(day) if day else None,
    )
