"""Files damaged at random: read or refused in a sentence, and no quote is ever unproved."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.civic.bills.bill_texts import SAMPLES_FOLDER
from tests.civic.bills.pdf_writing import pdf_of
from tests.civic.bills.test_read import check_whole

from freehold.civic.bills.read import read_bill
from freehold.errors import UsageError

BITS = [
    *(
        b"(a)",
        b"(i)",
        b"(1)",
        b"\n",
        b"\r\n",
        b"\n\n",
        b"SECTION 2. ",
        b"Sec. 9.9. ",
        b"[",
        b"]",
        b"--",
    ),
    *(
        b"\xe2\x80\x94",
        b"\xff",
        b"\0",
        b"\f",
        b"<",
        b">",
        b"&",
        b"&amp;",
        b"**",
        b"#### ",
        b"``",
        b"''",
    ),
    *(
        b"<u>",
        b"</strike>",
        b"<sup>",
        b"<DELETED>",
        b"</DELETED>",
        b"-\n  7  ",
        b" 10 26 operations",
    ),
    *(
        b"</section>",
        b"<section>",
        b"<enum>",
        b"<quote>",
        b"the following:",
        b'"',
        b"\xc2\xa0",
        b" means ",
    ),
]
FILES = sorted(path for path in SAMPLES_FOLDER.iterdir() if path.is_file())


def damaged(data: bytes, cuts: list[tuple[int, int, bytes]]) -> bytes:
    """The file with pieces taken out and others put in."""
    for place, length, put in cuts:
        at = place % (len(data) + 1)
        data = data[:at] + put + data[at + length :]
    return data


CUTS = st.lists(
    st.tuples(
        st.integers(0, 1 << 16),
        st.integers(0, 60),
        st.one_of(st.sampled_from(BITS), st.binary(max_size=3)),
    ),
    min_size=1,
    max_size=6,
)


def read_or_refuse(data: bytes) -> None:
    try:
        bill = read_bill(data, "bill")
    except UsageError as error:
        assert error.hint  # noqa: PT017 - either end is right
    else:
        check_whole(bill, data)
        assert bill == read_bill(data, "bill")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(cuts=CUTS)
def test_damaged_files(path: Path, cuts: list[tuple[int, int, bytes]]) -> None:
    read_or_refuse(damaged(path.read_bytes(), cuts))


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(cuts=CUTS)
def test_damaged_pdfs(cuts: list[tuple[int, int, bytes]]) -> None:
    data = pdf_of([["SECTION 1. A person shall not lie.", "(a) It is so; or"], ["(b) not."]])
    read_or_refuse(damaged(data, cuts))


@settings(max_examples=60)
@given(parts=st.lists(st.sampled_from(BITS), max_size=40))
@example(parts=['" — "'.encode(), b" means "])
def test_files_made_of_marks_alone(parts: list[bytes]) -> None:
    read_or_refuse(b"shall " + b" ".join(parts))
