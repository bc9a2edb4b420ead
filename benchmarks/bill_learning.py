"""Learn the weights of the second look of `freehold act bill`, and how well they carry over.

Learned from every labelled clause that is not kept unseen: the development bills of `bills/`, its
opened parts (held-out, fresh, third to fifth), and bills and clauses that were drafted for this
(`bills/drafted`). Before the weights are kept, each source is left out once and told from the
others: what the rules find there alone, and together with the weights learned without it.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bill_accuracy import HERE, LATER, cutter, parts, source_places
from freehold.civic.bills.read import read_bill
from freehold.civic.clauses.blocks import Block
from freehold.civic.clauses.finding import Label, RedLine
from freehold.civic.clauses.judging import hear
from freehold.civic.clauses.learned.features import features
from freehold.civic.clauses.learned.second_look import DOUBTED
from freehold.civic.clauses.passage import Passage, Reader
from freehold.civic.clauses.subject import Subject, subject_of
from freehold.errors import UsageError
from measure import report

CLASSES = (*map(str, RedLine), *(str(each) for each in Label if each is not Label.RESTRICTS_TOOL))
REDS = len(RedLine)
KEPT = HERE.parents[1] / "src/freehold/civic/clauses/learned/weights.json"
WORDINGS = HERE.parents[1] / "tests/civic/clauses/wordings.txt"
MARK = re.compile(r"\{\{([\w-]+)\}\} ?")
TITLE = Subject(title="an act relating to artificial intelligence")
SEEN_TWICE, RED_WEIGHT, HOLD, STEPS = 2, 2.0, 2.0, 500
"""A feature is in two clauses at least; a red line counts twice; the L2 penalty; steps taken."""
LEAST = 8
"""Hundredths: a feature none of whose weights is larger is not kept."""
SHARES = (0.3, 0.5, 0.7, 0.8, 0.9)
NAMES = ("rules", "rules not doubted", *map(str, SHARES))
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Unit:
    """A clause with its class and its features."""

    source: str
    name: str
    kind: str
    facts: frozenset[str]
    is_red: bool
    """Whether the rules alone find a red line."""
    is_settled: bool
    """Whether they are sure that there is none, or another clause decides."""
    said: str
    """The class that the rules give it."""
    is_known: bool
    """Whether any rule knew it."""
    is_labelled: bool
    """Whether its class was given by hand."""


def main() -> int:
    args = arguments()
    units = [*drafted(), *real()]
    sources = args.leave_out or sorted({each.source for each in units})
    figures: dict[str, Any] = {"clauses": len(units), "sources": {}}
    if not args.quick:
        for source in sources:
            rest = Model.learned([each for each in units if each.source != source])
            mine = [each for each in units if each.source == source]
            figures["sources"][source] = left_out(source, mine, rest.shares(mine))
        figures["together"] = together(figures["sources"])
    model = Model.learned(units)
    figures["features"] = model.keep(KEPT)
    print(f"{figures['features']} features of {len(units)} clauses: {KEPT.stat().st_size} bytes")
    bar = "none; what counts is bill_accuracy.py on bills that were never learned from"
    return report("bill_learning", bar, figures, args.json, met=True)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only learn, leave nothing out")
    parser.add_argument("--leave-out", action="append", help="leave out this source alone")
    parser.add_argument("--json", type=Path, help="keep the figures there")
    return parser.parse_args()


def drafted() -> Iterator[Unit]:
    """Clauses of our own: single ones, and whole bills with the class before each clause."""
    for path in sorted((HERE / "drafted").glob("*.txt")):
        for row in path.read_text(encoding="utf-8").splitlines():
            kind, bar, words = row.partition(" | ")
            if bar:
                yield unit(path.stem, path.stem, kind.strip(), Passage(words, 0), TITLE)
    kind = ""
    for row in WORDINGS.read_text(encoding="utf-8").splitlines():
        if row.startswith("# "):
            kind = row[2:]
        elif row:
            yield unit("wordings", "wordings", kind, Passage(row, 0), TITLE)
    for path in sorted((HERE / "drafted").glob("*/*.txt")):
        text, labels = "", []
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            mark = MARK.match(line)
            words = line[mark.end() :] if mark else line
            if mark:
                labels.append((len(text), len(text) + len(words.rstrip("\n")), mark[1]))
            text += words
        yield from of_bill(path.parent.name, path.stem, text.encode(), labels)


def real() -> Iterator[Unit]:
    """The clauses of real bills; what carries no label has the class that the rules give it."""
    split = parts()
    for source in ("dev", "held_out", *LATER):
        folder = HERE if source == "dev" else HERE / source
        rows = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
        for name in split[source]:
            labels = [
                (row["start"], row["end"], row["red_line"] or row["label"])
                for row in rows
                if row["bill"] == name
            ]
            yield from of_bill(source, name, cutter.place(name).read_bytes(), labels)


def of_bill(
    source: str, name: str, data: bytes, labels: list[tuple[int, int, str]]
) -> Iterator[Unit]:
    """Every clause of a bill, with the class of the label that it meets."""
    try:
        bill = read_bill(data, name)
    except UsageError as error:
        print(error.message)
        return
    subject, reader, places = subject_of(bill), Reader(bill), source_places(bill, data)
    for clause in bill.clauses:
        start, end = places(clause.start, clause.end)
        met = [
            (kind in map(str, RedLine), min(end, stop) - max(start, begin), kind)
            for begin, stop, kind in labels
            if 2 * (min(end, stop) - max(start, begin)) >= min(end - start, stop - begin)
        ]
        block = Block(clause.path, clause.start, clause.end, clause.governed_by, clause.heading)
        kind = max(met)[2] if met else ""
        yield unit(source, name, kind, reader.passage(block), subject)


def unit(source: str, name: str, kind: str, passage: Passage, subject: Subject) -> Unit:
    heard = hear(passage, subject)
    labels = [known.label for known, _ in heard]
    is_labelled = bool(kind)
    is_red = Label.RESTRICTS_TOOL in labels
    if not kind:
        other = [each for each in labels if each is not Label.RESTRICTS_TOOL]
        kind = str(next((each for each in other if each is not Label.NEUTRAL), Label.NEUTRAL))
    settled = any(known.settled or known.depends_on for known, _ in heard) and not is_red
    by_weight = sorted(labels, key=list(Label).index)
    return Unit(
        source,
        name,
        kind,
        features(passage, heard, subject),
        is_red,
        settled,
        str(by_weight[0]),
        any(known.rule for known, _ in heard),
        is_labelled,
    )


@dataclass(frozen=True)
class Model:
    """A softmax regression over features."""

    places: dict[str, int]
    weights: Floats
    """(features, classes)"""
    bias: Floats

    @classmethod
    def learned(cls, units: list[Unit]) -> Model:
        """By gradient descent with momentum on the whole set, from zero: the same each time."""
        often = Counter(fact for each in units for fact in each.facts)
        known = sorted(fact for fact, count in often.items() if count >= SEEN_TWICE)
        places = {fact: place for place, fact in enumerate(known)}
        facts = _matrix(units, places)
        wanted = np.zeros((len(units), len(CLASSES)), np.float32)
        wanted[np.arange(len(units)), [CLASSES.index(each.kind) for each in units]] = 1
        counts: Floats = np.where(wanted[:, :REDS].any(1), RED_WEIGHT, 1).astype(np.float32)[
            :, None
        ]
        weights: Floats = np.zeros((len(known), len(CLASSES)), np.float32)
        bias: Floats = np.zeros(len(CLASSES), np.float32)
        rate = np.float32(1 / (0.5 * RED_WEIGHT * _steepest(facts) + HOLD))
        ahead: Floats = weights
        before: Floats = weights
        for step in range(STEPS):
            wrong: Floats = counts * (_shares(facts @ ahead + bias) - wanted)
            weights = ahead - rate * (facts.T @ wrong + np.float32(HOLD) * ahead)
            bias = bias - rate * wrong.sum(0)
            ahead = weights + np.float32(step / (step + 3)) * (weights - before)
            before = weights
        return cls(places, weights, bias)

    def shares(self, units: list[Unit]) -> Floats:
        """(clauses, classes)"""
        return _shares(_matrix(units, self.places) @ self.weights + self.bias)

    def keep(self, path: Path) -> int:
        """Write the weights that weigh something; how many."""
        rows = {
            fact: [round(100 * float(each)) for each in self.weights[place]]
            for fact, place in self.places.items()
        }
        kept = {fact: row for fact, row in rows.items() if max(map(abs, row)) >= LEAST}
        made = {"classes": CLASSES, "bias": [round(float(each), 3) for each in self.bias]}
        lines = [
            f"{json.dumps(fact)}:{json.dumps(row, separators=(',', ':'))}"
            for fact, row in kept.items()
        ]
        head = json.dumps(made)[:-1]
        path.write_text(f'{head},"weights":{{\n' + ",\n".join(lines) + "\n}}\n", encoding="utf-8")
        return len(kept)


def _matrix(units: list[Unit], places: dict[str, int]) -> Floats:
    facts = np.zeros((len(units), len(places)), np.float32)
    for row, each in enumerate(units):
        facts[row, [places[fact] for fact in each.facts if fact in places]] = 1
    return facts


def _steepest(facts: Floats) -> float:
    """The largest eigenvalue of the facts' inner products, by power iteration: it bounds a step."""
    guess: Floats = np.full(facts.shape[1], facts.shape[1] ** -0.5, np.float32)
    size = 1.0
    for _ in range(30):
        following = facts.T @ (facts @ guess)
        size = float(np.linalg.norm(following))
        guess = np.asarray(following / max(size, 1e-9), np.float32)
    return size


def _shares(sums: Floats) -> Floats:
    powers: Floats = np.exp(sums - sums.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True), np.float32)


def left_out(source: str, units: list[Unit], shares: Floats) -> dict[str, Any]:
    """What the rules find of one source, and what weights learned from the others add."""
    red = np.array([each.kind in CLASSES[:REDS] for each in units])
    rules = np.array([each.is_red for each in units])
    settled = np.array([each.is_settled for each in units])
    figures: dict[str, Any] = {
        "clauses": len(units),
        "red": int(red.sum()),
        "rules": _rates(rules, red),
    }
    likely = shares[:, :REDS].sum(1)
    kept = rules & (likely >= DOUBTED)
    figures["rules not doubted"] = _rates(kept, red)
    for share in SHARES:
        figures[str(share)] = _rates(kept | ((likely > share) & ~settled), red)
    told = "  ".join(f"{name}: {_told(figures[name])}" for name in NAMES)
    print(f"{source:10} {len(units):5} clauses, {int(red.sum()):3} red   {told}")
    for label in ("protects", "use"):
        place = CLASSES.index(label)
        given = np.array([each.is_labelled for each in units])
        was = np.array([each.kind == label for each in units])
        rules = np.array([each.said == label for each in units])
        unknown = np.array([not each.is_known for each in units])
        for share in (1.0, 0.4, 0.5, 0.6):
            said = rules | (unknown & (shares[:, place] > share))
            rates = _rates(said[given], was[given])
            figures[f"{label} {share}"] = rates
            print(f"{'':12}{label} {share}: {_told(rates)} of {rates['red']}")
    return figures


def together(sources: dict[str, Any]) -> dict[str, Any]:
    figures = {}
    classes = [
        f"{label} {share}" for label in ("protects", "use") for share in (1.0, 0.4, 0.5, 0.6)
    ]
    for name in (*NAMES, *classes):
        right, said, all_ = (
            sum(each[name][part] for each in sources.values()) for part in ("right", "said", "red")
        )
        figures[name] = {"right": right, "said": said, "red": all_}
    print("together   " + "  ".join(f"{name}: {_told(each)}" for name, each in figures.items()))
    return figures


def _rates(said: NDArray[np.bool_], red: NDArray[np.bool_]) -> dict[str, int]:
    return {"right": int((said & red).sum()), "said": int(said.sum()), "red": int(red.sum())}


def _told(rates: dict[str, int]) -> str:
    found = rates["right"] / max(1, rates["red"])
    right = rates["right"] / max(1, rates["said"])
    return f"found {found:.2f} right {right:.2f}"


if __name__ == "__main__":
    raise SystemExit(main())
