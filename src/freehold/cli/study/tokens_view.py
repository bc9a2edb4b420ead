"""How a cut is shown: the text with its tokens told apart, a table, JSON, a picture."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from freehold.cli.study.pieces import lines
from freehold.cli.svg_text import Box, TextPicture, text_picture
from freehold.cli.terminal import console, is_colourful, print_table, printable

if TYPE_CHECKING:
    from freehold.study.tokens import Comparison, Cut, Token

_STYLES = ("on grey23", "on grey37")
_BETWEEN = "·"
"""Between two tokens, where there is no colour to tell them apart."""


def print_cut(cut: Cut) -> None:
    """The text, then every token."""
    _print_pieces(cut.tokens)
    print()
    rows = [
        (
            str(at),
            str(token.id),
            token.shown,
            _hexadecimal(token),
            "special" if token.special else "",
        )
        for at, token in enumerate(cut.tokens)
    ]
    print_table(("", "ID", "TOKEN", "BYTES", ""), rows, {0, 1})
    print(f"\n{printable(_counts(cut))}")


def print_comparison(compared: Comparison) -> None:
    """Both texts, the counts, and where they part."""
    for cut in (compared.one, compared.other):
        print(printable(_counts(cut)))
        _print_pieces(cut.tokens)
        print()
    if compared.same_vocabulary:
        print("Both have the same vocabulary: an id means the same in each.")
    if compared.differences is None:
        print("One of them changes the text while it cuts: no place in it can be matched.")
    elif not compared.differences:
        print("Both cut in the same places.")
    else:
        rows = [
            (str(each.start), _joined(each.one), _joined(each.other))
            for each in compared.differences
        ]
        names = compared.one.model.upper(), compared.other.model.upper()
        print_table(("BYTE", *names), rows, {0})


def document(cut: Cut, compared: Comparison | None) -> dict[str, Any]:
    """What `--json` prints. Bytes are hexadecimal."""
    told = _document(cut)
    if compared is not None:
        told["with"] = _document(compared.other)
        told["same_vocabulary"] = compared.same_vocabulary
        differences = compared.differences
        told["differences"] = (
            None
            if differences is None
            else [
                {
                    "start": each.start,
                    "text": each.text,
                    "one": [token.id for token in each.one],
                    "other": [token.id for token in each.other],
                }
                for each in differences
            ]
        )
    return told


def picture(cut: Cut) -> str:
    """The text of the SVG file: neighbours in two colours, marks in a third."""
    boxes = tuple(
        Box(
            label=token.shown or "∅",
            colour=3 if token.special else at % 2,
            strength=0.4,
            said=f"{token.shown}: token {token.id}, bytes {_hexadecimal(token)}",
        )
        for at, token in enumerate(cut.tokens)
    )
    return text_picture(TextPicture(f"How {cut.model} cuts it", boxes, _counts(cut)))


def _document(cut: Cut) -> dict[str, Any]:
    return {
        "model": cut.model,
        "text": cut.text,
        "bytes_per_token": round(cut.bytes_per_token, 3),
        "tokens": [
            {
                "id": token.id,
                "text": token.piece.decode("utf-8", "replace"),
                "bytes": token.piece.hex(),
                "special": token.special,
            }
            for token in cut.tokens
        ],
    }


def _counts(cut: Cut) -> str:
    characters, tokens = len(cut.text), len(cut.tokens)
    added = tokens - len(cut.written)
    mark = ", one of them the mark that begins a text" if added else ""
    return (
        f"{cut.model}: {tokens:,} {'token' if tokens == 1 else 'tokens'}{mark}, "
        f"{characters:,} characters, {cut.bytes_per_token:.2f} bytes a token"
    )


def _print_pieces(tokens: Sequence[Token]) -> None:
    from rich.text import Text

    line = Text()
    colourful = is_colourful(sys.stdout)
    for at, token in enumerate(tokens):
        if at and not colourful:
            line.append(_BETWEEN)
        style = "bold magenta" if token.special else _STYLES[at % 2]
        for part in lines(token.shown):
            line.append(part, style)
    console(sys.stdout).print(line)


def _joined(tokens: Sequence[Token]) -> str:
    return _BETWEEN.join(token.shown for token in tokens)


def _hexadecimal(token: Token) -> str:
    return token.piece.hex(" ").upper()
