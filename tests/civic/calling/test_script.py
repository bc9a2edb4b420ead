"""Drafts as people would say them: short, courteous, with the clause's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from freehold.civic.calling.quoting import shortened
from freehold.civic.calling.script import Draft, write
from freehold.civic.calling.sheet import sheet, sheets
from freehold.civic.calling.wish import ABOUT_A_BILL, Ask, CitedClause, Form, Wish
from freehold.civic.clauses.finding import Label, RedLine
from freehold.civic.people.member import Member, Office, OfficeKind
from freehold.civic.seat import Chamber, Seat
from freehold.errors import UsageError

LONG = "A developer shall not deploy a frontier model " + "unless it has been examined " * 20
LONG_CLAUSE = CitedClause(
    "S. 2938", "§ 4(b)(1)(A)", LONG, Label.RESTRICTS_TOOL, RedLine.REGISTRATION
)
QUOTE = "No person may run a model unless that person holds a licence under section 5."
CLAUSE = CitedClause("S. 1", "§ 4(b)", QUOTE, Label.RESTRICTS_TOOL, RedLine.LICENCE)
PARTISAN = ("democrat", "republican", "liberal", "conservative", "party", "vote for you", "or else")


def member(party: str = "Republican") -> Member:
    offices = (
        Office(OfficeKind.CAPITOL, "200 W 24th St, Cheyenne, WY 82001", "Cheyenne", "307-777-7711"),
        Office(OfficeKind.DISTRICT, "12 Main St", "Laramie", "307-555-0100 ext. 12", shared_by=20),
        Office(OfficeKind.HOME, "7 Quiet Lane", "Laramie", "307-555-0199"),
    )
    seat = Seat(Chamber.UPPER, "WY", "8")
    return Member("1", "Ada Olsen", "Olsen", seat, "Senator", party, offices)


def drafts(
    party: str = "Republican", clauses: Sequence[CitedClause | None] = (None, CLAUSE)
) -> list[tuple[Wish, Draft]]:
    wishes = [
        Wish(ask, form, member(party), clause, "Ana", "Cheyenne", date(2026, 11, 25))
        for ask, form, clause in product(Ask, Form, clauses)
        if clause or ask not in ABOUT_A_BILL
    ]
    return [(wish, write(wish)) for wish in wishes]


def test_spoken_forms_are_short() -> None:
    for wish, draft in drafts(clauses=(None, CLAUSE, LONG_CLAUSE)):
        if wish.form is Form.CALL:
            assert (draft.seconds or 99) < 60, draft.text
        elif wish.form is Form.VOICEMAIL:
            assert (draft.seconds or 99) < 30, draft.text
        else:
            assert draft.seconds is None


def test_each_says_who_speaks_to_whom_and_asks_where_they_stand() -> None:
    for _, draft in drafts():
        assert "Ana" in draft.text
        assert "Cheyenne" in draft.text
        assert "Senator Olsen" in draft.text
        assert "constituent" in draft.text
        assert "stand" in draft.text


def test_a_long_clause_is_cut_for_the_telephone_and_that_is_said() -> None:
    for wish, draft in drafts(clauses=(LONG_CLAUSE,)):
        quoted = re.findall(r"“([^”]*)”", draft.text)
        pieces = [piece for quote in quoted for piece in quote.removesuffix(" …").split(" … ")]
        assert all(piece in LONG for piece in pieces)
        assert ("not said in full" in " ".join(draft.notes)) is wish.form.is_spoken
        assert "4(b)(1)(A)" in draft.text


def test_nothing_is_made_up_of_the_caller_or_of_whom_a_clause_covers() -> None:
    for _, draft in drafts(clauses=(None, CLAUSE, LONG_CLAUSE)):
        assert "I run" not in draft.text
        assert "I have" not in draft.text
        own = re.sub(r"“[^”]*”", "", draft.text)
        assert not [word for word in ("licence", "harbour") if word in own]


def test_a_bill_without_a_clause_is_named_and_the_reason_left_blank() -> None:
    for form in Form:
        text = write(Wish(Ask.POSITION, form, member(), bill="H.B. 9")).text
        assert "H.B. 9" in text
        assert "stand" in text
    assert "[your reason" in write(Wish(Ask.OPPOSE, Form.CALL, member(), bill="H.B. 9")).text
    assert "thank you" in write(Wish(Ask.SUPPORT, Form.CALL, member(), bill="H.B. 9")).text


def test_a_telephone_number_is_said_digit_by_digit() -> None:
    blank = Wish(Ask.SAFE_HARBOUR, Form.VOICEMAIL, member(), CLAUSE, "Ana", "Cheyenne")
    filled = replace(blank, phone="307-555-0123")
    assert "My number is 307-555-0123." in write(filled).text
    assert write(filled).seconds == write(blank).seconds
    assert (write(filled).seconds or 0) * 2.5 > write(filled).words


def test_the_clause_is_quoted_with_its_section() -> None:
    for wish, draft in drafts():
        if wish.clause and wish.form is not Form.VOICEMAIL:
            assert f"“{QUOTE}”" in draft.text
            assert "Section 4(b) of S. 1" in draft.text


def test_it_is_the_same_for_any_party_and_takes_none() -> None:
    one, other = drafts("Republican"), drafts("Democratic")
    assert [draft.text for _, draft in one] == [draft.text for _, draft in other]
    for _, draft in one:
        assert not [word for word in PARTISAN if word in draft.text.lower()]


def test_what_is_not_known_is_a_blank_to_fill() -> None:
    text = write(Wish(Ask.SAFE_HARBOUR, Form.LETTER)).text
    for blank in ("[your name]", "[your town]", "[member]", "[date]", "office address]"):
        assert blank in text


def test_no_clause_can_be_opposed_that_is_not_there() -> None:
    for ask in ABOUT_A_BILL:
        with pytest.raises(UsageError, match="must be a bill"):
            write(Wish(ask, Form.CALL, member()))


def test_a_long_clause_is_cut_between_words_and_says_so() -> None:
    words = " ".join(f"word{number}" for number in range(200))
    cut = shortened(words)
    assert cut.endswith(" …")
    assert words.startswith(cut.removesuffix(" …"))
    assert shortened("a  b\n c") == "a b c"


def test_a_condition_that_turns_a_clause_round_is_kept() -> None:
    clause = (
        f"No person may {'really ' * 30}run a model unless that person holds a license to do so."
    )
    cut = shortened(clause, 12)
    assert cut == f"No person may {'really ' * 3}… unless that person holds a license …"
    voicemail = write(
        Wish(Ask.OPPOSE, Form.VOICEMAIL, member(), replace(LONG_CLAUSE, quote=clause))
    )
    assert "section 4(b)(1)(A) of S. 2938" in voicemail.text
    assert "“" not in voicemail.text


def test_a_sheet_has_a_block_for_each_public_office_and_no_home() -> None:
    page = sheet(member(), write(Wish(Ask.SAFE_HARBOUR, Form.CALL, member())), ("Data of June.",))
    assert page.count("<article>") == 2
    assert 'href="tel:+13075550100;ext=12"' in page
    assert ">307-777-7711<" in page
    assert "ask for Senator Olsen" in page
    assert "Data of June." in page
    assert "Quiet Lane" not in page
    assert "555-0199" not in page
    assert "font-size: 14pt" in page


def test_nothing_in_a_sheet_becomes_markup() -> None:
    wish = Wish(Ask.SAFE_HARBOUR, Form.CALL, member(), name="<script>alert(1)</script>")
    page = sheet(member(), write(wish))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_sheet_of_several_members_has_all_of_them() -> None:
    draft = write(Wish(Ask.SAFE_HARBOUR, Form.CALL, member()))
    page = sheets([(member(), draft), (None, draft)])
    assert page.count("<article>") == 3
    assert "<title>What to say</title>" in page


def test_a_section_that_a_bill_writes_into_another_law_is_said_in_words() -> None:
    wish = Wish(Ask.OPPOSE, Form.CALL, member(), replace(CLAUSE, path="§ 2 → § 703(c)"))
    assert "Section 2, adding section 703(c), of S. 1 says:" in write(wish).text
