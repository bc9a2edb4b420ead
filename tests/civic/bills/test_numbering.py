"""Sections that are numbered without the word section: New Jersey, articles, the Commonwealth."""

from __future__ import annotations

import pytest

from freehold.civic.bills.bill import Bill
from freehold.civic.bills.read import read_bill

NEW_JERSEY = """\
ASSEMBLY, No. 12
STATE OF NEW JERSEY
AN ACT concerning talking machines.
BE IT ENACTED by the Senate and General Assembly of the State of New Jersey:
1. This act shall be known as the Talk Act.
2. As used in this act:
"Machine" means a machine that talks.
3. a. A seller shall not let a machine answer anyone until the seller has seen:
(1) a passport; or
(2) a letter of recommendation.
b. The seller shall keep no copy.
4. This act shall take effect immediately.
"""
ARTICLES = """\
Chapter I General Provisions

Article 1 These Measures are formulated in order to regulate talking machines.
Article 2 "Talking machines" refers to machines that talk.

Chapter II Norms

Article 3 Sellers shall fulfil the following duties:
(1) establish a system for complaints;
(2) keep logs for six months.

Article 4 These Measures shall come into force on January 1, 2031.
"""
EXCERPT = """\
[...]

ARTICLE 64 – Talking machines shall be kept clean.

[...]

ARTICLE 121 – Sellers shall not do any of the following:
(1) selling machines that shout;
(2) selling machines that lie.

ARTICLE 122 – This Law shall come into force at once.
"""
CLAUSES = """\
An Act to make provision about talking machines
1 Talking machines
(1) In this Act "talking machine" means a machine that talks.
(2) A machine that sings is not a talking machine.
2 Duties of suppliers
(1) A supplier must—
(a) keep a record of sales, and
(b) show it to a constable who asks.
3 (1) This Act comes into force on the day on which it is passed.
(2) This Act may be cited as the Talking Machines Act.
4 An offence under this Act is triable summarily, and a person who is found guilty of one is \
liable to a fine that does not exceed level 3 on the standard scale of fines.
"""


def places(text: str) -> dict[str, str]:
    bill = read_bill(text.encode(), "small.txt")
    return {each.path: bill.quote(each.start, each.end) for each in bill.clauses}


def above(text: str, path: str) -> list[str]:
    bill: Bill = read_bill(text.encode(), "small.txt")
    (clause,) = (each for each in bill.clauses if each.path == path)
    return [bill.quote(*span) for span in clause.governed_by]


def test_new_jersey_puts_letters_right_behind_numbers() -> None:
    found = places(NEW_JERSEY)
    assert found["§ 3(a)(1)"] == "a passport; or"
    assert found["§ 3(b)"] == "The seller shall keep no copy."
    assert above(NEW_JERSEY, "§ 3(a)(2)")[-1].endswith("until the seller has seen:")


def test_an_excerpt_may_begin_at_any_article_and_leave_some_out() -> None:
    assert set(places(EXCERPT)) == {"§ 64", "§ 121(1)", "§ 121(2)", "§ 122"}
    assert above(EXCERPT, "§ 121(2)") == ["Sellers shall not do any of the following:"]


def test_articles_are_sections_and_chapters_are_not() -> None:
    found = places(ARTICLES)
    assert set(found) == {"§ 1", "§ 2", "§ 3(1)", "§ 3(2)", "§ 4"}
    assert above(ARTICLES, "§ 3(2)") == ["Sellers shall fulfil the following duties:"]


@pytest.mark.parametrize("path", ["§ 1(2)", "§ 2(1)(b)", "§ 3(1)", "§ 3(2)", "§ 4"])
def test_bare_numbers_are_sections_where_they_count_up(path: str) -> None:
    assert path in places(CLAUSES)


def test_a_heading_of_its_own_line_is_no_clause() -> None:
    bill = read_bill(CLAUSES.encode(), "small.txt")
    (section,) = (each for each in bill.sections if each.path == "§ 2")
    assert section.heading == "Duties of suppliers"
    assert above(CLAUSES, "§ 2(1)(a)") == ["A supplier must—"]


def test_connecticut_says_first_that_a_section_is_new_and_from_when_on() -> None:
    text = """\
AN ACT CONCERNING TALKING MACHINES.
Section 1. (NEW) (Effective October 1, 2031) (a) No machine shall talk at night.
(b) The commissioner may excuse a machine.
Sec. 2. (Effective from passage) A machine that talks shall be heard.
"""
    found = places(text)
    assert found["§ 1(a)"] == "No machine shall talk at night."
    assert found["§ 2"] == "A machine that talks shall be heard."


def test_a_heading_of_markdown_does_not_swallow_what_follows_it() -> None:
    text = """\
## Section 1
1. The legislature finds that machines talk, and that nobody has asked them to do so at night.
## Section 2
A seller must tell the buyer that a machine talks.
a. Before the sale; and
b. In writing.
#### Article II
Each seller keeps a record.
"""
    found = places(text)
    assert found["§ 2(b)"] == "In writing."
    assert "A seller must tell the buyer that a machine talks." in found.values()
    assert "Each seller keeps a record." in found.values()


def test_law_in_capitals_has_a_heading_and_words() -> None:
    text = """\
AN ACT to amend the general business law, in relation to talking machines
Section 1. The general business law is amended by adding a new section 9 to read as follows:
§ 9. UNLAWFUL PRACTICES. IT SHALL BE AN UNLAWFUL PRACTICE:
1. FOR A SELLER TO SELL A MACHINE THAT HAS NOT PASSED A TEST; OR
2. FOR A BUYER TO BUY ONE.
§ 2. This act shall take effect immediately.
"""
    (opening,) = above(text, "§ 9(1)")
    assert opening == "IT SHALL BE AN UNLAWFUL PRACTICE:"


def test_an_excerpt_that_begins_inside_a_section_loses_nothing() -> None:
    text = """\
(b) The department alone may license machines that talk.
(c) A city may not tax a machine that talks.
Section 3. A machine may talk in this state.
Section 4. This act shall take effect on the first day of the third month after it was passed and
approved by the Governor, or after it became law in another way, whichever of these days is later.
"""
    found = places(text)
    assert found["(c)"] == "A city may not tax a machine that talks."
    assert found["§ 3"] == "A machine may talk in this state."


def test_numbers_before_whole_paragraphs_are_no_line_numbers() -> None:
    long = (
        "A person who sells a machine that talks must tell the buyer before the sale and in "
        "writing what it says, to whom, how loud, at which hours of the day, and for which reason"
    )
    lines = [f"{number} {long} number {number}." for number in range(1, 9)]
    text = "\n".join(("An Act respecting talking machines", *lines))
    assert set(places(text)) == {f"§ {number}" for number in range(1, 9)}


def test_what_looks_like_a_section_late_in_a_text_takes_nothing_away_before_it() -> None:
    plan = [f"Machines that talk should be heard in year {year}." for year in range(2030, 2060)]
    text = "\n\n".join((*plan, "Section 1. This plan may be cited as the plan."))
    assert plan[0] in all_of(text)


def all_of(text: str) -> list[str]:
    bill = read_bill(text.encode(), "small.txt")
    return [bill.quote(each.start, each.end) for each in bill.clauses]
