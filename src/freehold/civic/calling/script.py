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
_NUMBER_DIGITS = 7
_FEWEST = 8
"""Fewer words of a clause than these say nothing: then only its section is named."""
_BLANK_NAME, _BLANK_TOWN, _BLANK_PHONE = "[your name]", "[your town]", "[your number]"
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)

_MEANS = {
    RedLine.LICENCE: "whoever it covers would need a license first",
    RedLine.REGISTRATION: "whoever it covers would have to register or identify themselves first",
    RedLine.PRECLEARANCE: "whoever it covers could not release a model before it is cleared",
    RedLine.CERTIFIED_ONLY: "only certified models could be used",
    RedLine.IMPORT_EXPORT: "models could not be brought in or sent out freely",
    RedLine.CLOUD_ONLY: "models could only be used through a provider's service",
    RedLine.SHUTDOWN: "a means to switch models off, or to get into them, would be built in",
}
"""How a caller may read a clause. Whom it covers is for the clause to say."""
_WHY = (
    "It should stay legal to run an AI model on one's own computer. Fraud, harassment and abuse "
    "should stay crimes, whatever tool was used."
)
_ONE_THING = "AI models that people own and run on their own computers."
_SHORT_WHY = "It is about AI models that people run on their own computers."
_HARBOR = (
    "Please support words in the law that people may own, run, study, change and share AI models "
    "on their own hardware without a license, a registration or prior approval."
)
_CONDITIONS = frozenset({"unless", "except", "until", "without", "if", "provided"})
_REASON = "[your reason, in your own words]"


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
    makers = {
        Form.CALL: _call,
        Form.VOICEMAIL: _voicemail,
        Form.EMAIL: _email,
        Form.LETTER: _letter,
    }
    text = "\n\n".join(part for part in makers[wish.form](wish, longest) if part)
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
    words = text.replace(_BLANK_PHONE, "000-000-0000").split()
    digits = (sum(sign.isdigit() for sign in word) for word in words)
    return sum(count if count >= _NUMBER_DIGITS else 1 for count in digits)


def shortened(quote: str, most: int = LONGEST_QUOTE) -> str:
    """A clause's words on one line; a long one cut between words, with an ellipsis.

    A condition further on (`unless …`) may turn it round, so what is kept has the first such too.
    """
    words = quote.split()
    if len(words) <= most:
        return " ".join(words)
    turn = next((at for at, word in enumerate(words) if word.lower() in _CONDITIONS), 0)
    head = most if turn < most // 2 else most // 2
    if head == most or turn <= head:
        return " ".join(words[:most]) + " …"
    end = turn + most - head
    parts = [" ".join(words[:head]), " ".join(words[turn:end])]
    return " … ".join(parts) + (" …" if end < len(words) else "")


def _call(wish: Wish, longest: int) -> list[str]:
    return [
        _greeting(wish),
        _clause(wish, longest),
        _WHY,
        _request(wish),
        _question(wish),
        "Thank you for your time.",
    ]


def _greeting(wish: Wish) -> str:
    return (
        f"Hello, my name is {_name(wish)} and I live in {_town(wish)}. I am calling {_to(wish)} "
        "as a constituent, about one thing: AI models that people run on their own computers."
    )


def _voicemail(wish: Wish, longest: int) -> list[str]:
    return [
        f"Hello, this is {_name(wish)} from {_town(wish)}, a constituent, for {_to(wish)}. "
        + _SHORT_WHY,
        _clause(wish, longest, short=True),
        _short_request(wish),
        f"Please tell me where you stand. My number is {_phone(wish)}. Thank you.",
    ]


def _email(wish: Wish, longest: int) -> list[str]:
    body = _body(wish, longest)
    return [f"Subject: {_subject(wish)}", f"Dear {_addressed(wish)},", *body, _close(wish)]


def _letter(wish: Wish, longest: int) -> list[str]:
    day = f"{_MONTHS[wish.on.month - 1]} {wish.on.day}, {wish.on.year}" if wish.on else "[date]"
    return [
        f"{_name(wish)}\n[your address, if you want an answer by post]",
        day,
        _address_block(wish),
        f"Re: {_subject(wish)}",
        f"Dear {_addressed(wish)}:",
        *_body(wish, longest),
        _close(wish),
    ]


def _body(wish: Wish, longest: int) -> list[str]:
    return [
        f"I live in {_town(wish)} and am one of your constituents. I write about one thing: "
        + _ONE_THING,
        _clause(wish, longest),
        _WHY,
        _request(wish),
        _question(wish),
    ]


def _clause(wish: Wish, most: int, *, short: bool = False) -> str:
    clause = wish.clause
    if clause is None:
        return _about(wish, wish.bill)
    quote = shortened(clause.quote, most)
    # too little time: a voicemail has a clause whole or not at all
    if not most or (short and len(quote) < len(shortened(clause.quote, 10_000))):
        return _about(wish, _place(clause, "section"))
    end = "" if quote.endswith((".", "…")) else "."
    said = f"{_place(clause)} says: “{quote}”{end}"
    meaning = _MEANS.get(clause.red_line) if clause.red_line and not short else None
    return f"{said} As I read it, {meaning}." if meaning else said


def _about(wish: Wish, what: str) -> str:
    if not what:
        return ""
    return f"I am calling about {what}." if wish.form.is_spoken else f"It is about {what}."


def _place(clause: CitedClause, section: str = "Section") -> str:
    path = re.sub(r"^§+\s*", f"{section} ", clause.path)
    if path:
        return f"{path} of {clause.bill}"
    return clause.bill[:1].upper() + clause.bill[1:]


def _request(wish: Wish) -> str:
    is_named = wish.clause is not None
    match wish.ask:
        case Ask.OPPOSE if is_named:
            return (
                "Please oppose that clause, or have it amended so that harmful use is what is "
                "punished and merely owning or running a model needs nobody's leave."
            )
        case Ask.OPPOSE:
            return f"Please oppose it, because {_REASON}."
        case Ask.SUPPORT if is_named:
            return (
                "Please support that clause, and keep it as it is. If you do so already: thank you."
            )
        case Ask.SUPPORT:
            return f"Please support it, because {_REASON}. If you do so already: thank you."
        case Ask.SAFE_HARBOUR:
            return _HARBOR
        case Ask.POSITION:
            return ""


def _short_request(wish: Wish) -> str:
    match wish.ask:
        case Ask.OPPOSE:
            return "Please oppose it or have it amended."
        case Ask.SUPPORT:
            return "Please support it."
        case Ask.SAFE_HARBOUR:
            return "Please support a safe harbor: no license to own or run a model."
        case Ask.POSITION:
            return ""


def _question(wish: Wish) -> str:
    about = "on people's right to own and run AI models"
    if wish.ask is not Ask.SAFE_HARBOUR and (wish.clause or wish.bill):
        about = "on that clause" if wish.clause else "on it"
    member = f"{wish.member.title} {wish.member.family_name}" if wish.member else None
    if wish.form is Form.CALL:
        return f"Where does {member or 'the member'} stand {about}?"
    return f"Where do you stand {about}? I would be glad of an answer."


def _subject(wish: Wish) -> str:
    if wish.clause:
        return f"{_place(wish.clause)} and AI models on people's own computers"
    if wish.bill:
        return f"{wish.bill[:1].upper()}{wish.bill[1:]} and AI models on people's own computers"
    return "People's right to own and run AI models"


def _name(wish: Wish) -> str:
    return wish.name.strip() or _BLANK_NAME


def _phone(wish: Wish) -> str:
    return wish.phone.strip() or _BLANK_PHONE


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
