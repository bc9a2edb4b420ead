"""A bill and an amendment of our own drafting, to hand to somebody who drafts laws."""

from __future__ import annotations

from importlib.resources import files

from freehold.civic.places.states import NAMES, state

MARK = "DRAFT FOR COUNSEL. Not legal advice; not introduced anywhere."
NAMED = ("bill", "amendment")


def draft_law(name: str, where: str = "") -> str:
    """The draft of that name in Markdown, for a state (letters or a name) if one is given.

    Raises UsageError for what is no state.
    """
    text = (files(__package__) / f"{name}.md").read_text(encoding="utf-8")
    letters = state(where) if where else ""
    return text.replace("{STATE}", NAMES[letters] if letters else "[STATE]")
