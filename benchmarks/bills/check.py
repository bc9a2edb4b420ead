"""Checks the labelled set: verbatim quotes, no overlaps, the stated sample; prints the counts."""

from __future__ import annotations

import json
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

from clauses import HERE, LATER, clauses, read
from sample import random_clauses

LABELS = ("restricts-tool", "use", "protects", "neutral")
RED_LINES = (
    "licence",
    "registration",
    "preclearance",
    "certified-only",
    "import-export",
    "cloud-only",
    "shutdown",
)
FILES = {
    "dev": HERE / "labels-a.json",
    "held_out": HERE / "held_out" / "labels-a.json",
    **{part: HERE / part / "labels.json" for part in LATER},
}


def faults_of(half: str, labels: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the labels of one half of the bills."""
    split = json.loads((HERE / "split.json").read_text(encoding="utf-8"))
    split |= {part: list(_sources(HERE / part)) for part in LATER}
    faults = []
    for one in labels:
        if read(one["bill"])[one["start"] : one["end"]] != one["quote"]:
            faults.append(f"{one['id']}: the quote is not text[start:end]")
        if one["bill"] not in split[half]:
            faults.append(f"{one['id']}: {one['bill']} is not in {half}")
        red = one["red_line"] in RED_LINES
        if one["label"] not in LABELS or red != (one["label"] == "restricts-tool"):
            faults.append(f"{one['id']}: {one['label']} with red line {one['red_line']}")
    for bill in {one["bill"] for one in labels}:
        mine = sorted((o for o in labels if o["bill"] == bill), key=lambda o: o["start"])
        for a, b in pairwise(mine):
            if b["start"] < a["end"]:
                faults.append(f"{a['id']} overlaps {b['id']}")
        if half in LATER:
            continue
        drawn = random_clauses(
            bill, [(o["start"], o["end"]) for o in mine if o["chosen"] == "hand"]
        )
        kept = [(o["start"], o["end"]) for o in mine if o["chosen"] == "random"]
        if [(clause.start, clause.end) for clause in drawn] != kept:
            faults.append(f"{bill}: the random clauses are not those the seed draws")
    return faults


def _sources(folder: Path) -> dict[str, Any]:
    """The texts of a folder, each with where it comes from."""
    found: dict[str, Any] = json.loads((folder / "sources.json").read_text(encoding="utf-8"))
    return found


def show(half: str, labels: list[dict[str, Any]]) -> None:
    """The counts by class, by red line and by bill."""
    bills = sorted({one["bill"] for one in labels})
    print(f"{half}: {len(labels)} clauses of {len(bills)} bills")
    kinds = Counter(one["label"] for one in labels).most_common()
    print("  " + ", ".join(f"{name} {count}" for name, count in kinds))
    reds = Counter(one["red_line"] for one in labels if one["red_line"]).most_common()
    print("  red lines: " + ", ".join(f"{name} {count}" for name, count in reds))
    for bill in bills:
        of_bill = Counter(one["label"] for one in labels if one["bill"] == bill)
        row = "  ".join(f"{name} {of_bill[name]:>2}" for name in LABELS)
        print(f"    {bill:<28} {row}  of {len(clauses(bill))} clauses")


def main() -> int:
    """Prints counts and faults; 1 if there are faults."""
    faults: list[str] = []
    for half, path in FILES.items():
        if path.exists():
            labels = json.loads(path.read_text(encoding="utf-8"))
            faults += faults_of(half, labels)
            show(half, labels)
    sources = {name for part in ("", *LATER) for name in _sources(HERE / part)}
    texts = {path.stem for path in HERE.glob("**/texts/*.txt")}
    faults += [f"{name}: a text or a source without the other" for name in texts ^ sources]
    print("\n".join(faults), file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
