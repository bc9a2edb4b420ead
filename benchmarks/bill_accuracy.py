"""How often the rules of `freehold act bill` are right about real bills, beside plain keywords.

Labelled clauses come from `bills/`: dev is what the rules were written with, held-out counts. A
finding and a label match if they overlap by at least half of the shorter one. Red lines are listed
exhaustively for each text, so their precision is over whole texts; the other classes are measured
on the labelled clauses, each given the class of the finding that overlaps it most (a red line
first); words that only open a list have the class that most of its items have. The baseline reads
the same clauses and looks for each class's plain words beside a word of law.
Bar: red lines found 0.9, and right 0.9; every quote verbatim.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from freehold.civic.bills.bill import Bill
from freehold.civic.bills.checking import QuoteCheck
from freehold.civic.bills.read import read_bill
from freehold.civic.clauses.class_bill import class_bill
from freehold.civic.clauses.finding import Label
from freehold.errors import UsageError
from measure import report

HERE = Path(__file__).resolve().parent / "bills"
RED = Label.RESTRICTS_TOOL.value

sys.path.insert(0, str(HERE))
cutter: Any = importlib.import_module("clauses")
"""The labels' own way of cutting a text, which lies beside them."""
LATER: tuple[str, ...] = cutter.LATER
"""Parts that came later, each unseen by whoever wrote rules or learned weights until measured."""


@dataclass(frozen=True)
class Mark:
    """A stretch of a saved text with a class: a label, a finding, a baseline's guess."""

    bill: str
    start: int
    end: int
    label: str
    red_line: str | None
    quote: str = ""
    opens: bool = False
    """Only the opening words of a list, with the class that most of its items have."""

    def meets(self, other: Mark) -> bool:
        """Whether they overlap by half of the shorter one."""
        return 2 * self.overlap(other) >= min(self.end - self.start, other.end - other.start)

    def overlap(self, other: Mark) -> int:
        """Characters that both have."""
        return max(0, min(self.end, other.end) - max(self.start, other.start))


def main() -> int:
    args = arguments()
    labels = labelled(args.split, args.labels)
    split = parts()
    names = split[args.split.replace("-", "_")]
    seen = set(split.get("seen_by_rule_author", ()))
    found, quotes = findings(names)
    guesses = keywords(names)
    figures: dict[str, Any] = {"split": args.split, "labels": len(labels), "bills": len(names)}
    figures["verbatim"] = quotes
    figures["read"] = sum(
        any(mark.bill == label.bill and mark.overlap(label) and mark.meets(label) for mark in found)
        for label in labels
    )
    print(f"labelled clauses that were read: {figures['read']} of {len(labels)}")
    for title, marks in (("rules", found), ("keywords", guesses)):
        print(f"\n{title}, {args.split}: {len(labels)} clauses of {len(names)} bills")
        figures[title] = measured(labels, marks, names)
        if seen & set(names):
            unseen = [name for name in names if name not in seen]
            print(f"the {len(unseen)} bills that nobody here had read before")
            figures[f"{title}_unseen"] = measured(
                [each for each in labels if each.bill in unseen], marks, unseen
            )
    print(f"\nverbatim quotes: {quotes['verbatim']} of {quotes['findings']}")
    if args.by_bill:
        by_bill(labels, found, names)
    if args.show:
        show(labels, found)
    red = figures["rules"]["red lines"]
    met = min(red["precision"], red["recall"]) >= 0.9 and quotes["verbatim"] == quotes["findings"]
    bar = "red lines: precision 0.9, recall 0.9; all quotes verbatim"
    return report("bill_accuracy", bar, figures, args.json, met=met)


def parts() -> dict[str, list[str]]:
    """The bills of each part."""
    split: dict[str, list[str]] = json.loads((HERE / "split.json").read_text(encoding="utf-8"))
    for part in LATER:
        split[part] = list(json.loads((HERE / part / "sources.json").read_text(encoding="utf-8")))
    return split


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("dev", "held-out", *LATER), default="dev")
    parser.add_argument("--labels", choices=("settled", "a", "b"), default="settled")
    parser.add_argument("--by-bill", action="store_true", help="the red lines of each bill")
    parser.add_argument("--show", action="store_true", help="each mistake, with its words")
    parser.add_argument("--json", type=Path, help="keep the figures there")
    return parser.parse_args()


def labelled(split: str, which: str) -> list[Mark]:
    """The labels of one part: the settled ones, else the first labelling."""
    folder = HERE if split == "dev" else HERE / split.replace("-", "_")
    names = {"settled": "labels.json", "a": "labels-a.json", "b": "labels-b.json"}
    path = folder / names[which]
    if not path.exists():
        path = folder / "labels-a.json"
    print(f"labels: {path.relative_to(HERE)}")
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [
        Mark(row["bill"], row["start"], row["end"], row["label"], row["red_line"], row["quote"])
        for row in rows
    ]


def findings(names: Sequence[str]) -> tuple[list[Mark], dict[str, int]]:
    """What the rules find, in the saved text's own offsets, and how many quotes are verbatim."""
    marks, good, total = [], 0, 0
    for name in names:
        data = cutter.place(name).read_bytes()
        try:
            bill = read_bill(data, name)
        except UsageError as error:  # an excerpt without any law in it; nothing is found there
            print(f"{name}: {error.message}")
            continue
        check = QuoteCheck(bill, data)
        in_source = source_places(bill, data)
        opened: dict[tuple[int, int], list[str]] = defaultdict(list)
        for each in class_bill(bill).findings:
            total += 1
            good += (
                check.holds(each.start, each.end) and bill.quote(each.start, each.end) == each.quote
            )
            start, end = in_source(each.start, each.end)
            marks.append(Mark(name, start, end, each.label, each.red_line, each.quote))
            for span in each.governed_by:
                opened[span].append(each.label)
        for span, classes in opened.items():
            ((label, _),) = Counter(classes).most_common(1)
            marks.append(Mark(name, *in_source(*span), label, None, opens=True))
    return marks, {"findings": total, "verbatim": good}


def source_places(bill: Bill, data: bytes) -> Callable[[int, int], tuple[int, int]]:
    """From offsets of the bill's reading text to characters of the file."""
    stretches = [each for each in bill.stretches if each.end > each.start]

    def places(start: int, end: int) -> tuple[int, int]:
        over = [each for each in stretches if each.start < end and each.end > start]
        first, last = over[0], over[-1]
        skip = len(bill.text[first.start : start].encode()) if start > first.start else 0
        left = len(bill.text[end : last.end].encode()) if end < last.end else 0
        begin = len(data[: first.where + skip].decode("utf-8", "ignore"))
        stop = len(data[: last.where + len(last.raw) - left].decode("utf-8", "ignore"))
        return begin, stop

    return places


MODAL = re.compile(r"\b(?:shall|must|may not|unlawful|prohibited|required?)\b", re.IGNORECASE)
PLAIN = (
    (RED, "licence", r"licen[cs]\w*|permit"),
    (RED, "registration", r"regist\w+|account|verif\w+ (?:of )?(?:age|identity)|oath"),
    (RED, "certified-only", r"certif\w+"),
    (RED, "import-export", r"import(?:ation|ed|s)?\b|export\w*"),
    (RED, "shutdown", r"shut ?down|kill switch|back ?door"),
    (RED, "cloud-only", r"open[- ]source|weights|cloud"),
    (RED, "preclearance", r"approv\w+|evaluat\w+|unless|pre-?clear\w+|authoriz\w+"),
    ("protects", None, r"right to|nothing in this|not be (?:construed|liable)|exempt\w*|not apply"),
    ("use", None, r"fraud|decei\w+|harm\w*|minor|child|sexual\w*|discriminat\w+|deep ?fake"),
    ("use", None, r"violen\w+|penalt\w+|fined|imprison\w+|consent|security|safeguard\w*|risk"),
)


def keywords(names: Sequence[str]) -> list[Mark]:
    """The baseline: the first class whose plain words stand in a clause beside a word of law."""
    marks = []
    for name in names:
        text = cutter.read(name)
        for clause in cutter.clauses(name):
            words = text[clause.start : clause.end]
            label, line = "neutral", None
            if MODAL.search(f"{clause.governing} {words}"):
                for label_, line_, pattern in PLAIN:
                    if re.search(rf"\b(?:{pattern})", words, re.IGNORECASE):
                        label, line = label_, line_
                        break
            marks.append(Mark(name, clause.start, clause.end, label, line, words))
    return marks


def measured(labels: Sequence[Mark], marks: Sequence[Mark], names: Sequence[str]) -> dict[str, Any]:
    """Precision and recall, printed and returned."""
    mine = defaultdict(list)
    for mark in marks:
        mine[mark.bill].append(mark)
    figures: dict[str, Any] = {}
    red_labels = [each for each in labels if each.label == RED]
    red_marks = [
        each for name in names for each in mine[name] if each.label == RED and not each.opens
    ]
    figures["red lines"] = _rates("red lines", red_labels, red_marks)
    for kind in sorted({each.red_line for each in (*red_labels, *red_marks) if each.red_line}):
        figures[kind] = _rates(
            f"  {kind}",
            [each for each in red_labels if each.red_line == kind],
            [each for each in red_marks if each.red_line == kind],
        )
    pairs = Counter((each.label, given(each, mine[each.bill])) for each in labels)
    for label in (RED, "protects", "use", "neutral"):
        figures[label] = _row(f"clauses: {label}", label, pairs)
    alarms = sum(
        count for (was, said), count in pairs.items() if said == RED and was in ("use", "neutral")
    )
    quiet = sum(count for (was, _), count in pairs.items() if was in ("use", "neutral"))
    print(f"false alarms on use and neutral clauses: {alarms} of {quiet}")
    figures["false_alarms"] = {"alarms": alarms, "clauses": quiet}
    return figures


def given(label: Mark, marks: Sequence[Mark]) -> str:
    """The class that a labelled clause was given."""
    met = [each for each in marks if each.meets(label) and each.overlap(label)]
    over = [each for each in met if not each.opens] or met
    if any(each.label == RED for each in over):
        return RED
    best = max(over, key=lambda each: each.overlap(label), default=None)
    return best.label if best else "neutral"


def _rates(title: str, labels: Sequence[Mark], marks: Sequence[Mark]) -> dict[str, Any]:
    hits = sum(any(_same(each, label) for label in labels) for each in marks)
    seen = sum(any(_same(each, label) for each in marks) for label in labels)
    precision = hits / len(marks) if marks else float(not labels)
    recall = seen / len(labels) if labels else 1.0
    print(
        f"{title:24} precision {precision:.2f} ({hits} of {len(marks)})   "
        f"recall {recall:.2f} ({seen} of {len(labels)})"
    )
    return {"precision": precision, "recall": recall, "found": len(marks), "labelled": len(labels)}


def _same(mark: Mark, label: Mark) -> bool:
    return mark.bill == label.bill and mark.overlap(label) > 0 and mark.meets(label)


def _row(title: str, label: str, pairs: Counter[tuple[str, str]]) -> dict[str, Any]:
    right = pairs[label, label]
    said = sum(count for (_, given_), count in pairs.items() if given_ == label)
    was = sum(count for (was_, _), count in pairs.items() if was_ == label)
    precision, recall = right / said if said else 0.0, right / was if was else 0.0
    print(
        f"{title:24} precision {precision:.2f} ({right} of {said})   recall {recall:.2f} "
        f"({right} of {was})"
    )
    return {"precision": precision, "recall": recall, "right": right, "said": said, "labelled": was}


def by_bill(labels: Sequence[Mark], marks: Sequence[Mark], names: Sequence[str]) -> None:
    """How many red lines each bill has, found and named, without a word of them."""
    for name in names:
        red = [each for each in labels if each.bill == name and each.label == RED]
        said = [
            each for each in marks if each.bill == name and each.label == RED and not each.opens
        ]
        if red or said:
            _rates(name, red, said)


def show(labels: Sequence[Mark], marks: Sequence[Mark]) -> None:
    """Every mistake."""
    red = [each for each in labels if each.label == RED]
    for each in marks:
        if each.label == RED and not each.opens and not any(_same(each, label) for label in red):
            print(f"\nfalse alarm {each.bill} {each.red_line}: {each.quote[:200]!r}")
    for label in labels:
        said = given(label, [each for each in marks if each.bill == label.bill])
        if said != label.label:
            print(f"\n{label.bill}: {label.label}, not {said}: {label.quote[:260]!r}")


if __name__ == "__main__":
    raise SystemExit(main())
