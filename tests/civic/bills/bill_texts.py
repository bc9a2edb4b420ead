"""Bills for the tests: small ones written for them, and real ones where a folder has them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from freehold.civic.bills.bill import Bill, Change, Clause, Definition

SAMPLES_FOLDER = Path(__file__).parent / "samples"
SAMPLES = sorted(SAMPLES_FOLDER.glob("*.txt"))
_BESIDE = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "bills"
REAL = sorted(Path(os.environ.get("FREEHOLD_TEST_BILLS", _BESIDE)).glob("*.txt"))
needs_real = pytest.mark.skipif(
    not REAL, reason="no real bills at hand: name their folder in FREEHOLD_TEST_BILLS"
)


def sample(name: str) -> bytes:
    """The bytes of one small bill."""
    return (SAMPLES_FOLDER / f"{name}.txt").read_bytes()


def words(bill: Bill, clause: Clause) -> str:
    """A clause's words."""
    return bill.quote(clause.start, clause.end)


def clause_at(bill: Bill, path: str) -> str:
    """The words of all clauses with that path, as one."""
    found = [words(bill, clause) for clause in bill.clauses if clause.path == path]
    assert found, f"no clause at {path}: {[clause.path for clause in bill.clauses]}"
    return " ".join(found)


def unstruck(bill: Bill, clause: Clause) -> str:
    """A clause's words without those that are struck."""
    return "".join(
        bill.quote(max(each.start, clause.start), min(each.end, clause.end))
        for each in bill.stretches
        if each.start < clause.end and each.end > clause.start and each.change is not Change.STRUCK
    )


def definition_of(bill: Bill, term: str) -> Definition | None:
    """What the bill says that a term means: the first that fits, in small letters and singular."""
    wanted = _key(term)
    return next((each for each in bill.definitions if _key(each.term) == wanted), None)


def _key(term: str) -> str:
    words = " ".join(term.split()).strip(" ,.;:—").lower().replace("’", "'").split()
    if words and words[-1].endswith("ies"):
        words[-1] = words[-1][:-3] + "y"
    elif words and words[-1].endswith("s") and not words[-1].endswith("ss"):
        words[-1] = words[-1][:-1]
    return " ".join(words)
