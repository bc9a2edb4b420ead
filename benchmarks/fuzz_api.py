"""Thousands of cases made from the server's own description, right ones and wrong ones.

    python benchmarks/fuzz_api.py --cases 10000

It serves three tiny models by the fake engine and prints the counts. It exits 1 when any case had
no answer, a server error other than 503, or an answer in another shape than described.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.server.conftest import served, three_models
from tests.server.fuzzing import LEFT_OUT, Fuzzed, fuzz

from freehold.actions.residence import ResidenceChoices
from freehold.engine.fake import FakeEngine
from freehold.server.admission import KeyRing
from freehold.server.app import PROTOCOLS
from freehold.server.door import Door
from freehold.server.limits import Limits
from freehold.server.openapi import document
from measure import report

_EACH = 20
"""Cases of each operation in one round; every round has others."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    about = document(PROTOCOLS)
    limits = Limits(per_minute=10**9, burst=10**9)
    begun = time.monotonic()
    fuzzed, rounds = Fuzzed(), 0
    with tempfile.TemporaryDirectory() as folder:
        home = three_models(Path(folder))
        door = Door(KeyRing(home), limits=limits)
        with served(home, FakeEngine(), ResidenceChoices(), door) as running:
            while fuzzed.cases < args.cases:
                more = fuzz(running.address, about, _EACH, number=args.seed + rounds)
                fuzzed.statuses += more.statuses
                fuzzed.complaints += more.complaints
                rounds += 1
                print(f"{fuzzed.cases} cases, {len(fuzzed.complaints)} complaints", file=sys.stderr)
    bar = "no server error but 503, no silence, every answer as described"
    figures = _figures(fuzzed, time.monotonic() - begun)
    return report("fuzz_api", bar, figures, args.json, met=not fuzzed.complaints)


def _figures(fuzzed: Fuzzed, seconds: float) -> dict[str, object]:
    by_status: Counter[int] = Counter()
    for (_, status), count in fuzzed.statuses.items():
        by_status[status] += count
    return {
        "cases": fuzzed.cases,
        "operations": len({label for label, _ in fuzzed.statuses}),
        "left_out": sorted(LEFT_OUT),
        "statuses": {str(status): count for status, count in sorted(by_status.items())},
        "complaints": len(fuzzed.complaints),
        "first_complaints": fuzzed.complaints[:10],
        "seconds": round(seconds, 1),
    }


if __name__ == "__main__":
    raise SystemExit(main())
