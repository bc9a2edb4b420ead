"""A short script for a call, a voicemail, an e-mail or a letter to one member.

It says whose constituent speaks, one issue, the clause in its own words, and asks where the member
stands. It is yours to change. With --draft: a bill or an amendment for whoever drafts laws.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freehold.civic.calling.wish import Ask, Form
from freehold.cli.opening import add_json_option, open_libraries, owned_names
from freehold.cli.reporting import progress
from freehold.cli.terminal import note, print_json
from freehold.errors import UsageError
from freehold.settings import Settings

if TYPE_CHECKING:
    from freehold.civic.calling.script import Draft
    from freehold.civic.calling.wish import CitedClause, Wish
    from freehold.civic.people.member import Member, Office

EXAMPLES = """\
examples:
  freehold act script                                        with blanks to fill
  freehold act script "Jared Olsen" --name Ana --town Cheyenne
  freehold act script Barrasso --bill S2938.xml              about its first red line
  freehold act script Barrasso --bill S2938.xml --clause "4(b)" --form letter -o letter.txt
  freehold act script Barrasso --bill S2938.xml --html sheet.html      to print, large
  freehold act script Barrasso --rewrite smollm2             in a local model's words, checked
  freehold act script --draft amendment --state NH
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("member", nargs="*", metavar="MEMBER", help="by name, as act reps shows it")
    parser.add_argument(
        "--ask",
        choices=[ask.value for ask in Ask],
        help="default: by what the clause does",
    )
    parser.add_argument("--bill", metavar="FILE|URL", help="the bill it is about")
    parser.add_argument("--clause", metavar="PATH", help="a clause that was found in it: '4(b)'")
    parser.add_argument(
        "--form", choices=[form.value for form in Form], default="call", help="default: call"
    )
    parser.add_argument("--name", default="", help="yours, for this text alone")
    parser.add_argument("--town", default="", help="yours, for this text alone")
    rewriting = parser.add_argument(
        "--rewrite", metavar="MODEL", help="let an owned model reword it, under checks"
    )
    rewriting.completer = owned_names  # type: ignore[attr-defined]  # argcomplete's convention
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the text there")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a sheet to print")
    parser.add_argument(
        "--draft", choices=("bill", "amendment"), help="print a law of our drafting instead"
    )
    parser.add_argument("--state", default="", metavar="XX", help="with --draft: for which state")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    if args.draft:
        return _print_draft(args)
    from freehold.actions.act_script import likely_ask, member_named
    from freehold.civic.calling.script import write
    from freehold.civic.calling.wish import Wish

    settings = Settings.load()
    name = " ".join(args.member)
    member = member_named(settings.home, name) if name else None
    clause = _clause(args, settings)
    ask = Ask(args.ask) if args.ask else likely_ask(clause)
    on = date.today()  # noqa: DTZ011 - a letter has its writer's date
    wish = Wish(ask, Form(args.form), member, clause, args.name, args.town, on)
    draft = write(wish)
    reworded = None
    if args.rewrite:
        draft, reworded = _reworded(args.rewrite, settings, draft)
    if args.html:
        _write_sheet(args.html, member, draft)
    if args.json:
        print_json(_document(wish, draft, reworded))
    else:
        _show(args, wish, draft, reworded)
    return 0


def _clause(args: argparse.Namespace, settings: Settings) -> CitedClause | None:
    if not args.bill:
        if args.clause:
            raise UsageError("--clause is of a bill.", "Give it too: --bill FILE")
        return None
    from freehold.actions.act_script import clause_for
    from freehold.actions.read_bill import read_bill_from

    report = read_bill_from(args.bill, settings, progress()).report
    ask = Ask(args.ask) if args.ask else None
    clause = clause_for(report, ask, args.clause)
    if clause is None and args.ask is None:
        clause = clause_for(report, Ask.SUPPORT)
    if clause is None:
        note("No red line and no protection was found in that bill.")
    return clause


def _reworded(name: str, settings: Settings, draft: Draft) -> tuple[Draft, str | None]:
    """In a model's words, and by which; as it was, and None, when a check failed."""
    from freehold.actions.asker import Asker
    from freehold.civic.calling.rewriting import rewrite

    with open_libraries(settings) as libraries, Asker(libraries, settings, name, progress()) as to:
        made = rewrite(draft, to.ask)
        if made.refused:
            note(
                f"What {to.name} wrote was not taken: {made.refused}. This is the draft as it was."
            )
            return draft, None
        return made.draft, to.name


def _show(args: argparse.Namespace, wish: Wish, draft: Draft, reworded: str | None) -> None:
    if args.output:
        _write(args.output, draft.text + "\n")
    else:
        print(draft.text)
    note("")
    length = f"{draft.words} words"
    note(f"{length}, about {draft.seconds} s to say." if draft.seconds else f"{length}.")
    if reworded:
        note(f"Reworded by {reworded}: read it before you use it.")
    if wish.member and wish.form.is_spoken:
        for line in _reach(wish.member):
            note(line)


def _reach(member: Member) -> list[str]:
    from freehold.civic.calling.hours import hours

    now = datetime.now(UTC)
    lines = []
    for office in member.public_offices:
        if office.phone:
            where = f"{office.kind.value} office{f' in {office.city}' if office.city else ''}"
            lines.append(f"  {office.phone}  {where}: {hours(office, member, now).words}")
            if office.shared_by > 3:
                lines[-1] += f"; ask for {member.title} {member.family_name}"
    return lines or ["  The data has no telephone number."]


def _document(wish: Wish, draft: Draft, reworded: str | None) -> dict[str, Any]:
    clause = wish.clause
    return {
        "text": draft.text,
        "words": draft.words,
        "seconds": draft.seconds,
        "form": wish.form.value,
        "ask": wish.ask.value,
        "member": wish.member.name if wish.member else None,
        "clause": {"path": clause.path, "quote": clause.quote} if clause else None,
        "reworded_by": reworded,
        "phones": [
            _phone(office)
            for office in (wish.member.public_offices if wish.member else ())
            if office.phone
        ],
    }


def _phone(office: Office) -> dict[str, str]:
    from freehold.civic.people.words import tel

    number = office.phone or ""
    return {"number": number, "tel": tel(number), "office": office.kind.value}


def _write_sheet(path: Path, member: Member | None, draft: Draft) -> None:
    from freehold.civic.calling.sheet import sheet

    homeless = replace(member, offices=member.public_offices) if member else None
    _write(path, sheet(homeless, draft))


def _write(path: Path, text: str) -> None:
    from freehold.store.durable import storage_errors, write_durably

    with storage_errors(f"write {path}"):
        write_durably(path, text.encode())
    note(f"{path} is written.")


def _print_draft(args: argparse.Namespace) -> int:
    from freehold.civic.calling.drafts import draft_law

    text = draft_law(args.draft, args.state)
    if args.json:
        print_json({"draft": args.draft, "markdown": text})
    elif args.output:
        _write(args.output, text)
    else:
        print(text, end="")
    return 0
