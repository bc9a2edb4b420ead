"""What is judged and quoted as one: a clause, or a whole list whose opening words decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from freehold.civic.bills.bill import Clause

Span = tuple[int, int]


@dataclass(frozen=True)
class Block:
    """A stretch of the text under one path."""

    path: str
    start: int
    end: int
    governed_by: tuple[Span, ...] = ()
    heading: str = ""


def blocks(clauses: list[Clause], opens: Callable[[Block], bool]) -> Iterator[Block]:
    """Clauses in order; those under opening words of which `opens` says that they decide, together.

    The outermost such words win: their block runs from them to the end of their last item.
    """
    known: dict[tuple[Span, ...], bool] = {}
    at = 0
    while at < len(clauses):
        clause = clauses[at]
        depth = _deciding(clause, known, opens)
        if depth is None:
            yield Block(clause.path, clause.start, clause.end, clause.governed_by, clause.heading)
            at += 1
            continue
        shared = clause.governed_by[: depth + 1]
        last = at
        while last + 1 < len(clauses) and clauses[last + 1].governed_by[: depth + 1] == shared:
            last += 1
        start = shared[-1][0]
        if start > clause.start:  # words that follow the list they govern
            start = clause.start
        end = max(each.end for each in clauses[at : last + 1])
        path = shared_path(clause.path, len(clause.governed_by) - depth)
        yield Block(path, start, end, shared[:-1], clause.heading)
        at = last + 1


def _deciding(
    clause: Clause, known: dict[tuple[Span, ...], bool], opens: Callable[[Block], bool]
) -> int | None:
    above = clause.governed_by
    for depth, (start, end) in enumerate(above):
        key = above[: depth + 1]
        if key not in known:
            known[key] = opens(Block(clause.path, start, end, above[:depth], clause.heading))
        if known[key]:
            return depth
    return None


def shared_path(path: str, levels: int) -> str:
    """The path without its last `levels` labels."""
    for _ in range(levels):
        head, bracket, _rest = path.rpartition("(")
        if not bracket:
            break
        path = head
    return path.rstrip()
