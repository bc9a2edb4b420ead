"""Maps of values as SVG: every cell says itself, and words stay in their cells."""

from __future__ import annotations

from xml.etree import ElementTree

from freehold.cli.svg_heat import Cell, HeatMap, heat_map
from freehold.cli.svg_patterns import Pattern, PatternGrid, pattern_grid

NS = "{http://www.w3.org/2000/svg}"


def _map(**more: object) -> HeatMap:
    cells = tuple(
        tuple(Cell(share, f"{share:g}", "word") for share in row) for row in ((0.5, -0.25), (2, 0))
    )
    made: dict[str, object] = {
        "title": "t", "subtitle": "s", "words": "said", "rows": ("a", "b"), "columns": ("x", "y"),
        "cells": cells, **more,
    }  # fmt: skip
    return HeatMap(**made)  # type: ignore[arg-type]  # each of its own type, as HeatMap has them


def test_cells_are_as_deep_as_their_values() -> None:
    root = ElementTree.fromstring(heat_map(_map()))
    cells = [each for each in root.iter(NS + "rect") if "bar" in (each.get("class") or "")]
    assert [each.findtext(NS + "title") for each in cells] == ["0.5", "-0.25", "2", "0"]
    assert [each.get("fill-opacity") for each in cells] == ["0.30", "0.15", "0.60", "0.00"]
    assert cells[0].get("class") != cells[1].get("class")  # less than nothing has its own colour
    assert root.findtext(NS + "desc") == "said"


def test_words_that_do_not_fit_are_cut_and_the_page_grows() -> None:
    columns = tuple(f"a long name {at}" for at in range(40))
    cells = (tuple(Cell(0.1, "c", "an endless word") for _ in columns),)
    svg = heat_map(_map(rows=("r" * 90,), columns=columns, cells=cells, wide=40))
    root = ElementTree.fromstring(svg)
    _, _, width, _ = map(float, (root.get("viewBox") or "").split())
    rights = [float(e.get("x", 0)) + float(e.get("width", 0)) for e in root.iter(NS + "rect")]
    assert max(rights) <= width
    words = [
        each.text or "" for each in root.iter(NS + "text") if "cell" in (each.get("class") or "")
    ]
    assert set(words) == {"an e…"}


def test_names_from_strangers_cannot_break_it() -> None:
    nasty = "<script>&\x00\ud800"
    cells = tuple(tuple(Cell(1, nasty, nasty) for _ in range(2)) for _ in range(2))
    svg = heat_map(_map(title=nasty, rows=(nasty, nasty), columns=(nasty, nasty), cells=cells))
    ElementTree.fromstring(svg.encode())


def test_a_pattern_is_drawn_in_strokes_of_one_depth() -> None:
    shares = ((1.0, 0.0, 0.0), (0.3, 0.3, 0.05), (0.0, 0.0, 0.8))
    grid = PatternGrid("t", "s", "w", ("one", "two"), ((Pattern(shares, "head", 1),),))
    root = ElementTree.fromstring(pattern_grid(grid))
    paths = [each.get("d") for each in root.iter(NS + "path") if each.get("class") == "look"]
    assert paths == ["M0 1.5h2", "M0 0.5h1M2 2.5h1"]
