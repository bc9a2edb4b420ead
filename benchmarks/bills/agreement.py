"""How far two labellings agree: percent and Cohen's kappa; with --write, settled labels.

`python benchmarks/bills/agreement.py labels-a.json labels-b.json [--write]`, files of `held_out/`
beside those of this folder. Settled is the first labelling, but where `held_out/settled.json` says
otherwise: `{"d012": {"label": "use", "red_line": null,
"reason": "..."}}`. A disagreement without a reason there is listed, and nothing is written.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Labels = dict[str, dict[str, Any]]
HALVES = {"labels.json": "d", "held_out/labels.json": "h"}
"""Where the settled labels go, by the first letter of their identifiers."""


def load(path: Path) -> Labels:
    """Labels by identifier; a list of them, or a mapping from identifiers."""
    read = json.loads(path.read_text(encoding="utf-8"))
    return read if isinstance(read, dict) else {one["id"]: one for one in read}


def both_halves(name: str) -> Labels:
    """The labels of a file of this folder and of the file of that name in `held_out/`."""
    paths = [path for path in (HERE / name, HERE / "held_out" / name) if path.exists()]
    if not paths:
        sys.exit(f"neither {name} nor held_out/{name} is there, in {HERE}")
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


def compare(a: Labels, b: Labels) -> list[str]:
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
    if red:
        show("  which red line", [(a[i]["red_line"], b[i]["red_line"]) for i in red])
    differ = [i for i in both if _answer(a[i]) != _answer(b[i])]
    for i in differ:
        print(f"  {i} {a[i]['bill']}: {_answer(a[i])} against {_answer(b[i])}")
    missing = len(a) - len(both)
    if missing:
        print(f"{missing} clauses of the first are not in the second")
    return differ


def _answer(one: dict[str, Any]) -> str:
    return f"{one['label']} ({one['red_line']})" if one.get("red_line") else str(one["label"])


def settle(a: Labels, settled: Labels) -> dict[str, list[dict[str, Any]]]:
    """The first labelling with what was settled put in its place, per file."""
    files: dict[str, list[dict[str, Any]]] = {name: [] for name in HALVES}
    for name, first in HALVES.items():
        for i, one in a.items():
            if i.startswith(first):
                files[name].append({**one, **settled.get(i, {})})
    return files


def main() -> int:
    """Compares; writes if asked and every disagreement has its reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", nargs="?", default="labels-a.json")
    parser.add_argument("second", nargs="?", default="labels-b.json")
    parser.add_argument("--write", action="store_true", help="write labels.json and held_out/")
    options = parser.parse_args()
    a = both_halves(options.first)
    settled = load(HERE / "held_out" / "settled.json")
    differ = compare(a, both_halves(options.second))
    open_ones = [i for i in differ if not settled.get(i, {}).get("reason")]
    if open_ones:
        print(f"{len(open_ones)} not settled yet: " + " ".join(open_ones))
    if options.write and open_ones:
        print("nothing written: give each a reason in settled.json", file=sys.stderr)
        return 1
    if options.write:
        for name, labels in settle(a, settled).items():
            text = json.dumps(labels, indent=1, ensure_ascii=False)
            (HERE / name).write_text(text + "\n", encoding="utf-8")
        print("written: " + ", ".join(HALVES))
    return 0


if __name__ == "__main__":
    sys.exit(main())
