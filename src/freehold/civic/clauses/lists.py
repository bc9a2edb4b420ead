"""A list quoted as one where its opening words decide, or several items are one red line."""

from __future__ import annotations

from itertools import groupby

from freehold.civic.clauses.blocks import Block, Span, shared_path
from freehold.civic.clauses.finding import Label
from freehold.civic.clauses.judging import Judged, judge
from freehold.civic.clauses.passage import Reader
from freehold.civic.clauses.subject import Subject

_JOINED = (Label.USE, Label.PROTECTS)


def join_lists(reader: Reader, subject: Subject, judged: list[Judged]) -> list[Judged]:
    """The same in order, with such lists put together."""
    found: list[Judged] = []
    for opening, group in groupby(judged, key=lambda each: each.block.governed_by[:1]):
        items = list(group)
        found += items if not opening else _joined(reader, subject, items, 0)
    return found


def _joined(reader: Reader, subject: Subject, items: list[Judged], depth: int) -> list[Judged]:
    """Items that share their opening words down to `depth`: one, or the lists in it."""
    above = items[0].block.governed_by
    if len(above) <= depth:
        return items
    whole = _whole(reader, subject, items, above[: depth + 1])
    if whole is not None:
        return [whole]
    found: list[Judged] = []
    for deeper, group in groupby(items, key=lambda each: each.block.governed_by[: depth + 2]):
        inner = list(group)
        found += _joined(reader, subject, inner, depth + 1) if len(deeper) > depth + 1 else inner
    return _same_red_line(found, above[: depth + 1])


def _whole(
    reader: Reader, subject: Subject, items: list[Judged], above: tuple[Span, ...]
) -> Judged | None:
    """The list as one, if its opening words decide and no item is of another class."""
    labels = {each.verdict.label for each in items} - {Label.NEUTRAL}
    if len(labels) != 1 or not labels <= set(_JOINED) or len(items) < 2:
        return None
    start, end = above[-1]
    first = items[0].block
    verdict, said = judge(
        reader.passage(Block(first.path, start, end, above[:-1], first.heading)), subject
    )
    if verdict.label not in labels:
        return None
    return Judged(_block(items, above), verdict, said)


def _same_red_line(items: list[Judged], above: tuple[Span, ...]) -> list[Judged]:
    """Several items that are one red line, from the opening words to the last of them."""
    red = [
        place
        for place, each in enumerate(items)
        if each.verdict.label is Label.RESTRICTS_TOOL and each.block.governed_by == above
    ]
    kinds = {items[place].verdict.red_line for place in red}
    if len(red) < 2 or len(kinds) != 1 or items[0].block.governed_by[: len(above)] != above:
        return items
    first = items[red[0]]
    joined = Judged(_block(items[: red[-1] + 1], above), first.verdict, first.said)
    return [joined, *items[red[-1] + 1 :]]


def _block(items: list[Judged], above: tuple[Span, ...]) -> Block:
    start = min(above[-1][0], items[0].block.start)
    first = items[0].block
    levels = len(first.governed_by) - len(above) + 1
    return Block(
        shared_path(first.path, levels),
        start,
        max(each.block.end for each in items),
        above[:-1],
        first.heading,
    )
