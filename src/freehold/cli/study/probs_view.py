"""How an expectation is shown: the text coloured by surprise, a table, JSON, a picture."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from freehold.cli.study.pieces import lines
from freehold.cli.svg_text import Box, TextPicture, text_picture
from freehold.cli.terminal import console, is_colourful, print_table, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from freehold.study.probs import Alternative, Expectation, Expected

_STEPS = (1.0, 3.0, 6.0, 10.0)
"""Bits at which the colour changes."""
_STYLES = ("green", "", "yellow", "dark_orange", "bold red")
_WORDS = ("below 1 bit", "below 3", "below 6", "below 10", "10 bits and more")
_COLOURS = (2, 0, 4, 1, 3)
_STRENGTHS = (0.15, 0.15, 0.45, 0.55, 0.9)


def print_expectation(found: Expectation) -> None:
    """The text, a table, the sums."""
    if is_colourful(sys.stdout):
        _print_coloured(found.tokens)
    alternatives = max((len(each.alternatives) for each in found.tokens), default=0)
    headings = ("TOKEN", "ID", "PROBABILITY", "RANK", "BITS", "MOST LIKELY" if alternatives else "")
    print_table(headings, map(_row, found.tokens), {1, 2, 3, 4})
    print(f"\nnext: {printable(_said(found.next))}")
    print(printable(_sums(found)))


def document(found: Expectation) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "model": found.model,
        "bits": found.bits,
        "bytes": found.bytes,
        "bits_per_byte": found.bits_per_byte,
        "perplexity": found.perplexity,
        "tokens": [
            {
                **_token(each),
                "probability": each.probability,
                "rank": each.rank,
                "bits": each.bits,
                "alternatives": [_alternative(other) for other in each.alternatives],
            }
            for each in found.tokens
        ],
        "next": [_alternative(other) for other in found.next],
    }


def picture(found: Expectation) -> str:
    """The text of the SVG file."""
    boxes = tuple(
        Box(
            label=each.token.shown or "∅",
            colour=5 if each.bits is None else _COLOURS[step(each.bits)],
            strength=0.0 if each.bits is None else _STRENGTHS[step(each.bits)],
            said=_in_words(each),
        )
        for each in found.tokens
    )
    legend = tuple(zip(_WORDS, _COLOURS, strict=True))
    return text_picture(TextPicture(f"How {found.model} expects it", boxes, _sums(found), legend))


def step(bits: float) -> int:
    """Which of five colours a surprise has."""
    return sum(bits >= limit for limit in _STEPS)


def share(probability: float) -> str:
    """`62.1%`, and what is next to nothing as one in so many."""
    if probability >= 0.001:
        return f"{probability:.1%}"
    return f"1 in {1 / probability:,.0f}" if probability > 1e-12 else "0"


def _print_coloured(tokens: Sequence[Expected]) -> None:
    from rich.text import Text

    line = Text()
    for each in tokens:
        style = "dim" if each.bits is None else _STYLES[step(each.bits)]
        for part in lines(each.token.shown):
            line.append(part, style)
    console(sys.stdout).print(line)
    legend = Text()
    for words, style in zip(_WORDS, _STYLES, strict=True):
        legend.append(f"{words}  ", style)
    console(sys.stdout).print(legend)
    print()


def _row(each: Expected) -> tuple[str, ...]:
    if each.probability is None or each.bits is None:
        return each.token.shown, str(each.token.id), "", "", "", "(nothing comes before it)"
    return (
        each.token.shown,
        str(each.token.id),
        share(each.probability),
        f"{each.rank:,}",
        f"{each.bits:.2f}",
        _said(each.alternatives),
    )


def _said(alternatives: Sequence[Alternative]) -> str:
    return " · ".join(f"{each.token.shown} {share(each.probability)}" for each in alternatives)


def _sums(found: Expectation) -> str:
    scored = max(0, len(found.tokens) - 1)
    return (
        f"{found.model}: {found.bits:.1f} bits for {scored:,} tokens, {found.bits_per_byte:.3f} "
        f"bits a byte, perplexity {found.perplexity:,.2f}"
    )


def _in_words(each: Expected) -> str:
    if each.probability is None or each.bits is None:
        return f"{each.token.shown}: the first token"
    others = f"; most likely {_said(each.alternatives)}" if each.alternatives else ""
    return (
        f"{each.token.shown}: {share(each.probability)}, rank {each.rank:,}, "
        f"{each.bits:.2f} bits{others}"
    )


def _token(each: Expected) -> dict[str, Any]:
    piece = each.token.piece
    return {"id": each.token.id, "text": piece.decode("utf-8", "replace"), "bytes": piece.hex()}


def _alternative(other: Alternative) -> dict[str, Any]:
    text = other.token.piece.decode("utf-8", "replace")
    return {"id": other.token.id, "text": text, "probability": other.probability}
