"""Reading a bill of 100 pages in each form, against merely taking its words out, in turn.

Ours finds sections, clauses with what governs them, and definitions, and proves every clause's
quote against the file. The other takes the text out and splits it into words, no more: a text by
`str.split`, XML by the standard library's tree, a web page by its parser, a PDF by pypdf. Then
2,000 pages in a process of its own, for seconds and peak memory. Bar: 1 s for 100 pages of
everything but a PDF, 3 s for that, and every quote proved.
"""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from html.parser import HTMLParser
from xml.etree import ElementTree

from bill_forms import FORMS
from freehold.civic.bills.checking import QuoteCheck
from freehold.civic.bills.read import read_bill
from measure import in_turn, parser_of, report

PAGES, MANY = 100, 2000
BAR, BAR_PDF = 1.0, 3.0


def main() -> int:
    parser = parser_of(__doc__, pairs=5)
    parser.add_argument("--one", choices=FORMS, help="read MANY pages of this form, and say so")
    args = parser.parse_args()
    if args.one:
        print(json.dumps(many(args.one)))
        return 0
    figures: dict[str, object] = {"pages": PAGES, "pages_of_many": MANY, "pairs": args.pairs}
    met = True
    for form, make in FORMS.items():
        data = make(PAGES)
        bill = read_bill(data, form)
        proved = all_proved(data)
        pairs = in_turn(
            timed(partial(all_proved, data)), timed(partial(taken, form, data)), args.pairs
        )
        ours, theirs = pairs.medians
        met = met and proved and ours <= (BAR_PDF if form == "pdf" else BAR)
        figures[form] = {
            "bytes": len(data),
            "sections": len(bill.sections),
            "clauses": len(bill.clauses),
            "every_quote_proved": proved,
            "seconds": round(ours, 3),
            "seconds_of_words_alone": round(theirs, 4),
            "times": round(pairs.ratio, 1),
            "many": child(form),
        }
        print(form, figures[form], file=sys.stderr)
    bar = f"{BAR:g} s for {PAGES} pages, {BAR_PDF:g} s of PDF, every quote proved"
    return report("bill_reading", bar, figures, args.json, met=met)


def all_proved(data: bytes) -> bool:
    """Read a bill and prove every clause."""
    bill = read_bill(data, "bill")
    check = QuoteCheck(bill, data)
    return bool(bill.clauses) and all(check.holds(each.start, each.end) for each in bill.clauses)


def timed(work: Callable[[], object]) -> Callable[[], float]:
    def once() -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return once


def taken(form: str, data: bytes) -> int:
    """How many words there are, by the simplest means."""
    if form == "xml":
        return len("".join(ElementTree.fromstring(data).itertext()).split())
    if form == "web page":
        page = _Words()
        page.feed(data.decode())
        return len("".join(page.parts).split())
    if form == "pdf":
        from pypdf import PdfReader

        pages = PdfReader(io.BytesIO(data)).pages
        return len(" ".join(page.extract_text() for page in pages).split())
    return len(data.decode().split())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def many(form: str) -> dict[str, object]:
    """Seconds and peak memory of reading many pages, in this process."""
    data = FORMS[form](MANY)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    bill = read_bill(data, form)
    taken_seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "bytes": len(data),
        "clauses": len(bill.clauses),
        "seconds": round(taken_seconds, 2),
        "peak_mb": round(peak / 1024),
        "peak_mb_before": round(before / 1024),
    }


def child(form: str) -> object:
    answer = subprocess.run(
        [sys.executable, __file__, "--one", form], check=True, capture_output=True, text=True
    )
    return json.loads(answer.stdout)


if __name__ == "__main__":
    raise SystemExit(main())
