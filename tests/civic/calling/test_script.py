"""Drafts as people would say them: short, courteous, with the clause's own words."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from freehold.civic.calling.script import Draft, shortened, write
from freehold.civic.calling.sheet import sheet
from freehold.civic.calling.wish import ABOUT_A_BILL, Ask, CitedClause, Form, Wish
from freehold.civic.clauses.finding import Label, RedLine
from freehold.civic.people.member import Member, Office, OfficeKind
from freehold.civic.seat import Chamber, Seat
from freehold.errors import UsageError

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


def drafts(party: str = "Republican") -> list[tuple[Wish, Draft]]:
    wishes = [
        Wish(ask, form, member(party), clause, "Ana", "Cheyenne", date(2026, 11, 25))
        for ask, form, clause in product(Ask, Form, (None, CLAUSE))
        if clause or ask not in ABOUT_A_BILL
    ]
    return [(wish, write(wish)) for wish in wishes]


def test_spoken_forms_are_short() -> None:
    for wish, draft in drafts():
        if wish.form is Form.CALL:
            assert (draft.seconds or 99) < 60, draft.text
        elif wish.form is Form.VOICEMAIL:
            assert (draft.seconds or 99) <= 30, draft.text
        else:
            assert draft.seconds is None


def test_each_says_who_speaks_to_whom_and_asks_where_they_stand() -> None:
    for _, draft in drafts():
        assert "Ana" in draft.text
        assert "Cheyenne" in draft.text
        assert "Senator Olsen" in draft.text
        assert "constituent" in draft.text
        assert "stand" in draft.text


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
        with pytest.raises(UsageError, match="must be a clause"):
            write(Wish(ask, Form.CALL, member()))


def test_a_long_clause_is_cut_between_words_and_says_so() -> None:
    words = " ".join(f"word{number}" for number in range(200))
    cut = shortened(words)
    assert cut.endswith(" …")
    assert words.startswith(cut.removesuffix(" …"))
    assert shortened("a  b\n c") == "a b c"


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
