"""The sentences of a script, and how each form puts them together.

They say what the bill says in its words, what its reader may take it to mean, and what is asked. Of
whoever speaks they say nothing but what was given.
"""

from __future__ import annotations

import re

from freehold.civic.calling.quoting import shortened
from freehold.civic.calling.wish import Ask, CitedClause, Form, Wish
from freehold.civic.clauses.finding import RedLine

_BLANK_NAME, _BLANK_TOWN = "[your name]", "[your town]"
BLANK_PHONE = "[your number]"
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
_REASON = "[your reason, in your own words]"


def parts(wish: Wish, longest: int) -> list[str]:
    """The paragraphs of a draft, with so many words of the clause, none when that is 0."""
    makers = {
        Form.CALL: _call,
        Form.VOICEMAIL: _voicemail,
        Form.EMAIL: _email,
        Form.LETTER: _letter,
    }
    return [part for part in makers[wish.form](wish, longest) if part]


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
    if "→" in path:  # a section that the bill writes into another law
        path = re.sub(r"\s*→\s*§+\s*", ", adding section ", path) + ","
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
    return wish.phone.strip() or BLANK_PHONE


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
