"""What the act page is told: what is here, shapes to draw, the log."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from freehold.actions.call_log import CallLog
from freehold.actions.civic_files import INDEX
from freehold.civic.calling.wish import ABOUT_A_BILL, ASK_WORDS, FORM_WORDS
from freehold.civic.index.index import CivicIndex
from freehold.civic.log.entry import KIND_WORDS, OUTCOME_WORDS, Entry, as_json
from freehold.civic.people.words import body
from freehold.civic.places.rings import SCALE
from freehold.civic.places.states import NAMES
from freehold.civic.public_sets import whole_country
from freehold.civic.seat import Chamber, Seat
from freehold.errors import NotFound, UsageError

_COMMAND = "freehold act update"


def begin_json(home: Path) -> dict[str, Any]:
    """The states that can be drawn, what can be asked and how; without data what to fetch."""
    states: dict[str, tuple[Chamber, ...]] = {}
    missing = None
    try:
        with CivicIndex(home / INDEX) as index:
            states = index.states_with_boundaries()
    except NotFound as error:
        files = [file.title for file in whole_country()]
        missing = {"words": error.message, "files": files, "command": _COMMAND}
    return {
        "missing": missing,
        "states": [_state(letters, chambers) for letters, chambers in states.items()],
        "asks": [
            {"id": ask.value, "label": words, "needs_bill": ask in ABOUT_A_BILL}
            for ask, words in ASK_WORDS.items()
        ],
        "forms": [{"id": form.value, "label": words} for form, words in FORM_WORDS.items()],
    }


def outlines_json(home: Path, state: str, chamber: str) -> dict[str, Any]:
    """A chamber's districts: `rings` are longitude, latitude, longitude … in degrees."""
    if state not in NAMES or chamber not in list(Chamber):
        raise UsageError("There is no such chamber.")
    with CivicIndex(home / INDEX) as index:
        found = index.outlines(state, Chamber(chamber))
    return {
        "districts": [
            {
                "name": each.name,
                "rings": [
                    [round(at / SCALE, 5) for point in zip(xs, ys, strict=True) for at in point]
                    for xs, ys in each.rings
                ],
            }
            for each in found
        ]
    }


def log_json(home: Path) -> dict[str, Any]:
    """The log's entries, and the words to choose from."""
    today = date.today()  # noqa: DTZ011 - the owner's own day
    return {
        "kinds": [{"id": kind.value, "label": words} for kind, words in KIND_WORDS.items()],
        "outcomes": [{"id": one.value, "label": words} for one, words in OUTCOME_WORDS.items()],
        "entries": [_entry(entry, today) for entry in CallLog(home).entries()],
    }


def _state(letters: str, chambers: tuple[Chamber, ...]) -> dict[str, Any]:
    return {
        "state": letters,
        "name": NAMES[letters],
        "chambers": [
            {"id": chamber.value, "label": body(Seat(chamber, letters))} for chamber in chambers
        ],
    }


def _entry(entry: Entry, today: date) -> dict[str, Any]:
    return {
        **as_json(entry),
        "on": f"{entry.on.astimezone():%Y-%m-%d}",
        "kind_words": KIND_WORDS[entry.kind],
        "outcome_words": OUTCOME_WORDS[entry.outcome] if entry.outcome else "",
        "is_due": entry.is_due(today),
    }
