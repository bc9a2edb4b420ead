"""Congress's two XML forms: cut by their elements, and closed to hostile files."""

from __future__ import annotations

import socket

import pytest
from tests.civic.bills.bill_texts import SAMPLES_FOLDER, clause_at, unstruck, words
from tests.civic.bills.test_read import check_whole

from freehold.civic.bills.bill import Change, SourceForm
from freehold.civic.bills.read import read_bill
from freehold.errors import UsageError

INTRODUCED = (SAMPLES_FOLDER / "introduced.xml").read_bytes()
ENROLLED = (SAMPLES_FOLDER / "enrolled.xml").read_bytes()
DEEP = b"<a>" * 5000


@pytest.mark.parametrize(
    ("data", "form"),
    [(INTRODUCED, SourceForm.BILL_XML), (ENROLLED, SourceForm.USLM_XML)],
    ids=["bill.dtd", "uslm"],
)
def test_every_quote_is_proved_against_the_file(data: bytes, form: SourceForm) -> None:
    bill = read_bill(data)
    assert bill.form is form
    check_whole(bill, data)


def test_a_wide_encoding_has_its_own_byte_offsets() -> None:
    data = ENROLLED.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    bill = read_bill(data)
    check_whole(bill, data)
    assert clause_at(bill, "§ 2(a)(1)") == "to own a model; or"


def test_number_title_and_version_are_read_from_their_elements() -> None:
    bill = read_bill(INTRODUCED)
    assert (bill.number, bill.version, bill.jurisdiction) == ("S. 900", "Introduced", "US")
    assert bill.title == "To require approval of large models & for other purposes"
    law = read_bill(ENROLLED)
    assert (law.number, law.version, law.jurisdiction) == ("S. 901", "Enrolled", "US")
    assert law.title == "To protect those who run models at home"


def test_clauses_have_their_path_what_governs_them_and_their_headings() -> None:
    bill = read_bill(INTRODUCED)
    clause = next(clause for clause in bill.clauses if clause.path == "§ 102(a)(2)(B)")
    assert words(bill, clause) == "is exempt,"
    assert [bill.quote(*opened) for opened in clause.governed_by] == [
        "No person may deploy a large model unless—",
        "the person—",
    ]
    assert clause.heading == "I Large models · Approval · In general"
    assert clause_at(bill, "§ 5 → § 223(h)(2)") == "lend one."
    after = next(clause for clause in bill.clauses if "each such approval" in words(bill, clause))
    assert after.path == "§ 102(a)"
    assert bill.quote(*after.governed_by[0]) == "No person may deploy a large model unless—"


def test_what_follows_a_title_is_no_longer_under_it() -> None:
    bill = read_bill(INTRODUCED)
    assert next(clause for clause in bill.clauses if clause.path == "§ 4").heading == "Register"


def test_a_table_of_contents_is_left_out() -> None:
    assert "Sec. 2. Definitions" not in read_bill(INTRODUCED).text


def test_a_raised_number_is_read_as_a_power() -> None:
    for data in (INTRODUCED, ENROLLED):
        assert "10^26 operations" in read_bill(data).text


def test_struck_sections_and_phrases_are_marked() -> None:
    bill = read_bill(INTRODUCED)
    struck = next(clause for clause in bill.clauses if clause.path == "§ 4")
    assert struck.change is Change.STRUCK
    mixed = next(clause for clause in bill.clauses if clause.path == "§ 102(a)(2)(A)")
    assert words(bill, mixed) == "paid the fee of $5 of $9; or"
    assert unstruck(bill, mixed) == "paid the fee of $9; or"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            b'<!DOCTYPE bill [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><bill>&b;</bill>',
            "declares an entity",
        ),
        (
            b'<!DOCTYPE bill [<!ENTITY x SYSTEM "file:///etc/passwd">]><bill><text>&x;</text></bill>',
            "declares an entity",
        ),
        (
            b'<!DOCTYPE bill [<!ENTITY % p SYSTEM "http://example.org/p.dtd">%p;]><bill>shall</bill>',
            "declares an entity",
        ),
        (b"<bill>" + DEEP, "deep"),
        (INTRODUCED[:2000], "no well-formed XML"),
        (INTRODUCED.replace(b"</enum>", b"</ enum>"), "no well-formed XML"),
        (b"<bill><section><enum>1.</enum></section></bill><bill/>", "no well-formed XML"),
    ],
    ids=["bomb", "file", "parameter", "deep", "cut short", "broken", "two roots"],
)
def test_hostile_and_broken_files_are_refused_in_one_sentence(data: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        read_bill(data, "S900.xml")
    assert caught.value.hint


def test_a_document_type_is_never_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket, "create_connection", refuse)
    data = INTRODUCED.replace(b'"bill.dtd"', b'"http://example.org/bill.dtd"')
    assert read_bill(data).clauses


def test_an_entity_that_the_document_type_would_name_is_read_by_its_usual_name() -> None:
    data = INTRODUCED.replace(b"lend one.", b"lend&mdash;or give&mdash;one.")
    bill = read_bill(data)
    assert clause_at(bill, "§ 5 → § 223(h)(2)") == "lend—or give—one."
    check_whole(bill, data)


@pytest.mark.parametrize("said", ["ISO-8859-1", "no-such-encoding", "UTF-8"])
def test_the_bytes_decide_on_the_encoding_and_not_what_the_file_says(said: str) -> None:
    data = ENROLLED.decode().replace('encoding="UTF-8"', f'encoding="{said}"').encode()
    bill = read_bill(data)
    check_whole(bill, data)
    assert "“Home Act”" in bill.text


def test_a_western_encoding_is_read() -> None:
    data = ENROLLED.decode().encode("cp1252")
    bill = read_bill(data)
    check_whole(bill, data)
    assert "“Home Act”" in bill.text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_wide_encoding_without_a_mark_is_read(encoding: str) -> None:
    data = ENROLLED.decode().replace('<?xml version="1.0" encoding="UTF-8"?>\n', "")
    bill = read_bill(data.encode(encoding))
    check_whole(bill, data.encode(encoding))


def read_body(body: str) -> list[tuple[str, str, str]]:
    data = f'<bill bill-stage="Introduced-in-House"><legis-body>{body}</legis-body></bill>'.encode()
    bill = read_bill(data)
    check_whole(bill, data)
    return [(each.path, each.heading, words(bill, each)) for each in bill.clauses]


def test_a_whole_section_of_other_law_is_cited_by_its_own_number() -> None:
    assert read_body(
        "<section><enum>2.</enum><header>Exports</header><text>The Act is amended by adding after"
        " section 1758 the following:</text><quoted-block><section><enum>1758A.</enum>"
        "<header>Chips</header><subsection><enum>(a)</enum><text>A license is required.</text>"
        "</subsection></section><after-quoted-block>.</after-quoted-block></quoted-block></section>"
        "<section><enum>3.</enum><text>It stands.</text></section>"
    ) == [
        ("§ 2", "Exports", "The Act is amended by adding after section 1758 the following:"),
        ("§ 2 → § 1758A(a)", "Exports · Chips", "A license is required."),
        ("§ 3", "", "It stands."),
    ]


def test_money_before_the_first_section_is_read_under_its_headings() -> None:
    assert read_body(
        "<title><enum>I</enum><header>Department</header><appropriations-major><header>Office"
        "</header><text>For the office, $5, shall be available.</text></appropriations-major>"
        "<section><enum>101.</enum><text>No funds may be used.</text></section></title>"
    ) == [
        ("", "I Department · Office", "For the office, $5, shall be available."),
        ("§ 101", "I Department", "No funds may be used."),
    ]


def test_a_heading_inside_a_table_is_not_the_sections() -> None:
    (clause,) = read_body(
        "<section><enum>1.</enum><header>Fees</header><table><ttitle>x</ttitle><row><entry>"
        "<header>Kind</header></entry><entry>A person shall pay.</entry></row></table></section>"
    )
    assert clause[1] == "Fees"
