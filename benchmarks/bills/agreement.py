"""How far two labellings agree: percent and Cohen's kappa; with --write, settled labels.

`python benchmarks/bills/agreement.py [--part first|fresh|third|fourth|fifth] [--write]`: the first
part is this folder and `held_out/`. Settled is the first labelling, but where `settled.json` says
otherwise: `{"d012": {"label": "use", "red_line": null, "reason": "..."}}`. A disagreement without a
reason there is listed, and nothing is written. `--quiet` tells no clause, for whoever must not know
any.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from clauses import HERE, LATER

Labels = dict[str, dict[str, Any]]
PARTS = {"first": {"": "d", "held_out": "h"}, **{part: {part: ""} for part in LATER}}
"""The folders of each part, with the first letter of their identifiers."""


def load(path: Path) -> Labels:
    """Labels by identifier; a list of them, or a mapping from identifiers."""
    read = json.loads(path.read_text(encoding="utf-8"))
    return read if isinstance(read, dict) else {one["id"]: one for one in read}


def labels_of(part: str, name: str) -> Labels:
    """The labels of a file of that name in each folder of a part that has one."""
    paths = [path for folder in PARTS[part] if (path := HERE / folder / name).exists()]
    if not paths:
        sys.exit(f"no folder of the part {part} has {name}, in {HERE}")
    return {i: one for path in paths for i, one in load(path).items()}


def kappa(pairs: list[tuple[str, str]]) -> float:
    """Cohen's kappa: agreement beyond that of two labellers who guess by their own frequencies."""
    total = len(pairs)
    seen = sum(a == b for a, b in pairs) / total
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    guessed = sum(first[name] * second[name] for name in first) / total**2
    return 1.0 if guessed == 1 else (seen - guessed) / (1 - guessed)


def show(title: str, pairs: list[tuple[str, str]]) -> None:
    """One line: how many, how many alike, kappa."""
    alike = sum(a == b for a, b in pairs)
    percent = 100 * alike / len(pairs)
    print(f"{title}: {alike} of {len(pairs)} alike, {percent:.1f}%, kappa {kappa(pairs):.3f}")


def compare(a: Labels, b: Labels, *, quiet: bool = False) -> list[str]:
    """Prints the agreement of all, of each half and of each class; the identifiers that differ."""
    both = [one for one in a if one in b]
    if not both:
        sys.exit("the two labellings have no clause in common")
    for title, first in (("all", ""), ("development", "d"), ("held out", "h")):
        pairs = [(a[i]["label"], b[i]["label"]) for i in both if i.startswith(first)]
        if pairs:
            show(title, pairs)
    for name in sorted({a[i]["label"] for i in both}):
        of_a = [(str(a[i]["label"] == name), str(b[i]["label"] == name)) for i in both]
        show(f"  {name} or not", of_a)
    red = [i for i in both if a[i]["label"] == b[i]["label"] == "restricts-tool"]
    first, second = (sum(of[i]["label"] == "restricts-tool" for i in both) for of in (a, b))
    print(
        f"  the second as a reader of the first: {len(red)} of {first} red lines found, "
        f"{len(red)} of {second} right"
    )
    if red:
        show("  which red line", [(a[i]["red_line"], b[i]["red_line"]) for i in red])
    differ = [i for i in both if _answer(a[i]) != _answer(b[i])]
    for i in [] if quiet else differ:
        print(f"  {i} {a[i]['bill']}: {_answer(a[i])} against {_answer(b[i])}")
    missing = len(a) - len(both)
    if missing:
        print(f"{missing} clauses of the first are not in the second")
    return differ


def _answer(one: dict[str, Any]) -> str:
    return f"{one['label']} ({one['red_line']})" if one.get("red_line") else str(one["label"])


def settle(part: str, a: Labels, settled: Labels) -> dict[str, list[dict[str, Any]]]:
    """The first labelling with what was settled put in its place, per folder."""
    return {
        folder: [{**one, **settled.get(i, {})} for i, one in a.items() if i.startswith(first)]
        for folder, first in PARTS[part].items()
    }


def main() -> int:
    """Compares; writes if asked and every disagreement has its reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=tuple(PARTS), default="first")
    parser.add_argument("--write", action="store_true", help="write each folder's labels.json")
    parser.add_argument("--quiet", action="store_true", help="tell no clause that differs")
    options = parser.parse_args()
    a = labels_of(options.part, "labels-a.json")
    settled = labels_of(options.part, "settled.json")
    differ = compare(a, labels_of(options.part, "labels-b.json"), quiet=options.quiet)
    open_ones = [i for i in differ if not settled.get(i, {}).get("reason")]
    if open_ones:
        print(f"{len(open_ones)} not settled yet: " + " ".join(open_ones))
    if options.write and open_ones:
        print("nothing written: give each a reason in settled.json", file=sys.stderr)
        return 1
    if options.write:
        for folder, labels in settle(options.part, a, settled).items():
            text = json.dumps(labels, indent=1, ensure_ascii=False)
            (HERE / folder / "labels.json").write_text(text + "\n", encoding="utf-8")
            print(f"written: {folder or '.'}/labels.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
