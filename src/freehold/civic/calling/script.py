"""The draft: one issue, whose constituent speaks, the clause in its own words, one question.

Plain and courteous, and the same for a member of any party. Spoken forms are short: a call under a
minute, a voicemail under half of one, at 150 words a minute.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from freehold.civic.calling.wish import ABOUT_A_BILL, Ask, CitedClause, Form, Wish
from freehold.civic.clauses.finding import RedLine
from freehold.errors import UsageError

WORDS_A_MINUTE = 150
"""How fast people read aloud on the telephone."""
LONGEST_QUOTE = 45
"""Words of a clause that are read out; the rest is left to the reader, marked by an ellipsis."""
_IN_A_VOICEMAIL = 18
_BLANK_NAME, _BLANK_TOWN = "[your name]", "[your town]"

_MEANS = {
    RedLine.LICENCE: "people would need a licence merely to own or run a model",
    RedLine.REGISTRATION: "people would have to register or identify themselves to run a model",
    RedLine.PRECLEARANCE: "a model could not be released before somebody clears it",
    RedLine.CERTIFIED_ONLY: "only certified models could be run",
    RedLine.IMPORT_EXPORT: "models could not be brought in or sent out freely",
    RedLine.CLOUD_ONLY: "models could only be used through a provider's service",
    RedLine.SHUTDOWN: "a way to switch models off from afar would have to be built in",
}
_WHY = (
    "I run an AI model on my own computer. What I do with it is bound by the law like anything "
    "else, and fraud, harassment and abuse should stay crimes."
)
_ONE_THING = "AI models that people own and run on their own computers."
_SHORT_WHY = "I run an AI model on my own computer; harmful use should stay illegal."
_HARBOUR = (
    "Please support words in the law that people may own, run, study, change and share AI models "
    "on their own hardware without a licence, a registration or prior approval."
)


@dataclass(frozen=True)
class Draft:
    """What to say, ready to be changed by whoever says it."""

    text: str
    form: Form

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())

    @property
    def seconds(self) -> int | None:
        """How long it takes to read aloud; None for what is written."""
        if not self.form.is_spoken:
            return None
        return round(self.words / WORDS_A_MINUTE * 60)


def write(wish: Wish) -> Draft:
    """The draft. Raises UsageError when a clause is needed and none is given."""
    if wish.ask in ABOUT_A_BILL and wish.clause is None:
        raise UsageError(
            f"To {wish.ask}, there must be a clause to speak of.",
            "Give the bill: --bill FILE. Without one, ask for the safe harbour.",
        )
    makers = {
        Form.CALL: _call,
        Form.VOICEMAIL: _voicemail,
        Form.EMAIL: _email,
        Form.LETTER: _letter,
    }
    return Draft("\n\n".join(part for part in makers[wish.form](wish) if part), wish.form)


def shortened(quote: str, most: int = LONGEST_QUOTE) -> str:
    """A clause's words on one line; a long one ends in an ellipsis, cut between words."""
    words = quote.split()
    return " ".join(words) if len(words) <= most else " ".join(words[:most]) + " …"


def _call(wish: Wish) -> list[str]:
    return [
        _greeting(wish),
        _WHY,
        _clause(wish.clause, LONGEST_QUOTE),
        _request(wish),
        _question(wish),
        "Thank you for your time.",
    ]


def _greeting(wish: Wish) -> str:
    return (
        f"Hello, my name is {_name(wish)} and I live in {_town(wish)}. I am calling {_to(wish)} "
        "as a constituent, about one thing: AI models that people run on their own computers."
    )


def _voicemail(wish: Wish) -> list[str]:
    return [
        f"Hello, this is {_name(wish)} from {_town(wish)}, a constituent, for {_to(wish)}. "
        + _SHORT_WHY,
        _clause(wish.clause, _IN_A_VOICEMAIL, short=True),
        _short_request(wish),
        "Please tell me where you stand. My number is [your number]. Thank you.",
    ]


def _email(wish: Wish) -> list[str]:
    return [f"Subject: {_subject(wish)}", f"Dear {_addressed(wish)},", *_body(wish), _close(wish)]


def _letter(wish: Wish) -> list[str]:
    day = f"{wish.on:%B} {wish.on.day}, {wish.on.year}" if wish.on else "[date]"
    return [
        f"{_name(wish)}\n[your address, if you want an answer by post]",
        day,
        _address_block(wish),
        f"Re: {_subject(wish)}",
        f"Dear {_addressed(wish)}:",
        *_body(wish),
        _close(wish),
    ]


def _body(wish: Wish) -> list[str]:
    return [
        f"I live in {_town(wish)} and am one of your constituents. I write about one thing: "
        + _ONE_THING,
        _WHY,
        _clause(wish.clause, 4 * LONGEST_QUOTE),
        _request(wish),
        _question(wish),
    ]


def _clause(clause: CitedClause | None, most: int, *, short: bool = False) -> str:
    if clause is None:
        return ""
    quoted = f"“{shortened(clause.quote, most)}”"
    if short:
        return f"{_place(clause)} says: {quoted}."
    meaning = _MEANS.get(clause.red_line) if clause.red_line else None
    said = f"{_place(clause)} says: {quoted}."
    return f"{said} As I read it, {meaning}." if meaning else said


def _place(clause: CitedClause) -> str:
    path = re.sub(r"^§\s*", "Section ", clause.path)
    return f"{path} of {clause.bill}" if path else clause.bill.capitalize()


def _request(wish: Wish) -> str:
    match wish.ask:
        case Ask.OPPOSE:
            return (
                "Please oppose that clause, or have it amended so that harmful use is what is "
                "punished and merely owning or running a model needs nobody's leave."
            )
        case Ask.SUPPORT:
            return "Please support that clause, and keep it as it is."
        case Ask.SAFE_HARBOUR:
            return _HARBOUR
        case Ask.POSITION:
            return ""


def _short_request(wish: Wish) -> str:
    match wish.ask:
        case Ask.OPPOSE:
            return "Please oppose it or have it amended."
        case Ask.SUPPORT:
            return "Please support it."
        case Ask.SAFE_HARBOUR:
            return "Please support a safe harbour: no licence to own or run a model."
        case Ask.POSITION:
            return ""


def _question(wish: Wish) -> str:
    about = "on that clause" if wish.clause else "on people's right to own and run AI models"
    member = f"{wish.member.title} {wish.member.family_name}" if wish.member else None
    if wish.form is Form.CALL:
        return f"Where does {member or 'the member'} stand {about}?"
    return f"Where do you stand {about}? I would be glad of an answer."


def _subject(wish: Wish) -> str:
    if wish.clause:
        return f"{_place(wish.clause)} and AI models on people's own computers"
    return "People's right to own and run AI models"


def _name(wish: Wish) -> str:
    return wish.name.strip() or _BLANK_NAME


def _town(wish: Wish) -> str:
    return wish.town.strip() or _BLANK_TOWN


def _to(wish: Wish) -> str:
    return f"{wish.member.title} {wish.member.family_name}" if wish.member else "[the member]"


def _addressed(wish: Wish) -> str:
    return f"{wish.member.title} {wish.member.family_name}" if wish.member else "[member]"


def _address_block(wish: Wish) -> str:
    if wish.member is None:
        return "[the member's office address]"
    where = next((each.address for each in wish.member.public_offices if each.address), None)
    return f"The Honorable {wish.member.name}\n{where or '[office address]'}"


def _close(wish: Wish) -> str:
    return f"Sincerely,\n{_name(wish)}\n{_town(wish)}"
