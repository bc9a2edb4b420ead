"""How long `freehold act bill` takes to read and class a bill of 100 pages, and one of 2,000.

The bill is made of real ones, repeated under new section numbers, as plain text, as GovInfo XML and
as a PDF. Beside it, in the same run, what reading alone takes. Bar: 3 s for 100 pages as text and
as XML; 2,000 pages of text in 25 times the seconds of 100 at most, and 1 GB of memory.
"""

from __future__ import annotations

import argparse
import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from freehold.civic.bills.checking import QuoteCheck
from freehold.civic.bills.read import read_bill
from freehold.civic.clauses.class_bill import class_bill
from measure import report

TEXTS = Path(__file__).resolve().parent / "bills" / "texts"
SOURCES = ("US-S2938-2025-is", "US-S3062-2025-is", "US-S146-2025-is")
WORDS_A_PAGE = 250
"""Of a printed bill."""
PAGES, MANY = 100, 2000
BAR, GROWTH, MEMORY = 3.0, 25.0, 1 << 30


def main() -> int:
    args = arguments()
    figures: dict[str, object] = {"words_a_page": WORDS_A_PAGE}
    times: dict[str, float] = {}
    for name, make in FORMS.items():
        data = make(sections(PAGES))
        reading, whole, clauses = timed(data, args.rounds)
        times[name] = whole
        figures[name] = {"read_s": reading, "read_and_class_s": whole, "clauses": clauses}
        print(f"{PAGES:,} pages, {name:5} {len(data) / 1e6:6.2f} MB, {clauses:6,} clauses: "
              f"read {reading:.2f} s, with classing {whole:.2f} s")  # fmt: skip
    reading, many, clauses = timed(as_text(sections(MANY)), 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(f"{MANY:,} pages, text, {clauses:,} clauses: read {reading:.1f} s, with classing "
          f"{many:.1f} s; {peak / 1e6:,.0f} MB at most")  # fmt: skip
    figures["many"] = {"pages": MANY, "read_s": reading, "read_and_class_s": many, "peak": peak}
    met = max(times["text"], times["xml"]) < BAR and peak < MEMORY
    met = met and many < GROWTH * max(times["text"], 0.1)
    bar = f"{PAGES} pages in {BAR:.0f} s as text and XML; {MANY:,} pages in proportion, under 1 GB"
    return report("bill_speed", bar, figures, args.json, met=met)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--json", type=Path, help="keep the figures there")
    return parser.parse_args()


def timed(data: bytes, rounds: int) -> tuple[float, float, int]:
    """Median seconds of reading, and of reading with classing and checked quotes; the clauses."""
    readings, wholes = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        bill = read_bill(data, "bill")
        readings.append(time.perf_counter() - start)
        found = class_bill(bill, QuoteCheck(bill, data).holds)
        wholes.append(time.perf_counter() - start)
        if found.dropped or not found.red_lines:  # the quick way would be to find nothing
            raise SystemExit(f"{found.dropped} quotes were dropped of {found.read} clauses")
    return sorted(readings)[rounds // 2], sorted(wholes)[rounds // 2], found.read


def sections(pages: int) -> list[tuple[str, list[str]]]:
    """(heading, paragraphs) of real sections, numbered anew, until there are so many pages."""
    real = [each for name in SOURCES for each in _sections(name)]
    found: list[tuple[str, list[str]]] = []
    words = 0
    while words < pages * WORDS_A_PAGE:
        heading, paragraphs = real[len(found) % len(real)]
        found.append((heading, paragraphs))
        words += sum(len(each.split()) for each in (heading, *paragraphs))
    return found


def _sections(name: str) -> list[tuple[str, list[str]]]:
    text = (TEXTS / f"{name}.txt").read_text(encoding="utf-8")
    pieces = re.split(r"(?m)^#### \d+\. ", text)[1:]
    return [(lines[0], lines[1:]) for lines in (each.strip().splitlines() for each in pieces)]


def as_text(parts: list[tuple[str, list[str]]]) -> bytes:
    """As the texts at hand are written."""
    rows = ["A BILL", "To regulate artificial intelligence systems."]
    for number, (heading, paragraphs) in enumerate(parts, 1):
        rows += [f"#### {number}. {heading}", *paragraphs]
    return "\n".join(rows).encode()


def as_xml(parts: list[tuple[str, list[str]]]) -> bytes:
    """As GovInfo's bill.dtd has it: sections with their text."""
    rows = ['<?xml version="1.0"?>', '<bill bill-stage="Introduced-in-House"><form>',
            "<official-title>To regulate artificial intelligence systems.</official-title></form>",
            "<legis-body>"]  # fmt: skip
    for number, (heading, paragraphs) in enumerate(parts, 1):
        rows.append(f"<section><enum>{number}.</enum><header>{escape(heading)}</header>")
        label = ""
        for each in paragraphs:
            mark = re.match(r"#* ?\**(\(\w+\))", each)
            if mark:
                label = mark[1]
            elif label:
                rows.append(
                    f"<subsection><enum>{label}</enum><text>{escape(each)}</text></subsection>"
                )
                label = ""
            else:
                rows.append(f"<text>{escape(each)}</text>")
        rows.append("</section>")
    return "\n".join([*rows, "</legis-body></bill>"]).encode()


def as_pdf(parts: list[tuple[str, list[str]]]) -> bytes:
    """Pages of 25 lines, written by the tests' own small writer."""
    from textwrap import wrap

    from tests.civic.bills.pdf_writing import pdf_of

    rows = ["A BILL", "To regulate artificial intelligence systems."]
    for number, (heading, paragraphs) in enumerate(parts, 1):
        # What stands the same on many pages is left out as a page's head, so no two are the same.
        rows.append(f"SEC. {number}. {heading.upper()} {_in_letters(number)}.")
        rows += [
            line for each in paragraphs for line in wrap(re.sub(r"[#*]", "", each).strip(), 60)
        ]
    pages = [rows[at : at + 25] for at in range(0, len(rows), 25)]
    return pdf_of(pages)


def _in_letters(number: int) -> str:
    return "".join("ABCDEFGHIJ"[int(digit)] for digit in str(number))


def _plain(words: str) -> str:
    """Without the marks of headings, in letters that the PDF's font has."""
    return re.sub(r"[#*]", "", words).strip().encode("cp1252", "replace").decode("cp1252")


FORMS: dict[str, Callable[[list[tuple[str, list[str]]]], bytes]] = {
    "text": as_text,
    "xml": as_xml,
    "pdf": as_pdf,
}

if __name__ == "__main__":
    raise SystemExit(main())
