"""Bills in the forms that legislatures print: their parts, and every quote proved."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.civic.bills.bill_texts import REAL, SAMPLES, clause_at, needs_real, sample, words

from freehold.civic.bills.bill import Bill, Change, SourceForm
from freehold.civic.bills.checking import QuoteCheck
from freehold.civic.bills.read import LARGEST, read_bill
from freehold.errors import UsageError


def check_whole(bill: Bill, data: bytes) -> None:
    """What holds for every bill: offsets fit, stretches are in order, every quote is proved."""
    check = QuoteCheck(bill, data)
    for clause in bill.clauses:
        assert 0 <= clause.start < clause.end <= len(bill.text)
        assert check.holds(clause.start, clause.end), words(bill, clause)
        for start, end in clause.governed_by:
            assert check.holds(start, end)
            assert end <= clause.start
    for section in bill.sections:
        assert 0 <= section.start <= section.end <= len(bill.text)
    for definition in bill.definitions:
        assert definition.term.split()[0].lower() in bill.quote(*span(definition)).lower()
    before = 0
    for stretch in bill.stretches:
        assert before <= stretch.start <= stretch.end <= len(bill.text)
        before = stretch.end


def span(part: object) -> tuple[int, int]:
    return part.start, part.end  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_quote_of_every_form_is_proved_against_the_file(path: Path) -> None:
    bill = read_bill(path)
    assert bill.form is SourceForm.TEXT
    assert len(bill.clauses) >= 5
    assert len({section.path for section in bill.sections}) == len(bill.sections)
    check_whole(bill, path.read_bytes())


@needs_real
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_bills_are_cut_into_clauses_of_a_readable_length(path: Path) -> None:
    bill = read_bill(path)
    check_whole(bill, path.read_bytes())
    assert bill.jurisdiction == "US"
    assert bill.number.replace(" ", "").replace(".", "") in path.stem.replace("HR", "HR")
    assert bill.version == ("Enrolled" if path.stem.endswith("enr") else "Introduced")
    assert bill.title.startswith("To ")
    assert len({section.path for section in bill.sections}) == len(bill.sections)
    assert all(len(words(bill, clause)) < 1500 for clause in bill.clauses)
    assert not any(words(bill, clause).startswith("(") for clause in bill.clauses)


@needs_real
def test_a_prohibition_of_a_real_bill_is_one_clause_under_its_headings() -> None:
    bill = read_bill(next(path for path in REAL if "S2938" in path.stem))
    clause = next(clause for clause in bill.clauses if clause.path == "§ 4(b)")
    assert words(bill, clause).startswith(
        "No person may deploy an advanced artificial intelligence"
    )
    assert clause.heading.endswith("· Prohibition on deployment")
    duty = next(clause for clause in bill.clauses if clause.path == "§ 4(a)(2)(C)")
    assert [bill.quote(*opened)[-12:] for opened in duty.governed_by] == [
        "oper shall—",
        "m developer—",
    ] or bill.quote(*duty.governed_by[0]).endswith("developer shall—")


@pytest.mark.parametrize(
    ("name", "path", "said"),
    [
        ("marked", "§ 3(a)(2)(B)", "is exempt under paragraph (1)."),
        ("marked", "§ 4 → § 223(h)(2)(ii)", "sell one."),
        ("typeset", "§ 2(b)(1)(B)", "name each model."),
        ("typeset", "§ 3 → § 5(c)(1)", "it is registered; or"),
        ("new_york", "§ 1 → § 1421(1)(c)", "Record each test."),
        ("california", "§ 1(b)", "Openness helps everyone."),
        (
            "california",
            "§ 2 → § 22757.12(b)",
            "A developer shall not make a false statement.",
        ),
        (
            "texas",
            "§ 2 → § 551.002(2)",
            "develops or deploys an artificial intelligence system in this state.",
        ),
        ("colorado", "§ 1 → § 6-1-1701(1)(a)(II)", "A class is treated differently."),
        ("montana", "§ 4 → § 2-1-101(1)", "The code applies to all."),
        ("montana", "§ 2(1)(b)", "preventing fraud."),
        ("ohio", "§ 1 → § 1355.01(B)(1)", '"Person" means a human.'),
        ("new_hampshire", "§ 1 → § 31:23(II)(b)", "Tax it."),
        ("minnesota", "§ 1 → § 325E.91, subd. 2(2)", "nudify an image on behalf of a user."),
    ],
)
def test_clauses_have_the_path_by_which_they_are_cited(name: str, path: str, said: str) -> None:
    assert clause_at(read_bill(sample(name)), path) == said


@pytest.mark.parametrize(
    ("name", "number", "jurisdiction", "version"),
    [
        ("marked", "H. R. 77", "US", "Introduced"),
        ("typeset", "S. 88", "US", ""),
        ("new_york", "S 6953--A", "NY", "Amended (A)"),
        ("california", "SB 553", "CA", ""),
        ("texas", "HB 149", "TX", ""),
        ("colorado", "", "CO", ""),
        ("montana", "SB 212", "MT", ""),
        ("ohio", "H. B. 392", "OH", "Introduced"),
        ("new_hampshire", "HB 1124", "NH", "Introduced"),
        ("minnesota", "", "MN", ""),
    ],
)
def test_number_state_and_version_are_those_of_the_first_page(
    name: str, number: str, jurisdiction: str, version: str
) -> None:
    bill = read_bill(sample(name))
    assert (bill.number, bill.jurisdiction, bill.version) == (number, jurisdiction, version)
    assert bill.title


def test_words_above_a_list_govern_each_of_its_clauses() -> None:
    bill = read_bill(sample("marked"))
    clause = next(clause for clause in bill.clauses if clause.path == "§ 3(a)(2)(A)")
    assert [bill.quote(*opened) for opened in clause.governed_by] == [
        "A developer shall not deploy a large model unless—",
        "the model—",
    ]


def test_each_sentence_of_a_paragraph_is_a_clause_and_a_citation_ends_none() -> None:
    bill = read_bill(sample("marked"))
    said = [words(bill, clause) for clause in bill.clauses if clause.path == "§ 3(b)"]
    assert said == [
        "The Secretary shall found an office.",
        "The office may, under 5 U.S.C. 553, issue rules.",
    ]


def test_a_table_of_contents_is_no_clause() -> None:
    bill = read_bill(sample("marked"))
    assert not any("Sec. 2. Definitions" in words(bill, clause) for clause in bill.clauses)
    new_york = read_bill(sample("new_york"))
    assert not any("1421. Duties" in words(new_york, clause) for clause in new_york.clauses)


def test_line_numbers_page_heads_and_split_words_leave_no_trace_in_a_quote() -> None:
    bill = read_bill(sample("new_york"))
    assert "the large developer shall do all of the following:" in bill.text
    assert "fron-" not in bill.text
    assert "EXPLANATION" not in bill.text
    assert "LBD" not in bill.text
    assert clause_at(bill, "§ 1 → § 1420(1)") == (
        '"Frontier model" means a model trained using greater than 10^26 computational operations.'
    )


def test_matter_in_brackets_is_struck_where_the_bill_says_so() -> None:
    bill = read_bill(sample("new_york"))
    struck = next(clause for clause in bill.clauses if "Register" in words(bill, clause))
    assert struck.change is Change.STRUCK
    kept = next(clause for clause in bill.clauses if "[has]" in words(bill, clause))
    assert kept.change is Change.NONE
    montana = read_bill(sample("montana"))
    assert all(clause.change is Change.NONE for clause in montana.clauses)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252"])
def test_other_encodings_are_read_with_their_own_byte_offsets(encoding: str) -> None:
    data = sample("marked").decode().encode(encoding)
    bill = read_bill(data)
    check_whole(bill, data)
    assert (
        clause_at(bill, "§ 3(a)(1)") == "the developer holds an approval under subsection (b); and"
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \n\0\n", "is empty"),
        (b"PK\x03\x04rest", "is a ZIP or Word file"),
        (bytes(range(32)) * 40, "is not text"),
        (b"A recipe for soup. Take two onions and a pan.", "is no bill"),
    ],
)
def test_what_is_no_bill_is_refused_in_one_sentence_with_a_hint(data: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        read_bill(data, "soup.txt")
    assert caught.value.message.startswith("soup.txt ")
    assert caught.value.hint


def test_a_clause_without_a_section_is_read_and_noted() -> None:
    bill = read_bill(b"(a) A developer shall not deploy a model. (b) The rest stands.")
    assert "No section was found: it is read as one piece of text." in bill.notes
    assert bill.clauses


def test_a_file_that_is_far_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(UsageError, match="64 MB"):
        read_bill(path)


def test_nul_characters_are_blanks() -> None:
    data = sample("typeset").replace(b"pay a fee", b"pay\0a fee")
    bill = read_bill(data)
    assert clause_at(bill, "§ 2(b)(1)(A)") == "pay a fee; and"
    check_whole(bill, data)


def test_words_that_open_a_list_without_numbers_govern_it_too() -> None:
    bill = read_bill(
        b"SECTION 1. Duty.\n\nA developer shall do all of the following:\n\n"
        b"Test each model.\n\nPublish the test.\n"
    )
    assert [words(bill, clause) for clause in bill.clauses] == [
        "Test each model.",
        "Publish the test.",
    ]
    for clause in bill.clauses:
        (opened,) = clause.governed_by
        assert bill.quote(*opened) == "A developer shall do all of the following:"
