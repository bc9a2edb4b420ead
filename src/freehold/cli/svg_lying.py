"""What charts of lying bars share: names at the left, values across, an axis below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from freehold.cli.svg_axis import Axis, linear_axis
from freehold.cli.svg_page import WIDTH, text, width_of

BELOW = 46
"""Room for the axis and its name."""


@dataclass(frozen=True)
class Plot:
    """Where bars lie."""

    axis: Axis
    left: int
    right: int

    def x(self, value: float) -> float:
        """Where a value lies."""
        return self.left + self.axis.share(value) * (self.right - self.left)

    def grid(self, top: int, bottom: int, label: str) -> Iterator[str]:
        """Lines at round values from `top` to `bottom`, and what the values are."""
        for value, words in self.axis.ticks:
            x = self.x(value)
            yield f'<path class="grid" d="M{x:.1f} {top}V{bottom}"/>'
            yield words_at("tick", words, x, bottom + 16, "middle")
        yield words_at("quiet", label, (self.left + self.right) / 2, bottom + 36, "middle")


def plot_of(labels: Iterable[str], values: Iterable[float], margin: int) -> Plot:
    """Room for the labels, an axis for the values and for zero, and a margin at the right."""
    left = round(min(280.0, 40 + max(map(width_of, labels), default=0.0)))
    return Plot(linear_axis([*values, 0.0]), left, WIDTH - margin)


def words_at(kind: str, words: str, x: float, y: float, anchor: str) -> str:
    """Words of one kind in one place."""
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {where}>{text(words)}</text>'
