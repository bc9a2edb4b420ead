"""Script: whom it is for, which clause it is about, and its words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.actions.civic_files import INDEX
from freehold.civic.calling.quoting import shortened
from freehold.civic.calling.wish import ABOUT_A_BILL, Ask, CitedClause
from freehold.civic.clauses.finding import Label
from freehold.civic.people.finding import find_member
from freehold.errors import NotFound, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from freehold.civic.answer import DataAge
    from freehold.civic.bills.bill import Bill
    from freehold.civic.clauses.finding import Finding
    from freehold.civic.clauses.report import Report
    from freehold.civic.people.member import Member

NO_RED_LINE = "No red line was found in this bill by the rules that read it."
_TITLE_WORDS = 14
_LONG_NUMBER = 1e12


@dataclass(frozen=True)
class Subject:
    """What a bill gives a script to speak of."""

    bill: str
    clause: CitedClause | None
    ask: Ask
    """As it was wished, else what suits the clause."""
    notes: tuple[str, ...] = ()
    """What was not found."""


def data_ages(home: Path) -> tuple[DataAge, ...]:
    """How old the public data here is; empty without any. Raises StorageError."""
    from freehold.civic.index.index import CivicIndex

    if not (home / INDEX).exists():
        return ()
    with CivicIndex(home / INDEX) as index:
        return index.datasets()


def members_listed(home: Path, document: bytes) -> tuple[Member, ...]:
    """Everyone in what `freehold act reps --json` printed, found again here by their ids.

    Raises UsageError for what is no such document, NotFound when nobody of it is in the data.
    """
    from freehold.civic.index.index import CivicIndex

    try:
        ids = list(dict.fromkeys(_ids(json.loads(document))))
    except (ValueError, RecursionError) as error:
        raise UsageError(
            "Standard input has no list of members.",
            "freehold act reps ZIP --json | freehold act script -",
        ) from error
    with CivicIndex(home / INDEX) as index:
        found = tuple(member for each in ids if (member := index.member(each)))
    if not found:
        raise NotFound("Nobody in that list is in the data here.", "freehold act reps ZIP --json")
    return found


def _ids(value: object) -> Iterator[str]:
    """The ids of those with a name, however deep they are in a document."""
    if isinstance(value, list):
        for each in value:
            yield from _ids(each)
    elif isinstance(value, dict):
        if isinstance(value.get("id"), str) and "name" in value:
            yield value["id"]
        else:
            yield from _ids(list(value.values()))


def member_named(home: Path, text: str) -> Member:
    """The member of that id or name, from the index here. Raises NotFound, AmbiguousName.

    An id is looked up by itself: reading everybody takes twenty times as long.
    """
    from freehold.civic.index.index import CivicIndex

    try:
        with CivicIndex(home / INDEX) as index:
            if found := index.member(text.strip()):
                return found
            members = index.members()
    except NotFound as error:
        raise NotFound(
            error.message, f"{error.hint} Without a name, a script has blanks to fill."
        ) from error
    return find_member(members, text)


def clause_for(report: Report, ask: Ask | None, path: str | None = None) -> CitedClause | None:
    """The clause of a bill to speak of: the one at `path`, or the first that `ask` is about.

    None when there is none. Raises UsageError for a path at which nothing was found.
    """
    worth = [finding for finding in report.findings if finding.label is not Label.NEUTRAL]
    if path is not None:
        for finding in worth:
            if _bare(finding.path) == _bare(path):
                return cited(report, finding)
        paths = ", ".join(dict.fromkeys(finding.path for finding in worth)) or "nowhere"
        raise UsageError(f"Nothing was found at {path!r}.", f"There are findings at {paths}.")
    wanted = Label.PROTECTS if ask is Ask.SUPPORT else Label.RESTRICTS_TOOL
    there = sorted(report.of(wanted), key=_how_plain)
    return cited(report, there[0]) if there else None


def subject_of(report: Report, ask: Ask | None, path: str | None = None) -> Subject:
    """What a script about a bill speaks of. Without an ask, a protection stands in for a red line.

    Raises UsageError for a path at which nothing was found.
    """
    clause = clause_for(report, ask, path)
    if clause is None and ask is None:
        clause = clause_for(report, Ask.SUPPORT)
    likely = likely_ask(clause) if clause else Ask.POSITION
    notes = [] if report.red_lines else [NO_RED_LINE]
    if clause is None and ask in ABOUT_A_BILL:
        notes.append("The reason is left for you to say.")
    return Subject(named(report.bill), clause, ask or likely, tuple(notes))


def cited(report: Report, found: Finding) -> CitedClause:
    """A finding as it is spoken of."""
    above = [report.bill.quote(start, end) for start, end in found.governed_by]
    quote = " … ".join([*above, found.quote])
    return CitedClause(
        named(report.bill), found.path, quote, found.label, found.red_line, tuple(_notes(found))
    )


def named(bill: Bill) -> str:
    """What to call a bill on the telephone: its number, else the start of its title."""
    words = bill.title.split()
    if bill.number or not words:
        return bill.number or "[the bill]"
    return f"the bill “{shortened(bill.title, _TITLE_WORDS)}”"


def likely_ask(clause: CitedClause | None) -> Ask:
    """What one would ask about a clause, or without one."""
    if clause is None:
        return Ask.SAFE_HARBOUR
    return {Label.RESTRICTS_TOOL: Ask.OPPOSE, Label.PROTECTS: Ask.SUPPORT}.get(
        clause.label, Ask.POSITION
    )


def _how_plain(found: Finding) -> tuple[bool, bool, bool]:
    """Sorts the clause first that is sure, that takes nobody out, and that stands by itself."""
    return bool(found.unsure), bool(found.lifts), bool(found.governed_by)


def _notes(found: Finding) -> Iterator[str]:
    """What its owner should know of a clause before speaking of it, in the bill's words."""
    if found.label is not Label.RESTRICTS_TOOL:
        return
    if found.unsure:
        yield "The rules are not sure of this clause: read it yourself first."
    if found.definition:
        yield f"Whom it binds, in the bill's words: “{shortened(found.definition)}”."
    for size in found.thresholds:
        amount = f"{size.amount:,.0f}" if size.amount < _LONG_NUMBER else f"{size.amount:.3g}"
        yield f"It applies from {amount} {size.quantity} on: “{shortened(size.quote)}”."
    for lift in found.lifts:
        yield f"{lift.path or 'Another clause'} says of {lift.whom}: “{shortened(lift.quote)}”."


def _bare(path: str) -> str:
    return "".join(path.replace("§", "").split()).lower()
