"""The page and the Markdown of a report."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from tests.civic.clauses.small_bill import SMALL_BILL, report_of

from freehold.civic.clauses.finding import Label
from freehold.civic.clauses.markdown import markdown
from freehold.civic.clauses.page import page
from freehold.civic.clauses.report import MARKS, NOT_LEGAL_ADVICE
from freehold.civic.clauses.scale import Machine

HOSTILE = '<script>alert(1)</script><img src="https://example.org/x"> [a](b) `c`'


class Reader(HTMLParser):
    """What a browser would see of it."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open.pop() != tag:
            self.unbalanced.append(tag)


def test_every_link_leads_to_a_marked_clause_and_every_mark_has_its_letter() -> None:
    report = report_of(SMALL_BILL)
    read = Reader(page(report, Machine()))
    assert read.unbalanced == []
    assert read.open == []
    links = [attrs["href"] for tag, attrs in read.tags if tag == "a"]
    places = [f"#{attrs['id']}" for tag, attrs in read.tags if tag == "mark" and "id" in attrs]
    assert links
    assert set(links) == set(places)
    for tag, attrs in read.tags:
        if tag == "mark":
            assert attrs["data-mark"] == attrs["class"]
    used = {attrs["class"] for tag, attrs in read.tags if tag == "mark"}
    assert used == {MARKS[each] for each in Label} - {"N"}


def test_the_whole_text_of_the_bill_is_on_it() -> None:
    report = report_of(SMALL_BILL)
    whole = page(report, Machine())
    body = whole[whole.index('<div class="bill">') : whole.index("</div>")]
    text = re.sub(r"<[^>]*>", "", body)
    assert text.replace("&quot;", '"').split() == report.bill.text.split()


def test_nothing_in_a_bill_becomes_markup_or_is_fetched() -> None:
    report = report_of(SMALL_BILL.replace("to defraud another", f"to defraud {HOSTILE}"))
    read = Reader(page(report, Machine()))
    assert not {"script", "img", "link", "iframe"} & {tag for tag, _ in read.tags}
    assert "http" not in re.sub(r"&lt;.*?&gt;", "", page(report, Machine())).replace(
        "http-equiv", ""
    )
    said = markdown(report, Machine(), every=True)
    assert "<script>" not in said.replace("\\<script", "")
    assert "\\[a\\](b)" in said


def test_it_says_on_each_form_that_it_is_no_legal_advice() -> None:
    report = report_of(SMALL_BILL)
    assert NOT_LEGAL_ADVICE in page(report, Machine())
    assert NOT_LEGAL_ADVICE in markdown(report, Machine())
    assert "No red line found" in page(report_of("SEC. 1. A board shall meet."), Machine())
