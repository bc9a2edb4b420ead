"""Script: whom it is for, which clause it is about, and its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from freehold.actions.civic_files import INDEX
from freehold.civic.calling.wish import Ask, CitedClause
from freehold.civic.clauses.finding import Label
from freehold.civic.people.finding import find_member
from freehold.errors import NotFound, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from freehold.civic.clauses.finding import Finding
    from freehold.civic.clauses.report import Report
    from freehold.civic.people.member import Member


def member_named(home: Path, text: str) -> Member:
    """The member of that name, from the index here. Raises NotFound, AmbiguousName."""
    from freehold.civic.index.index import CivicIndex

    try:
        with CivicIndex(home / INDEX) as index:
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
    there = sorted(report.of(wanted), key=lambda found: bool(found.governed_by))
    return cited(report, there[0]) if there else None  # one that stands by itself, if any does


def cited(report: Report, found: Finding) -> CitedClause:
    """A finding as it is spoken of."""
    above = [report.bill.quote(start, end) for start, end in found.governed_by]
    quote = " … ".join([*above, found.quote])
    return CitedClause(report.bill.number, found.path, quote, found.label, found.red_line)


def likely_ask(clause: CitedClause | None) -> Ask:
    """What one would ask about a clause, or without one."""
    if clause is None:
        return Ask.SAFE_HARBOUR
    return {Label.RESTRICTS_TOOL: Ask.OPPOSE, Label.PROTECTS: Ask.SUPPORT}.get(
        clause.label, Ask.POSITION
    )


def _bare(path: str) -> str:
    return "".join(path.replace("§", "").split()).lower()
