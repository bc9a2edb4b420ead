"""The same bill printed in several ways reads the same: nothing of it is lost at a page's edge."""

from __future__ import annotations

import html

import pytest
from tests.civic.bills.bill_texts import clause_at, sample, words
from tests.civic.bills.pdf_writing import pdf_of
from tests.civic.bills.test_read import check_whole

from freehold.civic.bills.bill import Bill
from freehold.civic.bills.read import read_bill

LINES = [line for line in sample("typeset").decode().split("\n") if line.strip()]


def pages(size: int, *, numbered: bool, headed: bool) -> list[list[str]]:
    """The bill's lines on pages, with line numbers and page heads or without."""
    sheets = [LINES[at : at + size] for at in range(0, len(LINES), size)]
    return [
        ([f"        S. 88                       {number}", ""] if headed else [])
        + [f"{place:3}  {line}" if numbered else line for place, line in enumerate(sheet, 1)]
        for number, sheet in enumerate(sheets, 1)
    ]


def cut(bill: Bill) -> list[tuple[str, str]]:
    return [(clause.path, words(bill, clause)) for clause in bill.clauses]


PLAIN = cut(read_bill("\n".join(LINES).encode()))


@pytest.mark.parametrize("size", [5, 7, 11, 13])
@pytest.mark.parametrize("headed", [False, True], ids=["bare", "headed"])
def test_page_breaks_and_line_numbers_change_no_clause(size: int, headed: bool) -> None:
    sheets = pages(size, numbered=True, headed=headed)
    for data in (
        "\n\n".join("\n".join(sheet) for sheet in sheets).encode(),
        "\f".join("\n".join(sheet) for sheet in sheets).encode(),
        b"<html><body><pre>"
        + '</pre><p class="brk"></p><pre>'.join(
            "\n".join(f"<u>{html.escape(line)}</u>" for line in sheet) for sheet in sheets
        ).encode()
        + b"</pre></body></html>",
        pdf_of(sheets),
    ):
        bill = read_bill(data)
        assert cut(bill) == PLAIN
        check_whole(bill, data)


def test_page_heads_are_left_out_where_no_line_has_a_number() -> None:
    sheets = pages(7, numbered=False, headed=True)
    data = "\f".join("\n".join(sheet) for sheet in sheets).encode()
    bill = read_bill(data)
    assert cut(bill) == PLAIN
    check_whole(bill, data)


def test_a_numbered_line_that_comes_back_at_the_edge_of_pages_is_kept() -> None:
    sheets = [
        [" 1  SECTION 1. A person shall not:", *(f"{n:2}  (a) sell;" for n in range(2, 7))],
        *([f"{n:2}  or lend;" for n in range(1, 7)] for _ in range(5)),
    ]
    bill = read_bill("\f".join("\n".join(sheet) for sheet in sheets).encode())
    assert bill.text.count("or lend;") == 30


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("A person shall regis-\nter a model. To register is a duty.", "register a model"),
        ("A risk-based plan. It shall be a risk-\nbased plan.", "be a risk-based plan"),
        ("It shall be a high-\nrisk use. A high use of risk.", "be a high-risk use"),
        ("It shall be cross-\nexamined.", "be crossexamined"),
    ],
)
def test_a_word_split_at_a_lines_end_is_read_as_the_bill_has_it_elsewhere(
    text: str, reading: str
) -> None:
    data = f"SECTION 1. Purpose.\n\n{text}\n".encode()
    bill = read_bill(data)
    assert reading in bill.text
    check_whole(bill, data)


def test_deleted_passages_of_a_reported_bill_are_struck() -> None:
    data = b"SEC. 2. DUTY.\n<DELETED>    (a) Old.--It shall be.</DELETED>\n    (b) New.--It may.\n"
    bill = read_bill(data)
    assert [(clause.path, clause.change.value) for clause in bill.clauses] == [
        ("§ 2(a)", "struck"),
        ("§ 2(b)", "none"),
    ]
    check_whole(bill, data)


@pytest.mark.parametrize(
    "head",
    [
        "[[Page 138 STAT. 1035]]",
        "PAGE 2-SENATE BILL 26-189",
        "Page 3 of 27",
        "        SB2203                 - 3 -   LRB104 10654 RLC 20729 b",
        "VerDate Sep 11 2014 03:12 Jun 05, 2025 Jkt 059200 PO 00000 Frm 00002",
        "•S 88 IS",
        "- 14 -",
    ],
)
def test_known_page_heads_inside_a_sentence_are_left_out(head: str) -> None:
    data = f"SECTION 1. A person shall not\n\n{head}\n\nsell a model.\n".encode()
    bill = read_bill(data)
    assert [words(bill, clause) for clause in bill.clauses] == ["A person shall not sell a model."]
    check_whole(bill, data)


def test_lines_numbered_by_page_and_line_are_read() -> None:
    lines = [
        "Section 1. DUTY.",
        "A person shall not",
        "sell a",
        "model, or",
        "lend it, or",
        "keep it.",
    ]
    data = "\n".join(f"1.{place} {line}" for place, line in enumerate(lines, 1)).encode()
    bill = read_bill(data)
    assert clause_at(bill, "§ 1") == "A person shall not sell a model, or lend it, or keep it."
    check_whole(bill, data)
