"""How well the public data on this machine covers who is to be called."""

from __future__ import annotations

from collections.abc import Iterable

from freehold.actions.civic_files import INDEX
from freehold.civic.answer import DataAge
from freehold.civic.index.coverage import Coverage, coverage_of
from freehold.civic.index.index import CivicIndex
from freehold.civic.places.states import state
from freehold.errors import NotFound
from freehold.settings import Settings


def act_coverage(
    settings: Settings, states: Iterable[str] = ()
) -> tuple[tuple[Coverage, ...], tuple[DataAge, ...]]:
    """What the index has of Congress and of each legislature, and how old its data is.

    `states` by letters or names. Raises NotFound without an index or anybody of these states,
    UsageError for what is no state.
    """
    wanted = [state(word) for word in states]
    with CivicIndex(settings.home / INDEX) as index:
        found = coverage_of(index, wanted)
        if not found:
            raise NotFound(
                f"Nobody of {', '.join(wanted) or 'any legislature'} is in the data here.",
                "freehold act update fetches the members of Congress and of every legislature.",
            )
        return found, index.datasets(wanted or None)
