"""A lens as text that fits the terminal, as JSON, and as a picture."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from freehold.cli.study.cells import fitted, percent, screen_width, shade
from freehold.cli.svg_heat import Cell, HeatMap, heat_map
from freehold.cli.terminal import console

if TYPE_CHECKING:
    from rich.text import Text

    from freehold.study.lens import Lens

Show = Callable[[int], str]

_TOKEN, _CELL = 14, 9
_KEY = (
    "Each row speaks of the token after its own. Dim under 5%, green from 20%, bold from 50%. "
    "FROM: the layer from which on it is the answer."
)
_MOST_ROWS = 400
"""Positions of a picture; a longer prompt shows its last ones."""


def show(name: str, lens: Lens, token: Show) -> None:
    """To standard output."""
    out = console(sys.stdout)
    first, last = _layer(lens.layers[0]), _layer(lens.layers[-1])
    out.print(f"{name}: {len(lens.ids):,} tokens, layers {first} to {last}.\n")
    if len(lens.positions) > 1:
        for line in _grid(lens, token, screen_width()):
            out.print(line, no_wrap=True, crop=False)
        out.print()
    for line in _detail(lens, len(lens.positions) - 1, token, screen_width()):
        out.print(line, no_wrap=True, crop=False)


def _grid(lens: Lens, token: Show, width: int) -> Iterator[Text]:
    """A row for each position, and as many layers as there is room for."""
    from rich.text import Text

    room = max(1, (width - _TOKEN - 7) // (_CELL + 1))
    shown = spread(len(lens.layers), room)
    heads = "".join(fitted(_layer(lens.layers[at]), _CELL + 1) for at in shown)
    yield Text(fitted("AFTER", _TOKEN + 1) + heads + "FROM", "bold")
    for column, position in enumerate(lens.positions):
        line = Text(fitted(token(lens.ids[position]), _TOKEN + 1))
        for at in shown:
            said = token(int(lens.tokens[at, column, 0]))
            style = shade(float(lens.probabilities[at, column, 0]))
            line.append(fitted(said, _CELL), style).append(" ")
        settled = lens.settled[column]
        yield line.append("-" if settled is None else _layer(settled))
    yield from (Text(line, "dim") for line in wrap(_KEY, width))


def _detail(lens: Lens, column: int, token: Show, width: int) -> Iterator[Text]:
    """One position, layer by layer: how the answer stands, and what else is likely."""
    from rich.text import Text

    position, answer = lens.positions[column], lens.answers[column]
    said = token(answer)
    first, settled = lens.first[column], lens.settled[column]
    words = f"After token {position}, {token(lens.ids[position])}, the answer is {said}"
    if first is not None:
        words += f": first at layer {_layer(first)}"
    if settled is not None and settled != first:
        words += f", to stay from layer {_layer(settled)}"
    yield from (Text(line, "bold") for line in wrap(words + ".", width))
    yield Text(f"{'LAYER':>6} {'RANK':>9} {fitted(said, 8, right=True)}  MOST LIKELY", "bold")
    room = max(1, (width - 27) // (_CELL + 8))
    for at, layer in enumerate(lens.layers):
        share, rank = lens.answer_probabilities[at, column], lens.answer_ranks[at, column]
        line = Text(f"{_layer(layer):>6} {rank:>9,} ").append(
            f"{percent(float(share)):>8}", shade(float(share))
        )
        line.append("  ")
        for token_id, each in _top(lens, at, column)[:room]:
            line.append(f"{percent(each):>5} ", shade(each)).append(
                fitted(token(token_id), _CELL + 1)
            )
        line.rstrip()
        yield line


def _top(lens: Lens, at: int, column: int) -> list[tuple[int, float]]:
    tokens, shares = lens.tokens[at, column].tolist(), lens.probabilities[at, column].tolist()
    return list(zip(tokens, shares, strict=True))


def spread(count: int, room: int) -> list[int]:
    """So many of `count` places, evenly, the last one among them."""
    if room >= count:
        return list(range(count))
    return sorted({count - 1 - round(at * (count - 1) / max(1, room - 1)) for at in range(room)})


def _layer(row: int) -> str:
    """What a row of the residual stream is called: by the layer that left it."""
    return "embed" if row == 0 else str(row - 1)


def document(name: str, lens: Lens, token: Show) -> dict[str, Any]:
    """All of it, for programs."""
    return {
        "model": name,
        "prompt": [{"id": each, "token": token(each)} for each in lens.ids],
        "positions": [
            {
                "position": position,
                "token": token(lens.ids[position]),
                "answer": {"id": lens.answers[column], "token": token(lens.answers[column])},
                "first": _layer_number(lens.first[column]),
                "settled": _layer_number(lens.settled[column]),
                "layers": [_layer_json(lens, at, column, token) for at in range(len(lens.layers))],
            }
            for column, position in enumerate(lens.positions)
        ],
    }


def _layer_number(row: int | None) -> int | str | None:
    return row if row is None else "embed" if row == 0 else row - 1


def _layer_json(lens: Lens, at: int, column: int, token: Show) -> dict[str, Any]:
    return {
        "layer": _layer_number(lens.layers[at]),
        "answer_rank": int(lens.answer_ranks[at, column]),
        "answer_probability": float(lens.answer_probabilities[at, column]),
        "top": [
            {"id": each, "token": token(each), "probability": share}
            for each, share in _top(lens, at, column)
        ],
    }


def picture(name: str, lens: Lens, token: Show) -> str:
    """Layers by positions, the last layer on top, as SVG."""
    columns = range(len(lens.positions))[-_MOST_ROWS:]
    rows = range(len(lens.layers))[::-1]
    return heat_map(
        HeatMap(
            title="What each layer would say next",
            subtitle=f"{name}, by the logit lens: the deeper the colour, the surer",
            words=" ".join(_in_words(lens, columns, token)),
            rows=tuple(_layer(lens.layers[at]) for at in rows),
            columns=tuple(token(lens.ids[lens.positions[column]]) for column in columns),
            cells=tuple(tuple(_cell(lens, at, column, token) for column in columns) for at in rows),
            row_title="layer",
            column_title="after",
        )
    )


def _cell(lens: Lens, at: int, column: int, token: Show) -> Cell:
    top = _top(lens, at, column)
    said = ", ".join(f"{token(each)} {percent(share)}" for each, share in top)
    rank = int(lens.answer_ranks[at, column])
    where = f"layer {_layer(lens.layers[at])}, after {token(lens.ids[lens.positions[column]])}"
    return Cell(top[0][1], f"{where}: {said}; the answer is of rank {rank:,}", token(top[0][0]))


def _in_words(lens: Lens, columns: Sequence[int], token: Show) -> Iterator[str]:
    for column in columns:
        settled = lens.settled[column]
        since = "" if settled is None else f", from layer {_layer(settled)} on"
        before = token(lens.ids[lens.positions[column]])
        yield f"After {before} the answer is {token(lens.answers[column])}{since}."
