"""Statistics of tensors as a table, one tensor in detail, as JSON, and as pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from freehold.cli.study.plain import plain
from freehold.cli.study.shown import facts, percent, visible
from freehold.cli.terminal import print_table, printable
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.study.tensor_stats import TensorStats
    from freehold.study.tensor_survey import TensorSurvey

_BLOCKS = " ▁▂▃▄▅▆▇█"
_WIDE = 40
_NAMED = 5
_LAYER = re.compile(r"blk\.(\d+)\.(.+?)(?:\.weight)?$", re.ASCII)


def print_survey(survey: TensorSurvey) -> None:
    """A row for each tensor, and what stands out."""
    rows = [
        (
            visible(each.name, 80),
            each.type,
            " x ".join(f"{size:,}" for size in each.shape),
            _number(each.low),
            _number(each.high),
            _number(each.mean),
            _number(each.deviation),
            percent(each.zeros, each.elements),
            f"{each.outliers:,}",
            _sparks(each.histogram, 16),
        )
        for each in survey.tensors
    ]
    headings = (
        *("TENSOR", "TYPE", "SHAPE", "MIN", "MAX", "MEAN", "DEVIATION", "ZEROS", "OUTLIERS"),
        "HISTOGRAM",
    )
    print_table(headings, rows, right={2, 3, 4, 5, 6, 7, 8})
    print(printable("\n".join(["", *_notable(survey)])))


def print_detail(tensor: TensorStats) -> None:
    """All that was found out about one tensor."""
    from freehold.study.tensor_stats import OUTLIER

    dead = ", ".join(f"{row:,}" for row in tensor.dead_rows[:20])
    more = ", …" if tensor.dead_row_count > 20 else ""
    share = tensor.outliers / max(tensor.elements, 1)
    lines = [visible(tensor.name, 200), ""]
    lines += facts(
        (
            ("packed as", f"{tensor.type}, {human_bytes(tensor.size)}"),
            ("shape", " x ".join(f"{size:,}" for size in tensor.shape)),
            ("values", f"{tensor.elements:,}"),
            ("from", None if tensor.low is None else f"{tensor.low:.6g} to {tensor.high:.6g}"),
            ("mean", _number(tensor.mean)),
            ("deviation", _number(tensor.deviation)),
            ("zeros", f"{tensor.zeros:,} ({percent(tensor.zeros, tensor.elements)})"),
            ("outliers", f"{tensor.outliers:,} ({share:.3%}) beyond {OUTLIER:g} deviations"),
            ("no numbers", f"{tensor.not_finite:,}" if tensor.not_finite else None),
            ("dead rows", f"{tensor.dead_row_count:,}: {dead}{more}" if dead else "none"),
        )
    )
    lines += ["", "furthest from zero"]
    lines += [
        f"  row {each.row:,}, column {each.column:,}: {each.value:.6g}" for each in tensor.extremes
    ]
    lines += ["", "histogram", *_bars(tensor)]
    print(printable("\n".join(lines)))


def survey_json(survey: TensorSurvey) -> dict[str, Any]:
    """Everything, histograms with the edges of their bins included."""
    tensors = [{**plain(each), "bin_edges": plain(each.bin_edges)} for each in survey.tensors]
    return {"name": survey.name, "tensors": tensors}


def picture(survey: TensorSurvey) -> str:
    """One tensor's histogram, or how the deviation of each kind changes from layer to layer."""
    from freehold.cli.svg_chart import Chart, Series, line_chart

    if len(survey.tensors) == 1:
        return _histogram(survey.tensors[0])
    kinds: dict[str, list[tuple[float, float]]] = {}
    for each in survey.tensors:
        layer = _LAYER.match(each.name)
        if layer is not None and each.deviation is not None:
            kinds.setdefault(layer[2], []).append((float(layer[1]), each.deviation))
    series = tuple(Series(kind, tuple(sorted(points))) for kind, points in sorted(kinds.items()))
    title = f"How widely the weights of {survey.name} spread"
    return line_chart(Chart(title, "layer", "standard deviation", series))


def _histogram(tensor: TensorStats) -> str:
    from freehold.cli.svg_bars import BarChart, Row, bar_chart

    edges = tensor.bin_edges
    rows = tuple(
        Row(_bin(edges, number, len(tensor.histogram)), (float(count),))
        for number, count in enumerate(tensor.histogram if edges else ())
    )
    where = f"{tensor.type}, {tensor.elements:,} values"
    return bar_chart(BarChart(f"The values of {tensor.name}", "values", ("values",), rows, where))


def _notable(survey: TensorSurvey) -> Iterator[str]:
    count = sum(each.elements for each in survey.tensors)
    yield f"{len(survey.tensors):,} tensors, {count:,} values"
    for each in survey.broken:
        yield f"NO NUMBERS  {visible(each.name, 80)}: {each.not_finite:,} values are not finite"
    dead = survey.with_dead_rows
    for each in dead[:_NAMED]:
        yield f"dead rows   {visible(each.name, 80)}: {each.dead_row_count:,} of {each.rows:,}"
    if len(dead) > _NAMED:
        yield f"            and in {len(dead) - _NAMED:,} more"
    for each in survey.with_outliers[:_NAMED]:
        share = each.outliers / each.elements
        yield f"outliers    {visible(each.name, 80)}: {each.outliers:,} ({share:.3%})"


def _bars(tensor: TensorStats) -> Iterator[str]:
    edges = tensor.bin_edges
    most = max(tensor.histogram, default=0)
    if not edges or not most:
        yield "  nothing finite"
        return
    labels = [_bin(edges, number, len(tensor.histogram)) for number in range(len(tensor.histogram))]
    width = max(map(len, labels))
    for label, count in zip(labels, tensor.histogram, strict=True):
        filled = round(count / most * _WIDE) if count else 0
        bar = "█" * filled or ("▏" if count else "")
        yield f"  {label:>{width}}  {bar:<{_WIDE}} {count:,}"


def _bin(edges: Sequence[float], number: int, bins: int) -> str:
    """A bin in words: its lower edge; what is beyond, for the outermost."""
    if number == 0:
        return f"below {edges[1]:.3g}"
    if number == bins - 1:
        return f"{edges[number]:.3g} and above"
    return f"{edges[number]:.3g}"


def _sparks(histogram: Sequence[int], width: int) -> str:
    """A histogram as one short word: bins taken together, each a block of its height."""
    step = max(1, len(histogram) // width)
    sums = [sum(histogram[at : at + step]) for at in range(0, len(histogram), step)]
    most = max(sums, default=0)
    if not most:
        return ""
    top = len(_BLOCKS) - 1
    return "".join(_BLOCKS[max(1, round(each / most * top)) if each else 0] for each in sums)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
