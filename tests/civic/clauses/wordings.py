"""Clauses of our own writing, in the ways that statutes word things, each with what it is."""

from __future__ import annotations

from pathlib import Path

from freehold.civic.clauses.finding import Label, RedLine

Wording = tuple[str, Label, RedLine | None]


def wordings() -> list[Wording]:
    """Those of `wordings.txt`: under each `# class` its clauses, one a line."""
    found: list[Wording] = []
    label, line = Label.NEUTRAL, None
    for row in (Path(__file__).parent / "wordings.txt").read_text(encoding="utf-8").splitlines():
        if row.startswith("# "):
            name = row[2:]
            is_label = name in list(Label)
            label = Label(name) if is_label else Label.RESTRICTS_TOOL
            line = None if is_label else RedLine(name)
        elif row:
            found.append((row, label, line))
    return found
