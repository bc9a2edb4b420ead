"""A short script for a call, a voicemail, an e-mail or a letter to one member.

It says whose constituent speaks, one issue, the clause in its own words, and asks where the member
stands. It is yours to change: --edit opens it. MEMBER is a name, or - for the members that
`freehold act reps --json` prints. With --draft: a bill or an amendment for whoever drafts laws.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.civic.calling.wish import LAWS, Ask, Form
from freehold.cli.act.script_view import Told, is_about_people
from freehold.cli.opening import add_json_option, open_libraries, owned_names
from freehold.cli.reporting import progress
from freehold.cli.terminal import note, print_json
from freehold.errors import UsageError
from freehold.settings import Settings

if TYPE_CHECKING:
    from freehold.actions.act_script import Subject
    from freehold.civic.people.member import Member

EXAMPLES = """\
examples:
  freehold act script                                        with blanks to fill
  freehold act script "Jared Olsen" --name Ana --town Cheyenne
  freehold act script Barrasso --bill S2938.xml              about its first red line
  freehold act script Barrasso --bill S2938.xml --clause "4(b)" --form letter -o letter.txt
  freehold act script Barrasso --bill S2938.xml --html sheet.html      to print, large
  freehold act script Barrasso --rewrite smollm2             in a local model's words, checked
  freehold act reps 82001 --json | freehold act script - --html sheet.html
  freehold act script --draft amendment --state NH
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("member", nargs="*", metavar="MEMBER", help="a name, or - for a list")
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
    parser.add_argument("--phone", default="", help="yours, to say on a voicemail")
    parser.add_argument("--edit", action="store_true", help="change the text in your editor first")
    rewriting = parser.add_argument(
        "--rewrite", metavar="MODEL", help="let an owned model reword it, under checks"
    )
    rewriting.completer = owned_names  # type: ignore[attr-defined]  # argcomplete's convention
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the text there")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a sheet to print")
    parser.add_argument("--draft", choices=LAWS, help="print a law of our drafting instead")
    parser.add_argument("--state", default="", metavar="XX", help="with --draft: for which state")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    if args.draft:
        return _print_draft(args)
    from freehold.civic.calling.script import write
    from freehold.civic.calling.wish import Wish

    settings = Settings.load()
    members = _members(args, settings)
    subject = _subject(args, settings)
    ask = subject.ask if subject else Ask(args.ask or Ask.SAFE_HARBOUR)
    clause, bill = (subject.clause, subject.bill) if subject else (None, "")
    on = date.today()  # noqa: DTZ011 - a letter has its writer's date
    made = []
    for member in members:
        wish = Wish(
            ask, Form(args.form), member, clause, args.name, args.town, on, bill, args.phone
        )
        told = Told(wish, write(wish), notes=subject.notes if subject else ())
        made.append(_edited(_reworded(args.rewrite, settings, told), edit=args.edit))
    _give(args, settings, made)
    return 0


def _members(args: argparse.Namespace, settings: Settings) -> tuple[Member | None, ...]:
    """Whom it is for; one blank without a name."""
    from freehold.actions.act_script import member_named, members_listed

    name = " ".join(args.member)
    if name == "-":
        return members_listed(settings.home, sys.stdin.buffer.read())
    return (member_named(settings.home, name) if name else None,)


def _subject(args: argparse.Namespace, settings: Settings) -> Subject | None:
    if not args.bill:
        if args.clause:
            raise UsageError("--clause is of a bill.", "Give it too: --bill FILE")
        return None
    if args.bill == "-":
        raise UsageError("A script's bill is a file or an address.", "freehold act bill reads -.")
    from freehold.actions.act_script import subject_of
    from freehold.actions.read_bill import read_bill_from

    report = read_bill_from(args.bill, settings, progress()).report
    return subject_of(report, Ask(args.ask) if args.ask else None, args.clause)


def _edited(told: Told, *, edit: bool) -> Told:
    from freehold.civic.calling.script import Draft
    from freehold.cli.act.editing import edited

    if not edit:
        return told
    return replace(told, draft=Draft(edited(told.draft.text), told.draft.form, told.draft.notes))


def _reworded(name: str | None, settings: Settings, told: Told) -> Told:
    """In a model's words, the draft kept beside them; as it was when a check failed."""
    if not name:
        return told
    from freehold.actions.asker import Asker
    from freehold.civic.calling.rewriting import LONGEST_ANSWER, rewrite

    with (
        open_libraries(settings) as libraries,
        Asker(libraries, settings, name, progress(), LONGEST_ANSWER) as to,
    ):
        made = rewrite(told.draft, to.ask)
    if made.refused:
        why = f"What {to.name} wrote was not taken: {made.refused}. This is the draft as it was."
        return replace(told, notes=(*told.notes, why))
    return replace(told, draft=made.draft, reworded_by=to.name, before=told.draft.text)


def _give(args: argparse.Namespace, settings: Settings, made: list[Told]) -> None:
    from freehold.cli.act.script_view import document, lines, reach_lines

    ages = _ages(settings) if any(told.wish.member for told in made) else []
    if args.html:
        from freehold.civic.calling.sheet import sheets

        pages = [(told.wish.member, told.draft) for told in made]
        _write(args.html, sheets(pages, ages))
    text = "\n\n-----\n\n".join(told.draft.text for told in made) + "\n"
    if args.output:
        _write(args.output, text)
    if args.json:
        found = [document(told, ages) for told in made]
        print_json(found if args.member == ["-"] else found[0])
        return
    if not args.output:
        print(text, end="")
    for told in made:
        note("")
        for line in [*lines(told), *reach_lines(told)]:
            note(line)
    for age in ages:
        note(age)


def _ages(settings: Settings) -> list[str]:
    from freehold.actions.act_script import data_ages
    from freehold.cli.act.script_view import age_line

    today = date.today()  # noqa: DTZ011 - the owner's own day
    return [age_line(age, today) for age in data_ages(settings.home) if is_about_people(age)]


def _write(path: Path, text: str) -> None:
    from freehold.store.durable import storage_errors, write_durably

    with storage_errors(f"write {path}"):
        write_durably(path, text.encode())
    note(f"{path} is written.")


def _print_draft(args: argparse.Namespace) -> int:
    from freehold.civic.calling.drafts import as_page, draft_law

    text = draft_law(args.draft, args.state)
    if args.html:
        _write(args.html, as_page(text))
    if args.output:
        _write(args.output, text)
    if args.json:
        print_json({"draft": args.draft, "markdown": text})
    elif not (args.output or args.html):
        print(text, end="")
    return 0
