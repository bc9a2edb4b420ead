"""A token's bytes as a person can see them: spaces, line ends and broken letters included."""

from __future__ import annotations

_SIGNS = {" ": "␣", "\n": "⏎", "\t": "⇥", "\r": "␍"}


def visible(piece: bytes) -> str:
    """`␣the`, `⏎`, `‹0xE2›` for a byte that is only part of a letter, `‹U+200B›` for what
    cannot be seen.

    A token may end within a letter: its whole letters are shown, and each byte beside them.
    """
    parts: list[str] = []
    at = 0
    while at < len(piece):
        try:
            parts += map(_sign, piece[at:].decode())
            break
        except UnicodeDecodeError as broken:
            start, end = at + broken.start, at + broken.end
            parts += map(_sign, piece[at:start].decode())
            parts += (f"‹0x{byte:02X}›" for byte in piece[start:end])
            at = end
    return "".join(parts)


def _sign(letter: str) -> str:
    if letter in _SIGNS:
        return _SIGNS[letter]
    return letter if letter.isprintable() else f"‹U+{ord(letter):04X}›"
