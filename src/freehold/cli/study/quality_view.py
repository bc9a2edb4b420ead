"""How the cost of quantizing is shown: a table, JSON, bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from freehold.cli.study.kl_view import kl_figures
from freehold.cli.study.perplexity_view import (
    figures,
    plus_minus,
    reading_json,
    reading_line,
    text_json,
    text_line,
)
from freehold.cli.svg_bars import BarChart, Row, bar_chart
from freehold.cli.terminal import print_table, printable
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.study.quality import Cost, FileFacts, Quality
    from freehold.study.texts import Text

_HEADINGS = (
    "MODEL",
    "TYPE",
    "SIZE",
    "BITS/WEIGHT",
    "PERPLEXITY",
    "AGAINST REFERENCE",
    "MEAN KL",
    "KL 99%",
    "SAME TOP",
)


def print_quality(found: Quality, text: Text) -> None:
    """The table, the reference first, and how the measures rank."""
    rows = [
        (*_file(found.reference), plus_minus(found.reference_perplexity.perplexity), "reference",
         "", "", ""),
        *map(_row, found.costs),
    ]  # fmt: skip
    print_table(_HEADINGS, rows, {2, 3, 4, 5, 6, 7, 8})
    print()
    if found.ranks_differ:
        by_kl, by_perplexity = (
            ", ".join(cost.file.model for cost in each)
            for each in (found.costs, found.by_perplexity)
        )
        print(printable(f"The measures rank differently. By KL: {by_kl}."))
        print(printable(f"By perplexity: {by_perplexity}. KL is the steadier of the two."))
    print(printable(text_line(text)))
    print(printable(reading_line(found.reference_perplexity)))
    print("KL is in nats a token. ± is one standard error, tokens taken for independent.")


def document(found: Quality, text: Text) -> dict[str, Any]:
    """What `--json` prints."""
    reference = found.reference_perplexity
    return {
        "reference": {**_facts(found.reference), **figures(reference)},
        "files": [{**_facts(cost.file), **kl_figures(cost.kl)} for cost in found.costs],
        "by_kl": [cost.file.model for cost in found.costs],
        "by_perplexity": [cost.file.model for cost in found.by_perplexity],
        "text": text_json(text),
        "reading": reading_json(reference.reading),
    }


def picture(found: Quality, text: Text) -> str:
    """The text of the SVG file: KL as bars, perplexity in the labels, since its unit is another."""
    rows = tuple(
        Row(f"{cost.file.model} ({_percent(cost)})", (cost.kl.mean.value,)) for cost in found.costs
    )
    return bar_chart(
        BarChart(
            title=f"What quantizing cost, against {found.reference.model}",
            value_label="mean KL, nats a token (in brackets: perplexity against the reference)",
            names=("mean KL",),
            rows=rows,
            subtitle=f"{text.name}, {found.reference_perplexity.scored:,} tokens scored",
        )
    )


def _row(cost: Cost) -> tuple[str, ...]:
    kl = cost.kl
    return (
        *_file(cost.file),
        plus_minus(kl.model.perplexity),
        _percent(cost),
        plus_minus(kl.mean),
        f"{dict(kl.quantiles)[0.99]:.4f}",
        f"{kl.same_top.value:.1%}",
    )


def _percent(cost: Cost) -> str:
    ratio = cost.kl.ratio
    return f"{ratio.value - 1:+.1%} ± {ratio.error:.1%}"


def _file(file: FileFacts) -> tuple[str, ...]:
    return file.model, file.type, human_bytes(file.size), f"{file.bits_per_weight:.2f}"


def _facts(file: FileFacts) -> dict[str, Any]:
    return {
        "name": file.model,
        "type": file.type,
        "size": file.size,
        "bits_per_weight": file.bits_per_weight,
    }
