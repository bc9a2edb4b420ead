"""How a perplexity is shown: in words, as JSON, as a chart of its windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from freehold.cli.svg_chart import Chart, Series, line_chart
from freehold.cli.terminal import printable

if TYPE_CHECKING:
    from freehold.study.perplexity import Measure, Perplexity
    from freehold.study.texts import Text
    from freehold.study.windows import Reading


def print_perplexity(found: Perplexity, text: Text) -> None:
    """The figures, and how they were taken."""
    print(f"perplexity   {plus_minus(found.perplexity)}")
    print(f"bits a byte  {plus_minus(found.bits_per_byte)}")
    print(f"\n{printable(text_line(text))}")
    print(printable(reading_line(found)))
    print("± is one standard error, tokens taken for independent.")


def document(found: Perplexity, text: Text) -> dict[str, Any]:
    """What `--json` prints."""
    return {**figures(found), "text": text_json(text), "reading": reading_json(found.reading)}


def figures(found: Perplexity) -> dict[str, Any]:
    """The numbers alone."""
    return {
        "model": found.model,
        "perplexity": found.perplexity.value,
        "perplexity_error": found.perplexity.error,
        "bits_per_byte": found.bits_per_byte.value,
        "bits_per_byte_error": found.bits_per_byte.error,
        "scored_tokens": found.scored,
        "scored_bytes": found.bytes,
        "window_perplexities": list(found.windows),
    }


def text_json(text: Text) -> dict[str, Any]:
    """Which text it was, so that anyone can tell whether theirs is the same."""
    return {"name": text.name, "bytes": text.size, "sha256": text.digest}


def reading_json(reading: Reading) -> dict[str, Any]:
    """How it was read."""
    return {
        "window": reading.size,
        "stride": reading.stride,
        "windows": len(reading.windows),
        "unread_tokens": reading.unread,
    }


def picture(found: Perplexity, text: Text) -> str:
    """The text of the SVG file."""
    points = [(float(at + 1), value) for at, value in enumerate(found.windows)]
    whole = found.perplexity
    last = float(len(points))
    over = Series(
        "the whole text",
        ((1.0, whole.value), (last, whole.value)),
        band=tuple((x, whole.value - whole.error, whole.value + whole.error) for x in (1.0, last)),
        dashed=True,
    )
    return line_chart(
        Chart(
            f"Perplexity of {found.model}, window by window",
            "window",
            "perplexity",
            (Series("each window", tuple(points)), over),
            subtitle=f"{text.name}: {plus_minus(whole)}",
        )
    )


def plus_minus(measure: Measure, digits: int = 4) -> str:
    """`18.77 ± 0.613`: the error with three digits, the value as far as that."""
    from math import floor, isfinite, log10

    if not isfinite(measure.error) or measure.error <= 0:
        return f"{measure.value:,.{digits}f}"
    places = min(8, max(0, 2 - floor(log10(measure.error))))
    return f"{measure.value:,.{places}f} ± {measure.error:,.{places}f}"


def text_line(text: Text) -> str:
    """Which text it was."""
    return f"text: {text.name}, {text.size:,} bytes, sha256 {text.digest[:12]}"


def reading_line(found: Perplexity) -> str:
    """How it was read."""
    reading = found.reading
    many = len(reading.windows)
    windows = f"{many:,} {'window' if many == 1 else 'windows'} of {reading.size:,} tokens"
    how = (
        "the second half of each scored"
        if reading.stride is None
        else f"one every {reading.stride:,}, its last {reading.stride:,} scored"
    )
    left = f"; {reading.unread:,} tokens at the end not read" if reading.unread else ""
    return f"{windows}, {how}: {found.scored:,} tokens, {found.bytes:,} bytes{left}"
