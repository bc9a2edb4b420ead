"""Quantities as people read them. It formats; it never rounds what is computed with."""

from __future__ import annotations


def counted(number: int, word: str, many: str | None = None) -> str:
    """`1 key`, `2 keys`; `many` for a word with a plural of its own."""
    return f"{number} {word if number == 1 else many or word + 's'}"


def human_bytes(count: int) -> str:
    """A number of bytes in decimal units with one decimal: `999 B`, `98.4 MB`, `1.0 GB`.

    Decimal, because disks and downloads are sold and shown in powers of ten.
    """
    if abs(count) < 1000:
        return f"{count} B"
    value, unit = count / 1000, "kB"
    for larger in ("MB", "GB", "TB", "PB"):
        # 999.95 would be shown as 1000.0: it belongs to the next unit
        if abs(value) < 999.95:
            break
        value, unit = value / 1000, larger
    return f"{value:.1f} {unit}"
