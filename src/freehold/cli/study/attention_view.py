"""What heads look at, as text, as JSON, and as pictures."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from freehold.cli.study.cells import fitted, percent, screen_width, shade
from freehold.cli.svg_heat import Cell, HeatMap, heat_map
from freehold.cli.svg_patterns import Pattern, PatternGrid, pattern_grid
from freehold.cli.terminal import console
from freehold.study.heads import ENOUGH, SPREAD, Habit

if TYPE_CHECKING:
    from rich.text import Text

    from freehold.cli.study.prompt import Prompt
    from freehold.study.heads import Heads

_SHORT = {
    Habit.PREVIOUS: "prev",
    Habit.FIRST: "first",
    Habit.ITSELF: "self",
    Habit.SAME: "same",
    Habit.INDUCTION: "induct",
}
_COLOURS = {
    Habit.PREVIOUS: "cyan",
    Habit.FIRST: "dim",
    Habit.ITSELF: "yellow",
    Habit.SAME: "magenta",
    Habit.INDUCTION: "bold green",
}
_STRONGEST = 6
_MOST = 256
"""Positions of a pattern's picture and of its places in text."""


@dataclass(frozen=True)
class OneHead:
    """One head of what was looked at."""

    heads: Heads
    prompt: Prompt
    layer: int
    head: int

    @property
    def shares(self) -> list[list[float]]:
        """By position, where it looks: as many as there are positions up to it."""
        whole = self.heads.patterns[self.layer][self.head].tolist()
        return [row[: at + 1] for at, row in enumerate(whole)]


def show(name: str, heads: Heads, prompt: Prompt, layer: int | None) -> None:
    """To standard output: all layers, or the scores of one."""
    out = console(sys.stdout)
    layers, count, _ = heads.scores.shape
    out.print(f"{name}: {len(prompt.ids):,} tokens, {layers} layers of {count} heads.\n")
    lines = _all(heads, screen_width()) if layer is None else _scores(heads, layer)
    for line in lines:
        out.print(line, no_wrap=True, crop=False)


def _all(heads: Heads, width: int) -> Iterator[Text]:
    from rich.text import Text

    layers, count, _ = heads.scores.shape
    each_line = max(1, (width - 6) // 13)
    yield Text("LAYER  what each head mostly looks at, and the share of its attention", "bold")
    for layer in range(layers):
        for start in range(0, count, each_line):
            line = Text(f"{layer if start == 0 else '':>5} ")
            for head in range(start, min(start + each_line, count)):
                line.append(*_cell(heads, layer, head))
            line.rstrip()
            yield line
    yield Text()
    yield Text(
        "Strongest for each, as layer.head, and what a head that looks evenly would have", "bold"
    )
    for index, habit in enumerate(Habit):
        yield Text(f"{habit:<24} ").append(_strongest(heads, index))
    yield Text(f"'-': under {ENOUGH:.0%} for each of them.", "dim")


def _cell(heads: Heads, layer: int, head: int) -> tuple[str, str]:
    habit = heads.habit(layer, head)
    if habit is None:
        return fitted(f" {head}:-", 13), "dim"
    share = float(heads.scores[layer, head, list(Habit).index(habit)])
    return fitted(f" {head}:{_SHORT[habit]} {share:.0%}", 13), _COLOURS[habit]


def _strongest(heads: Heads, index: int) -> str:
    chance = float(heads.chance[index])
    if math.isnan(chance):
        return "the prompt has no such place: repeat something in it"
    layers, count, _ = heads.scores.shape
    places = [(layer, head) for layer in range(layers) for head in range(count)]
    places.sort(key=lambda place: -heads.scores[(*place, index)])
    best = [
        f"{layer}.{head} {heads.scores[layer, head, index]:.0%}"
        for layer, head in places[:_STRONGEST]
    ]
    return f"{', '.join(best)} (evenly: {chance:.0%})"


def _scores(heads: Heads, layer: int) -> Iterator[Text]:
    from rich.text import Text

    titles = "".join(f"{_SHORT[habit]:>8}" for habit in Habit)
    yield Text(f"Layer {layer}\nHEAD{titles}  MOSTLY", "bold")
    for head in range(heads.scores.shape[1]):
        line = Text(f"{head:>4}")
        for share in heads.scores[layer, head].tolist():
            line.append(f"{'-' if math.isnan(share) else f'{share:.0%}':>8}", shade(share))
        yield line.append(f"  {heads.habit(layer, head) or SPREAD}")
    chances = "".join(
        f"{'-' if math.isnan(share) else f'{share:.0%}':>8}" for share in heads.chance.tolist()
    )
    yield Text(f"{'even':>4}{chances}  a head that looks at all alike", "dim")


def show_one(name: str, one: OneHead) -> None:
    """One head, position by position: where it looks most."""
    from rich.text import Text

    out = console(sys.stdout)
    habit = one.heads.habit(one.layer, one.head) or SPREAD
    out.print(f"{name}: layer {one.layer}, head {one.head}; mostly: {habit}.\n")
    out.print(Text(f"{'':>4} {fitted('FROM', 15)}LOOKS AT", "bold"))
    room = max(1, (screen_width() - 20) // 24)
    for position, row in enumerate(one.shares):
        line = Text(f"{position:>4} {fitted(one.prompt.shown[position], 15)}")
        places = sorted(range(len(row)), key=lambda at: -row[at])[:room]
        for at in places:
            if row[at] >= 0.01:
                told = f"{at} {one.prompt.shown[at]}"
                line.append(f"{percent(row[at]):>5} ", shade(row[at])).append(fitted(told, 18))
        line.rstrip()
        out.print(line, no_wrap=True, crop=False)


def document(
    name: str, heads: Heads, prompt: Prompt, one: OneHead | None, layer: int | None
) -> dict[str, Any]:
    """All of it, for programs; NaN as null."""
    layers = range(heads.scores.shape[0]) if layer is None else (layer,)
    found = {
        "model": name,
        "prompt": prompt.document(),
        "evenly": _by_habit(heads.chance.tolist()),
        "heads": [
            {
                "layer": each,
                "head": head,
                "mostly": heads.habit(each, head),
                "scores": _by_habit(heads.scores[each, head].tolist()),
            }
            for each in layers
            for head in range(heads.scores.shape[1])
            if one is None or head == one.head
        ],
    }
    return found if one is None else found | {"pattern": one.shares}


def _by_habit(shares: list[float]) -> dict[str, float | None]:
    return {
        str(habit): None if math.isnan(share) else share
        for habit, share in zip(Habit, shares, strict=True)
    }


def picture(name: str, heads: Heads) -> str:
    """Every pattern, small, in the colour of what it mostly looks at."""
    layers, count, _ = heads.scores.shape
    habits = list(Habit)

    def drawn(layer: int, head: int) -> Pattern:
        habit = heads.habit(layer, head)
        words = f"layer {layer}, head {head}: {_told(heads, layer, head)}"
        kind = None if habit is None else habits.index(habit)
        return Pattern(heads.small[layer, head].tolist(), words, kind)

    rows = [tuple(drawn(layer, head) for head in range(count)) for layer in range(layers)]
    mostly = Counter(heads.habit(at, head) for at in range(layers) for head in range(count))
    told = [f"{habit}: {mostly[habit]}" for habit in habits]
    return pattern_grid(
        PatternGrid(
            title="Where each head looks",
            subtitle=f"{name}, {len(heads.ids):,} tokens; each row of a square is where one looks",
            words=f"Of {layers * count} heads mostly look at {', '.join(told)}.",
            kinds=tuple(map(str, habits)),
            rows=tuple(rows),
        )
    )


def _told(heads: Heads, layer: int, head: int) -> str:
    habit = heads.habit(layer, head)
    if habit is None:
        return SPREAD
    return f"{habit}, {heads.scores[layer, head, list(Habit).index(habit)]:.0%}"


def pattern(one: OneHead) -> str:
    """One head's pattern in full; of a long prompt, its last positions."""
    shares, shown = one.shares, one.prompt.shown
    kept = range(len(shares))[-_MOST:]
    cells = tuple(
        tuple(
            Cell(
                shares[row][column] if column <= row else 0.0,
                f"{shown[row]} looks at {shown[column]}: "
                f"{percent(shares[row][column]) if column <= row else 'it comes later'}",
            )
            for column in kept
        )
        for row in kept
    )
    return heat_map(
        HeatMap(
            title=f"Layer {one.layer}, head {one.head}",
            subtitle=f"Mostly: {_told(one.heads, one.layer, one.head)}; a row is where one looks",
            words=" ".join(_looks(shares, shown, row) for row in kept),
            rows=tuple(shown[at] for at in kept),
            columns=tuple(shown[at] for at in kept),
            cells=cells,
            wide=22,
            row_title="from",
            column_title="to",
        )
    )


def _looks(shares: list[list[float]], shown: tuple[str, ...], row: int) -> str:
    most = max(range(row + 1), key=lambda at: shares[row][at])
    return f"{shown[row]} looks most at {shown[most]}, {percent(shares[row][most])}."
