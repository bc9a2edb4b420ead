"""Bars made of pieces: every piece drawn, in its place, readable without eyes."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from freehold.cli.svg_stack import StackChart, StackRow, stack_chart

NS = "{http://www.w3.org/2000/svg}"


def _bars(svg: str) -> list[ElementTree.Element]:
    return [
        each
        for each in ElementTree.fromstring(svg).iter(NS + "rect")
        if each.findtext(NS + "title")
    ]


def test_pieces_follow_one_another() -> None:
    rows = (StackRow("layer 0", (2.0, 0.0, 1.0)), StackRow("layer <1>", (4.0, 2.0, 0.0)))
    svg = stack_chart(StackChart("t", "MB", ("a", "b", "c"), rows))
    bars = _bars(svg)
    assert [bar.findtext(NS + "title") for bar in bars] == [
        "layer 0, a: 2",
        "layer 0, c: 1",
        "layer <1>, a: 4",
        "layer <1>, b: 2",
    ]
    first, second = bars[0], bars[1]
    end = float(first.get("x") or 0) + float(first.get("width") or 0)
    assert float(second.get("x") or 0) == pytest.approx(end, abs=0.2)
    widths = [float(bar.get("width") or 0) for bar in bars]
    assert widths[2] == pytest.approx(2 * widths[0], rel=0.01)
    assert "layer 0: a 2, c 1." in svg


def test_many_rows_are_low_and_stay_inside() -> None:
    rows = tuple(StackRow(f"layer {n}", (1.0,)) for n in range(100))
    svg = stack_chart(StackChart("t", "MB", ("a",), rows))
    root = ElementTree.fromstring(svg)
    height = float((root.get("viewBox") or "").split()[3])
    assert height < 1200
    assert all(float(bar.get("y") or 0) < height for bar in _bars(svg))
