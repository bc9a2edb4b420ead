"""PDFs: read page by page; scanned, locked, broken and oversized ones are refused in a sentence."""

from __future__ import annotations

import io

import pytest
from tests.civic.bills.bill_texts import clause_at, sample, unstruck
from tests.civic.bills.pdf_writing import Drawn, pdf_of, pdf_with
from tests.civic.bills.test_read import check_whole

from freehold.civic.bills import pdf_pages
from freehold.civic.bills.bill import Change, SourceForm
from freehold.civic.bills.read import read_bill
from freehold.errors import UsageError


def two_pages() -> bytes:
    lines = sample("new_york").decode().split("\n")
    second = next(
        place for place, line in enumerate(lines) if line.startswith("        S. 6953--A")
    )
    return pdf_of([lines[:second], lines[second:]])


def test_clauses_are_read_over_pages_and_every_quote_is_proved() -> None:
    data = two_pages()
    bill = read_bill(data)
    assert bill.form is SourceForm.PDF
    check_whole(bill, data)
    assert clause_at(bill, "§ 1 → § 1421(1)(c)") == "Record each test."
    assert "at least one frontier model, and" in bill.text
    assert "S. 6953--A" not in bill.text


def test_a_stretch_names_its_page() -> None:
    bill = read_bill(two_pages())
    said = {stretch.where: bill.quote(stretch.start, stretch.end) for stretch in bill.stretches}
    assert set(said) == {1, 2}
    assert "ninetieth day" in said[2]


def test_a_quote_is_not_proved_by_another_file() -> None:
    bill = read_bill(two_pages())
    other = pdf_of([["SECTION 1. It shall not be."]])
    from freehold.civic.bills.checking import QuoteCheck

    assert not QuoteCheck(bill, other).holds(bill.clauses[0].start, bill.clauses[0].end)


def test_a_scanned_bill_is_named_as_such_with_what_to_do() -> None:
    with pytest.raises(UsageError, match="scanned PDF") as caught:
        read_bill(pdf_with([b"0 0 700 800 re f"] * 3), "bill.pdf")
    assert "text recognition" in str(caught.value)


def test_pages_without_words_are_noted() -> None:
    data = pdf_of([["SECTION 1. A person shall not lie."], []])
    assert "1 of 2 pages have no words in them: pictures, or blank." in read_bill(data).notes


def test_a_locked_bill_is_refused() -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(two_pages())))
    writer.encrypt("secret", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    with pytest.raises(UsageError, match="password"):
        read_bill(file.getvalue(), "bill.pdf")


def test_a_bill_that_is_only_locked_against_changes_is_read() -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(two_pages())))
    writer.encrypt("", "owner", algorithm="AES-256")
    file = io.BytesIO()
    writer.write(file)
    bill = read_bill(file.getvalue())
    assert clause_at(bill, "§ 2").startswith("This act shall take effect")
    check_whole(bill, file.getvalue())


def test_what_is_odd_in_a_file_is_a_note_and_never_on_the_terminal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    page = b"BT /F1 12 Tf 40 700 Td (SECTION 1. It shall be.) Tj ET /Missing Do"
    bill = read_bill(pdf_with([page]))
    assert "not well-formed in places" in bill.notes[0]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("cut", [12, 300, 900, -40])
def test_a_broken_file_is_refused_or_read_but_never_ends_in_a_traceback(cut: int) -> None:
    data = two_pages()[:cut]
    try:
        bill = read_bill(data, "bill.pdf")
    except UsageError as error:
        assert error.hint  # noqa: PT017 - either end is right
    else:
        check_whole(bill, data)


def test_a_page_that_unpacks_to_far_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_pages, "LARGEST_PAGE", 1 << 20)
    with pytest.raises(UsageError, match="unpacks to 2 MB"):
        read_bill(pdf_with([b" " * (2 << 20)]), "bomb.pdf")


def test_too_many_pages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_pages, "MOST_PAGES", 2)
    with pytest.raises(UsageError, match="3 pages"):
        read_bill(pdf_of([["SECTION 1. It shall."]] * 3), "long.pdf")


def drawn(line: int, words: str, part: str, kind: str) -> Drawn:
    start = words.index(part)
    return Drawn(line, start, start + len(part), kind)


def test_words_with_a_line_drawn_through_them_are_struck_and_underlined_ones_put_in() -> None:
    lines = [
        "SECTION 1. A person shall not sell a model.",
        "(a) A person must hold a license, or a permit; and",
        "(b) A person may own a model.",
        "(c) Every owner shall register.",
    ]
    marks = [
        drawn(1, lines[1], "license, or a", "struck"),
        drawn(2, lines[2], "A person may own a model.", "underlined"),
        drawn(3, lines[3], "Every owner shall register.", "struck"),
    ]
    data = pdf_of([lines, ["SECTION 2. It stands."]], marks)
    bill = read_bill(data)
    check_whole(bill, data)
    by_path = {clause.path: clause for clause in bill.clauses}
    kept = " ".join(unstruck(bill, by_path["§ 1(a)"]).split())
    assert kept == "A person must hold a permit; and"
    assert by_path["§ 1(b)"].change is Change.INSERTED
    assert by_path["§ 1(c)"].change is Change.STRUCK
    assert by_path["§ 2"].change is Change.NONE
    assert any("line drawn through them" in note for note in bill.notes)


def test_the_lines_of_a_table_strike_nothing() -> None:
    lines = ["SECTION 1. A person shall not sell a model.", "", "SECTION 2. It stands."]
    above = Drawn(1, 0, 40, "struck")
    bill = read_bill(pdf_of([lines], [above]))
    assert all(clause.change is Change.NONE for clause in bill.clauses)
    assert bill.notes == ()


def test_a_drawn_line_is_rounded_to_where_the_drawing_of_words_began() -> None:
    line = "SECTION 1. A person may sell a |model of his| or b."
    said = line.replace("|", "")
    start = said.index("model of his")
    bill = read_bill(pdf_of([[line]], [Drawn(0, start - 1.4, start + 11, "struck")]))
    (clause,) = bill.clauses
    assert " ".join(unstruck(bill, clause).split()) == "A person may sell a or b."
