"""Checks the labelled set: verbatim quotes, no overlaps, the stated sample, nothing unlabelled; prints the counts."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from clauses import HERE, clauses, read
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
SETS = {"dev": HERE / "labels-a.json", "held_out": HERE / "held_out" / "labels-a.json"}


def faults_of(half: str, labels: list[dict]) -> list[str]:
    split = json.loads((HERE / "split.json").read_text(encoding="utf-8"))
    faults = []
    for one in labels:
        where = f"{half} {one['id']}"
        if read(one["bill"])[one["start"] : one["end"]] != one["quote"]:
            faults.append(f"{where}: the quote is not text[start:end]")
        if one["bill"] not in split[half]:
            faults.append(f"{where}: {one['bill']} is not in this half")
        if one["label"] not in LABELS or (one["red_line"] in RED_LINES) != (
            one["label"] == "restricts-tool"
        ):
            faults.append(f"{where}: {one['label']} with red line {one['red_line']}")
    for bill in {one["bill"] for one in labels}:
        mine = sorted((one for one in labels if one["bill"] == bill), key=lambda one: one["start"])
        faults += [
            f"{a['id']} overlaps {b['id']}"
            for a, b in zip(mine, mine[1:], strict=False)
            if b["start"] < a["end"]
        ]
        drawn = random_clauses(
            bill, [(one["start"], one["end"]) for one in mine if one["chosen"] == "hand"]
        )
        if [(c.start, c.end) for c in drawn] != [
            (o["start"], o["end"]) for o in mine if o["chosen"] == "random"
        ]:
            faults.append(f"{bill}: the random clauses are not those the seed draws")
    return faults


def show(half: str, labels: list[dict]) -> None:
    print(f"{half}: {len(labels)} clauses of {len({one['bill'] for one in labels})} bills")
    print(
        "  "
        + ", ".join(
            f"{name} {count}" for name, count in Counter(o["label"] for o in labels).most_common()
        )
    )
    reds = Counter(one["red_line"] for one in labels if one["red_line"])
    print(
        "  red lines: "
        + (", ".join(f"{name} {count}" for name, count in reds.most_common()) or "none")
    )
    for bill in sorted({one["bill"] for one in labels}):
        kinds = Counter(one["label"] for one in labels if one["bill"] == bill)
        row = "  ".join(f"{name} {kinds[name]:>2}" for name in LABELS)
        print(f"    {bill:<28} {row}  of {len(clauses(bill))}")


def main() -> int:
    faults: list[str] = []
    for half, path in SETS.items():
        if path.exists():
            labels = json.loads(path.read_text(encoding="utf-8"))
            faults += faults_of(half, labels)
            show(half, labels)
    sources = json.loads((HERE / "sources.json").read_text(encoding="utf-8"))
    named = {path.stem for path in Path(HERE / "texts").glob("*.txt")}
    faults += [
        f"{name}: a text without a source, or a source without a text"
        for name in named ^ set(sources)
    ]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
