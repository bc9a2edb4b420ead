"""A small bill of our own, for the whole path: bytes, reading, rules, checked quotes."""

from __future__ import annotations

from freehold.civic.bills.checking import QuoteCheck
from freehold.civic.bills.read import read_bill
from freehold.civic.clauses.class_bill import class_bill
from freehold.civic.clauses.report import Report

SMALL_BILL = """\
A BILL
To regulate artificial intelligence models, and for other purposes.
SECTION 1. SHORT TITLE.
This Act may be cited as the Model Licensing Act.
SEC. 2. DEFINITIONS.
In this Act:
(1) COVERED MODEL.—The term "covered model" means an artificial intelligence model trained using \
more than 10 26 integer or floating-point operations.
(2) KEEPER.—The term "keeper" means a person who owns or runs a covered model.
SEC. 3. LICENSE.
(a) IN GENERAL.—No keeper may run a covered model unless the keeper holds a license issued by \
the Commission.
(b) DUTIES.—A keeper shall—
(1) register the covered model with the Commission; and
(2) pay a fee of $500.
(c) PENALTY.—A keeper that violates subsection (a) shall be fined not more than $10,000.
SEC. 4. HARM.
(a) FRAUD.—A person shall not use a covered model to defraud another.
(b) PENALTY.—A person that violates subsection (a) shall be fined not more than $10,000.
SEC. 5. EXEMPTION.
This Act does not apply to an open-source covered model that a person runs for personal use.
SEC. 6. REPORT.
The Commission shall submit to Congress a report on licenses issued under section 3.
"""


def report_of(text: str) -> Report:
    """Class a text as the command does."""
    data = text.encode()
    bill = read_bill(data, "small.txt")
    return class_bill(bill, QuoteCheck(bill, data).holds)
