"""What patching found, as a map in text, as JSON, and as a picture."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from freehold.cli.study.cells import fitted, screen_width, shade
from freehold.cli.svg_heat import Cell, HeatMap, heat_map
from freehold.cli.svg_page import width_of
from freehold.cli.terminal import console
from freehold.study.planting import Part

if TYPE_CHECKING:
    from rich.text import Text

    from freehold.cli.study.prompt import Prompt
    from freehold.study.patch import Patching

_LABEL, _STRONGEST = 24, 5
_TITLES = {
    Part.RESIDUAL: "the whole residual stream after a layer",
    Part.ATTENTION: "what a layer's attention adds",
    Part.MLP: "what a layer's MLP adds",
    Part.HEADS: "what one head gathers, at all positions",
}


@dataclass(frozen=True)
class Shown:
    """What was found, with its words."""

    name: str
    found: Patching
    a: Prompt
    b: Prompt
    token: Callable[[int], str]

    def labels(self, part: Part) -> list[str]:
        """What its columns are: heads, or each position's token; where the two differ, both."""
        if part is Part.HEADS:
            return [f"head {at}" for at in range(self.found.recovered[part].shape[1])]
        return [
            self.a.shown[at]
            if self.a.ids[at] == self.b.ids[at]
            else f"{self.a.shown[at]} / {self.b.shown[at]}"
            for at in self.found.contrast.positions
        ]

    @property
    def answers(self) -> tuple[str, str]:
        """A's and B's."""
        between = self.found.contrast
        return self.token(between.answer), self.token(between.other)


def show(shown: Shown) -> None:
    """To standard output."""
    from rich.text import Text

    out = console(sys.stdout)
    between, (answer, other) = shown.found.contrast, shown.answers
    out.print(f"{shown.name}: logit of {answer} less that of {other}:")
    out.print(f"  after A {between.a_difference:+.2f}, after B {between.b_difference:+.2f}\n")
    for part in shown.found.recovered:
        out.print(Text(f"B with A's {part}: {_TITLES[part]}", "bold"))
        for line in _map(shown, part, screen_width()):
            out.print(line, no_wrap=True, crop=False)
        for row in wrap(_told(shown, part), screen_width()):
            out.print(row)
        out.print()
    out.print(
        Text(
            "How much of A's answer comes back, in tenths: # all, . nothing, - the contrary.", "dim"
        )
    )


def _map(shown: Shown, part: Part, width: int) -> Iterator[Text]:
    """A row for each position or head, a column for each layer."""
    from rich.text import Text

    rows = shown.found.recovered[part]
    wide = 3 if _LABEL + 3 * len(rows) <= width else 1
    names = [_layer(part, at) for at in range(len(rows))]
    if wide == 3:
        heads = "".join(f"{'em' if name == 'embed' else name:>3}" for name in names)
    else:
        heads = "".join(_tens(name) for name in names)
    yield Text(" " * _LABEL + heads, "dim")
    for column, label in enumerate(shown.labels(part)):
        line = Text(fitted(label, _LABEL - 1) + " ")
        for share in rows[:, column].tolist():
            line.append(f"{_tenth(share):>{wide}}", shade(share) if share > 0 else _against(share))
        yield line


def _tens(name: str) -> str:
    """For narrow columns: every tenth layer is marked."""
    return name[0] if name.isdigit() and int(name) % 10 == 0 else "e" if name == "embed" else " "


def _tenth(share: float) -> str:
    if share < -0.05:
        return "-"
    if share < 0.05:
        return "."
    return "#" if share >= 0.95 else str(max(1, min(9, round(share * 10))))


def _against(share: float) -> str:
    return "red" if share < -0.05 else "dim"


def _layer(part: Part, row: int) -> str:
    if part is not Part.RESIDUAL:
        return str(row)
    return "embed" if row == 0 else str(row - 1)


def _told(shown: Shown, part: Part) -> str:
    """The map in a sentence."""
    if part is Part.RESIDUAL:
        return f"Carried by {', then by '.join(_carriers(shown))}."
    return f"Most: {'; '.join(_strongest(shown, part))}."


def _carriers(shown: Shown) -> list[str]:
    """Where the residual stream has most of the answer, from the embedding up."""
    rows, labels = shown.found.recovered[Part.RESIDUAL], shown.labels(Part.RESIDUAL)
    found: list[tuple[str, str]] = []
    for row, shares in enumerate(rows):
        label = labels[int(shares.argmax())]
        if not found or found[-1][0] != label:
            found.append((label, _layer(Part.RESIDUAL, row)))
    return [
        label if since == "embed" else f"{label} from layer {since} on" for label, since in found
    ]


def _strongest(shown: Shown, part: Part) -> list[str]:
    """The places that bring back most."""
    shares, labels = shown.found.recovered[part], shown.labels(part)
    joined = ", " if part is Part.HEADS else " at "
    places = [(row, at) for row in range(len(shares)) for at in range(len(labels))]
    places.sort(key=lambda place: -shares[place])
    return [
        f"layer {_layer(part, row)}{joined}{labels[at]} {shares[row, at]:.0%}"
        for row, at in places[:_STRONGEST]
    ]


def document(shown: Shown) -> dict[str, Any]:
    """All of it, for programs."""
    between, (answer, other) = shown.found.contrast, shown.answers
    return {
        "model": shown.name,
        "a": shown.a.document(),
        "b": shown.b.document(),
        "answer": {"id": between.answer, "token": answer},
        "other": {"id": between.other, "token": other},
        "a_difference": between.a_difference,
        "b_difference": between.b_difference,
        "positions": list(between.positions),
        "recovered": {
            str(part): [
                {"layer": _number(_layer(part, row)), "shares": shares}
                for row, shares in enumerate(rows.tolist())
            ]
            for part, rows in shown.found.recovered.items()
        },
    }


def _number(layer: str) -> int | str:
    return int(layer) if layer.isdigit() else layer


def _percent(share: float) -> str:
    """Whole, and without a sign before nothing."""
    return f"{round(share * 100)}%"


def picture(shown: Shown, part: Part) -> str:
    """One part, layers by positions, the last layer on top."""
    rows, labels, (answer, other) = shown.found.recovered[part], shown.labels(part), shown.answers
    order = range(len(rows))[::-1]
    cells = tuple(
        tuple(
            Cell(share, f"layer {_layer(part, row)}, {label}: {_percent(share)}", _percent(share))
            for share, label in zip(rows[row].tolist(), labels, strict=True)
        )
        for row in order
    )
    return heat_map(
        HeatMap(
            title=f"What carries {answer} rather than {other}",
            subtitle=f"{shown.name}: B with A's {part}; how much of A's answer comes back",
            words=_told(shown, part),
            rows=tuple(_layer(part, row) for row in order),
            columns=tuple(labels),
            cells=cells,
            wide=round(min(150.0, max(64.0, *(width_of(label) + 8 for label in labels)))),
            row_title="layer",
        )
    )
