"""The pages that states publish: preformatted, in paragraphs, one line to a table's row."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.civic.bills.bill_texts import SAMPLES_FOLDER, clause_at, unstruck, words
from tests.civic.bills.test_read import check_whole

from freehold.civic.bills.bill import Change, SourceForm
from freehold.civic.bills.read import read_bill
from freehold.errors import UsageError

PAGES = sorted(SAMPLES_FOLDER.glob("*.html"))


def page(name: str) -> bytes:
    return (SAMPLES_FOLDER / f"{name}.html").read_bytes()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_quote_is_proved_against_the_page(path: Path) -> None:
    bill = read_bill(path)
    assert bill.form is SourceForm.HTML
    assert len(bill.clauses) >= 4
    check_whole(bill, path.read_bytes())


@pytest.mark.parametrize(
    ("name", "path", "said"),
    [
        ("new_york", "§ 1 → § 390-f(2)(b)", "keep it."),
        ("texas", "§ 1 → § 120.1(b)", "A person may own a model."),
        ("california", "§ 1 → § 22757.20(b)(2)", "A developer shall not lie."),
    ],
)
def test_clauses_have_the_path_by_which_they_are_cited(name: str, path: str, said: str) -> None:
    assert clause_at(read_bill(page(name)), path) == said


def test_a_word_split_over_two_pages_is_whole_again() -> None:
    assert "a generative model; the operator shall:" in read_bill(page("new_york")).text


def test_raised_numbers_and_character_references_are_read() -> None:
    bill = read_bill(page("new_york"))
    assert "10^26 integer operations & more" in bill.text
    assert "§ 390-f" in bill.text


def test_change_marks_are_kept_with_the_words_they_change() -> None:
    bill = read_bill(page("texas"))
    clause = next(clause for clause in bill.clauses if "permit" in words(bill, clause))
    assert clause.change is Change.NONE
    assert "permit" not in unstruck(bill, clause)
    added = next(clause for clause in bill.clauses if "own a model" in words(bill, clause))
    assert added.change is Change.INSERTED
    new_york = read_bill(page("new_york"))
    struck = next(clause for clause in new_york.clauses if "register" in words(new_york, clause))
    assert struck.change is Change.STRUCK


def test_scripts_styles_and_navigation_are_no_part_of_the_text() -> None:
    for path in PAGES:
        text = read_bill(path).text
        assert "document.write" not in text
        assert "obey" not in text
        assert "Home Bill" not in text


def test_a_page_in_another_encoding_keeps_its_byte_offsets() -> None:
    data = page("california").replace(b"&ldquo;", b"\x93").replace(b"&rdquo;", b"\x94")
    bill = read_bill(data)
    check_whole(bill, data)
    assert "“large model” means" in bill.text
    assert "The page was read as CP1252." in bill.notes


def test_an_empty_page_that_a_script_would_fill_is_refused_with_what_to_do() -> None:
    with pytest.raises(UsageError, match="no words") as caught:
        read_bill(b"<html><body><div id=app></div><script>load()</script></body></html>", "x.html")
    assert "Save the page from a browser" in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        b"<html><p>A person shall not <b>lie</i></p></section><table><tr><p>SECTION 1. It may.",
        b"<pre>" * 3000 + b"SECTION 1. A person shall not lie." + b"</pre>" * 10,
        b"<p>SECTION 1. A person &bogus; &#x110000; &#99999999; & shall <not lie.",
        b"<html><!-- <p>SECTION 1. It shall." + b"<p>SECTION 2. One may not." * 3,
    ],
)
def test_broken_pages_are_read_or_refused_but_never_end_in_a_traceback(data: bytes) -> None:
    try:
        bill = read_bill(data)
    except UsageError as error:
        assert error.hint  # noqa: PT017 - either end is right
    else:
        check_whole(bill, data)


@pytest.mark.parametrize("mark", [b"<!--", b"<a b='", b"<!-- > ", b"<"])
def test_marks_opened_by_the_thousand_and_never_closed_are_refused_at_once(mark: bytes) -> None:
    with pytest.raises(UsageError, match="never closed"):
        read_bill(b"<html><p>SECTION 1. It shall be." + mark * 500_000)
