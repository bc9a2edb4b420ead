"""The random part of the sample: clauses of each bill that no one chose by hand, by a fixed seed.

`python benchmarks/bills/sample.py BILL` prints them; `check.py` sees that the labels hold these.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable

from clauses import Clause, clauses

SEED = 20261125
LARGE, SMALL, FEW = 7, 4, 2
"""How many clauses of a text with more than 50 of them, with more than 20, and of a shorter one."""


def random_clauses(bill: str, chosen: Iterable[tuple[int, int]]) -> list[Clause]:
    """Clauses of `bill` that touch none of the `chosen` spans."""
    taken = list(chosen)
    left = [
        c for c in clauses(bill) if not any(c.start < end and start < c.end for start, end in taken)
    ]
    many = len(clauses(bill))
    count = LARGE if many > 50 else SMALL if many > 20 else FEW
    picked = random.Random(f"{SEED} {bill}").sample(left, min(count, len(left)))
    return sorted(picked, key=lambda clause: clause.start)


if __name__ == "__main__":
    from clauses import read

    for one in random_clauses(sys.argv[1], []):
        print(one.section, "|", read(sys.argv[1])[one.start : one.end], "\n")
