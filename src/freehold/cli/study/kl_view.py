"""How a KL divergence is shown: in words, in the text, as JSON, as a chart."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from freehold.cli.study.perplexity_view import (
    figures,
    plus_minus,
    reading_json,
    reading_line,
    text_json,
    text_line,
)
from freehold.cli.study.probs_view import share
from freehold.cli.svg_chart import Chart, Series, line_chart
from freehold.cli.terminal import console, printable

if TYPE_CHECKING:
    from freehold.study.kl import Kl, Place
    from freehold.study.texts import Text

_LABEL = 26
_SHOWN = (0.9, 0.95, 0.99)
"""Of the quantiles: the median is said anyway, and small ones say little."""


def print_kl(found: Kl, text: Text) -> None:
    """The figures, the worst places, and how they were taken."""
    model, reference = found.model, found.reference
    rows = [
        ("mean KL", f"{plus_minus(found.mean)} nats a token"),
        ("median KL", f"{found.median:.5f}"),
        *((f"{at:.0%} of tokens below", f"{kl:.5f}") for at, kl in found.quantiles if at in _SHOWN),
        ("at most", f"{found.curve[-1]:.5f}"),
        ("same most likely token", _percent(found)),
        ("true token's probability", _change(found)),
        (f"perplexity of {model.model}", plus_minus(model.perplexity)),
        (f"of {reference.model}", plus_minus(reference.perplexity)),
        ("ratio", plus_minus(found.ratio)),
    ]
    width = max(_LABEL, *(len(label) for label, _ in rows)) + 2
    for label, value in rows:
        print(f"{printable(label):<{width}}{value}")
    if found.places:
        pair = f"{reference.model} → {model.model}"
        print(f"\nWhere they differ most, {printable(pair)}:")
        for place in found.places:
            _print_place(place)
    print(f"\n{printable(text_line(text))}")
    print(printable(reading_line(model)))
    print("± is one standard error, tokens taken for independent.")


def document(found: Kl, text: Text) -> dict[str, Any]:
    """What `--json` prints. KL is in nats."""
    return {
        **kl_figures(found),
        "reference": figures(found.reference),
        "places": [
            {
                "token_number": place.at,
                "before": place.before,
                "token": place.token,
                "kl": place.kl,
                "reference_probability": place.reference_probability,
                "probability": place.probability,
                "reference_likeliest": place.reference_likeliest,
                "likeliest": place.likeliest,
            }
            for place in found.places
        ],
        "text": text_json(text),
        "reading": reading_json(found.model.reading),
    }


def kl_figures(found: Kl) -> dict[str, Any]:
    """The numbers of one model."""
    return {
        "model": figures(found.model),
        "kl_mean": found.mean.value,
        "kl_mean_error": found.mean.error,
        "kl_median": found.median,
        "kl_quantiles": {f"{portion:g}": value for portion, value in found.quantiles},
        "same_top": found.same_top.value,
        "same_top_error": found.same_top.error,
        "probability_change": found.probability_change.value,
        "probability_spread": found.probability_spread,
        "perplexity_ratio": found.ratio.value,
        "perplexity_ratio_error": found.ratio.error,
    }


def picture(found: Kl, text: Text) -> str:
    """The text of the SVG file: for each share of the tokens, the KL that they stay below."""
    points = tuple((float(percent), value) for percent, value in enumerate(found.curve[:100]))
    mean = found.mean.value
    return line_chart(
        Chart(
            f"{found.model.model} against {found.reference.model}",
            "percent of the tokens",
            "KL below, nats",
            (
                Series("tokens", points),
                Series("mean", ((0.0, mean), (99.0, mean)), dashed=True),
            ),
            subtitle=f"{text.name}: mean KL {plus_minus(found.mean)}, same top token "
            f"{_percent(found)}",
        )
    )


def _percent(found: Kl) -> str:
    return f"{found.same_top.value:.1%} ± {found.same_top.error:.1%}"


def _change(found: Kl) -> str:
    change, spread = found.probability_change.value, found.probability_spread
    return f"{change:+.2%} on average, {spread:.2%} root mean square"


def _print_place(place: Place) -> None:
    from rich.text import Text as Line

    before = place.before.replace("\n", "⏎")
    line = Line(f"  KL {place.kl:7.3f}  …")
    line.append(printable(before), "dim")
    line.append(f"[{place.token}]", "bold")
    line.append(
        f"  {share(place.reference_probability)} → {share(place.probability)}, "
        f"expected {place.reference_likeliest} → {place.likeliest}"
    )
    console(sys.stdout).print(line)
