"""What the parts of `study` share in showing: text from inside a file, shares, tables of facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def visible(text: str, most: int = 0) -> str:
    """Text from a file so that nothing in it hides: what has no shape of its own is escaped.

    Line ends, direction marks, zero-width characters and the like become `\\n`, `\\u202e`. With
    `most`, what is longer is cut, and an ellipsis says so.
    """
    text = text if not most or len(text) <= most else text[: most - 1] + "…"
    return "".join(ch if ch.isprintable() else _escaped(ch) for ch in text)


def percent(part: float, whole: float) -> str:
    """`42.7%`; `0.0%` of nothing."""
    return f"{part / whole:.1%}" if whole else "0.0%"


def facts(rows: Iterable[tuple[str, str | None]], width: int = 14) -> Iterator[str]:
    """Lines of a name and what is known; what is not known has no line."""
    for label, value in rows:
        if value:
            yield f"{label:<{width}}{value}"


def _escaped(character: str) -> str:
    known = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
    code = ord(character)
    if character in known:
        return known[character]
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
