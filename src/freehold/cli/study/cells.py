"""Words in cells of a given width, and a probability as a style: what text views share."""

from __future__ import annotations

import shutil


def screen_width() -> int:
    """Columns there are to fill; 100 where nobody says."""
    return shutil.get_terminal_size((100, 24)).columns


def fitted(words: str, width: int, *, right: bool = False) -> str:
    """`words` in exactly so many columns, letters of double width counted; an ellipsis if cut."""
    from rich.cells import cell_len, set_cell_size

    if cell_len(words) > width:
        words = set_cell_size(words, width - 1).rstrip() + "…"
    size = cell_len(words)
    room = " " * (width - size)
    return room + words if right else words + room


def percent(share: float) -> str:
    """`42%`, `3.1%`, `<0.1%`: two digits that count."""
    if share >= 0.0995:
        return f"{share:.0%}"
    return f"{share:.1%}" if share >= 0.0005 else "<0.1%"


def shade(share: float) -> str:
    """How a terminal shows a probability, or another share of the whole."""
    if share >= 0.5:
        return "bold green"
    if share >= 0.2:
        return "green"
    return "" if share >= 0.05 else "dim"
