"""Charts as SVG: well-formed, complete, inside their frame, readable without eyes."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from freehold.cli.svg_bars import BarChart, Row, bar_chart
from freehold.cli.svg_chart import Chart, Series, line_chart

NS = "{http://www.w3.org/2000/svg}"
DEPTHS = (512, 1024, 2048, 4096)


def _decode(**more: object) -> Chart:
    measured = Series("measured", tuple((x, 100_000 / x) for x in DEPTHS))
    band = tuple((x, 90_000 / x, 110_000 / x) for x in DEPTHS)
    predicted = Series("predicted", measured.points, band, dashed=True, colour=0)
    made: dict[str, object] = {
        "title": "How decoding slows",
        "x_label": "tokens in the context",
        "y_label": "tokens/s",
        "series": (measured, predicted),
        "doubling": True,
        **more,
    }
    return Chart(**made)  # type: ignore[arg-type]  # each of its own type, as Chart has them


def _all(svg: str, tag: str, kind: str = "") -> list[ElementTree.Element]:
    found = ElementTree.fromstring(svg).iter(NS + tag)
    return [each for each in found if kind in (each.get("class") or "").split() or not kind]


def test_every_point_is_drawn_and_says_its_values() -> None:
    svg = line_chart(_decode())
    dots = _all(svg, "circle")
    assert len(dots) == 2 * len(DEPTHS)
    assert dots[0].findtext(NS + "title") == "measured: 195.3 at 512"
    heights = [float(dot.get("cy") or 0) for dot in dots[: len(DEPTHS)]]
    assert heights == sorted(heights)  # less is lower, and SVG counts downwards
    places = [float(dot.get("cx") or 0) for dot in dots[: len(DEPTHS)]]
    gaps = {round(b - a) for a, b in pairwise(places)}
    assert len(gaps) == 1  # each doubling takes the same room


def test_it_can_be_read_without_eyes() -> None:
    root = ElementTree.fromstring(line_chart(_decode()))
    assert root.get("role") == "img"
    assert root.findtext(NS + "title") == "How decoding slows"
    words = root.findtext(NS + "desc") or ""
    assert "tokens/s against tokens in the context." in words
    assert "measured: from 195.3 at 512 to 24.41 at 4,096." in words


def test_it_has_colours_for_light_and_dark_and_needs_nothing_from_outside() -> None:
    svg = line_chart(_decode())
    assert "prefers-color-scheme:dark" in svg
    assert not re.search(r"href|url\(|@import|<script", svg)


def test_a_prediction_is_dashed_and_has_its_band() -> None:
    svg = line_chart(_decode())
    assert len(_all(svg, "path", "dashed")) == 2  # in the drawing and in the legend
    assert len(_all(svg, "path", "band")) == 1


def test_everything_stays_inside_the_frame() -> None:
    long = tuple(Series(f"a rather long name of line {i}", ((0, i), (9e9, 1e9))) for i in range(9))
    svg = line_chart(Chart("t", "x", "y", long))
    root = ElementTree.fromstring(svg)
    _, _, width, height = map(float, (root.get("viewBox") or "").split())
    for dot in _all(svg, "circle"):
        assert 0 <= float(dot.get("cx") or -1) <= width
        assert 0 <= float(dot.get("cy") or -1) <= height
    labels = _all(svg, "text", "label")
    assert len(labels) == 9
    assert len({label.get("y") for label in labels}) > 1  # the legend went on in a new row


def test_one_line_needs_no_legend() -> None:
    assert _all(line_chart(_decode(series=(_decode().series[0],))), "text", "label") == []


def test_names_from_strangers_cannot_break_it() -> None:
    nasty = 'a<b> & "c" \x1b[31m\x00\ud800 </title>'
    svg = line_chart(Chart(nasty, nasty, nasty, (Series(nasty, ((1, 1),)),), subtitle=nasty))
    root = ElementTree.fromstring(svg.encode())
    assert (root.findtext(NS + "title") or "").startswith('a<b> & "c" [31m')


def test_a_chart_of_nothing_is_an_empty_chart() -> None:
    assert _all(line_chart(Chart("t", "x", "y", ())), "circle") == []
    with pytest.raises(ValueError, match="above zero"):
        line_chart(Chart("t", "x", "y", (), doubling=True))


def test_bars_begin_at_zero_and_say_their_values() -> None:
    rows = (Row("tuned", (812.2, 141.0)), Row("other", (None, 70.5)))
    svg = bar_chart(BarChart("t", "tokens/s", ("prefill", "decode"), rows, subtitle="here"))
    bars = _all(svg, "rect", "bar")
    assert [bar.findtext(NS + "title") for bar in bars] == [
        "tuned, prefill: 812.2",
        "tuned, decode: 141",
        "other, decode: 70.5",
    ]
    widths = [float(bar.get("width") or 0) for bar in bars]
    assert widths[1] == pytest.approx(2 * widths[2], rel=0.01)
    assert len({bar.get("x") for bar in bars}) == 1
    assert "other: prefill not known, decode 70.5." in svg
    assert len(_all(svg, "text", "label")) == 4  # two rows, two names


def test_bars_of_one_sort_need_no_legend() -> None:
    svg = bar_chart(BarChart("t", "s", ("time",), (Row("a & b", (0.0,)),)))
    assert len(_all(svg, "text", "label")) == 1
