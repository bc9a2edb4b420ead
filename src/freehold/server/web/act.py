"""The act page as a protocol of its own: a place's people, what to say, the log; bills read.

A place comes in the body of a request and goes into no address, no log and no file. Nothing here
fetches anything: the data is what `freehold act update` put on this machine.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from freehold.server.owned import settings_of
from freehold.server.plain import error_body, error_event
from freehold.server.protocol import Call, Path, Protocol
from freehold.server.web.document import page

if TYPE_CHECKING:
    from starlette.responses import Response

    from freehold.civic.calling.wish import CitedClause
    from freehold.server.fields import Fields


async def act(call: Call) -> Response:
    """Your people, what to say to them, what came of it."""
    return page("act", "Act", "/act")


async def reader(call: Call) -> Response:
    """A bill, read for its red lines."""
    return page("act_bill", "Read a bill", "/act")


async def begin(call: Call) -> Response:
    """What is here to choose from, or what must be fetched first."""
    from freehold.server.web.act_json import begin_json

    return JSONResponse(await asyncio.to_thread(begin_json, settings_of(call.desk).home))


async def find(call: Call) -> Response:
    """Who represents a ZIP code, or a point."""
    from freehold.actions.representatives import Place, place, representatives
    from freehold.civic.answer_json import answer_json

    home = settings_of(call.desk).home
    lat, lon = call.body.number("lat", -1e9, 1e9), call.body.number("lon", -1e9, 1e9)
    where: Place
    if lat is not None and lon is not None:
        where = lat, lon
    else:
        where = place(call.body.needed_text("zip"))
    answer = await asyncio.to_thread(representatives, home, where)
    return JSONResponse(answer_json(answer, datetime.now(UTC)))


async def outlines(call: Call) -> Response:
    """The districts of one chamber of a state, to be drawn."""
    from freehold.server.web.act_json import outlines_json

    state, chamber = call.body.needed_text("state"), call.body.needed_text("chamber")
    home = settings_of(call.desk).home
    return JSONResponse(await asyncio.to_thread(outlines_json, home, state, chamber))


async def script(call: Call) -> Response:
    """What to say to one member."""
    from freehold.actions.act_script import member_named
    from freehold.civic.calling.script import WORDS_A_MINUTE, write
    from freehold.civic.calling.sessions import session_words
    from freehold.civic.calling.wish import Ask, Form, Wish

    body = call.body
    ask = Ask(body.one_of("ask", *Ask) or Ask.SAFE_HARBOUR)
    form = Form(body.one_of("form", *Form) or Form.CALL)
    home = settings_of(call.desk).home
    member = await asyncio.to_thread(member_named, home, body.needed_text("member"))
    clause = body.object("clause")
    wish = Wish(
        ask,
        form,
        member,
        _clause(clause) if clause else None,
        body.text("name", ""),
        body.text("town", ""),
        date.today(),  # noqa: DTZ011 - a letter has its writer's date
    )
    draft = write(wish)
    session = session_words(member.seat, date.today())  # noqa: DTZ011 - the owner's own day
    return JSONResponse(
        {
            "text": draft.text,
            "seconds": draft.seconds,
            "words_a_minute": WORDS_A_MINUTE,
            "notes": [*draft.notes, *([session] if session else [])],
        }
    )


async def bill(call: Call) -> Response:
    """A bill, and an older version of it if there is one, read and classed."""
    from freehold.server.web.act_bill import read_json

    older = call.body.object("older")
    packed = [_file(call.body), *([_file(older)] if older else [])]
    settings = settings_of(call.desk)
    return JSONResponse(await asyncio.to_thread(read_json, packed, settings))


async def log(call: Call) -> Response:
    """The log, what is due first."""
    from freehold.server.web.act_json import log_json

    return JSONResponse(await asyncio.to_thread(log_json, settings_of(call.desk).home))


async def add_to_log(call: Call) -> Response:
    """Keep what came of a call."""
    from freehold.actions.act_script import member_named
    from freehold.actions.call_log import CallLog
    from freehold.civic.log.entry import Kind, Outcome

    body, home = call.body, settings_of(call.desk).home
    kind, outcome = body.one_of("kind", *Kind), body.one_of("outcome", *Outcome)
    if kind is None:
        raise body.wrong("kind", "one of " + ", ".join(Kind))
    day = body.text("follow_up")
    try:
        follow_up = date.fromisoformat(day) if day else None
    except ValueError as error:
        raise body.wrong("follow_up", "a day such as 2026-12-03") from error
    member = await asyncio.to_thread(member_named, home, body.needed_text("member"))
    entry = await asyncio.to_thread(
        CallLog(home).add,
        f"{member.title} {member.name}",
        Kind(kind),
        Outcome(outcome) if outcome else None,
        body.text("note", ""),
        follow_up,
    )
    return JSONResponse({"id": entry.id})


async def end_reminder(call: Call) -> Response:
    """Nothing more is to be asked there."""
    from freehold.actions.call_log import CallLog

    number = call.body.integer("id", 1, 1 << 31)
    if number is None:
        raise call.body.wrong("id", "given, as a whole number")
    await asyncio.to_thread(CallLog(settings_of(call.desk).home).done, number)
    return JSONResponse({"id": number})


async def erase_log(call: Call) -> Response:
    """All of it goes."""
    from freehold.actions.call_log import CallLog

    count = await asyncio.to_thread(CallLog(settings_of(call.desk).home).erase)
    return JSONResponse({"erased": count})


async def log_as(call: Call) -> Response:
    """The log as a table or a calendar."""
    from freehold.actions.call_log import CallLog
    from freehold.civic.log.exports import as_calendar, as_csv

    entries = await asyncio.to_thread(CallLog(settings_of(call.desk).home).entries)
    is_table = call.request.url.path.endswith("/csv")
    return JSONResponse({"text": as_csv(entries) if is_table else as_calendar(entries)})


def _file(body: Fields) -> tuple[bytes, str]:
    try:
        data = base64.b64decode(body.text("data", ""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise body.wrong("data", "a file in base64") from error
    return data, body.text("name", "")


def _clause(body: Fields) -> CitedClause:
    from freehold.civic.calling.wish import CitedClause
    from freehold.civic.clauses.finding import Label, RedLine

    label = body.one_of("label", *Label)
    line: Any = body.one_of("red_line", *RedLine)
    return CitedClause(
        body.text("number", ""),
        body.text("path", ""),
        body.needed_text("quote"),
        Label(label or Label.NEUTRAL),
        RedLine(line) if line else None,
    )


ACT = Protocol(
    name="act",
    paths=(
        Path("GET", "/act", act),
        Path("GET", "/act/bill", reader),
        Path("GET", "/page/act", begin),
        Path("POST", "/page/act/find", find),
        Path("POST", "/page/act/outlines", outlines),
        Path("POST", "/page/act/script", script),
        Path("POST", "/page/act/bill", bill),
        Path("GET", "/page/act/log", log, manages=True),
        Path("GET", "/page/act/log/csv", log_as, manages=True),
        Path("GET", "/page/act/log/ics", log_as, manages=True),
        Path("POST", "/page/act/log/add", add_to_log, manages=True),
        Path("POST", "/page/act/log/done", end_reminder, manages=True),
        Path("POST", "/page/act/log/erase", erase_log, manages=True),
    ),
    prefixes=("/act", "/page/act"),
    error_body=error_body,
    error_event=error_event,
)
