"""Act update: public data fetched from its publishers, or taken from any copy, and indexed.

A new file takes its place only after the index could be built with it: whatever fails, what was
here before goes on answering. Nothing is told to a publisher but which file is wanted.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.civic_arrivals import Arrivals
from freehold.actions.civic_asking import ask_publishers, take_copies
from freehold.actions.civic_files import data_here, is_intact
from freehold.actions.civic_outcomes import Found, Updated
from freehold.actions.civic_settling import settle
from freehold.actions.network import Network
from freehold.civic.datasets import kept
from freehold.civic.datasets.kept import Kept
from freehold.civic.public_sets import PublicFile, of_states, whole_country
from freehold.errors import StoreBusy
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from freehold.settings import Settings


@dataclass(frozen=True)
class Planned:
    """What an update would ask for."""

    file: PublicFile
    here: Kept | None


def plan(home: Path, states: Collection[str] = ()) -> tuple[Planned, ...]:
    """What an update with these states would ask for, and what of it is here. No network.

    Boundaries that are here already are kept up with.
    """
    here = {each.name: each for each in data_here(home)}
    slots = {each.slot for each in here.values()}
    further = of_states(_states_here(here) - set(states))
    files = [*whole_country(), *of_states(set(states))]
    files += [file for file in further if kept.slot(file.name) in slots]
    unique = {file.name: file for file in reversed(files)}
    return tuple(Planned(file, here.get(name)) for name, file in reversed(unique.items()))


def fetch_data(
    settings: Settings, files: Sequence[PublicFile], progress: Progress = SILENT
) -> Updated:
    """Ask the publishers of these files for what has changed, and build the index anew.

    What becomes of each is in its Outcome, failures too. Raises StorageError, StoreBusy;
    FormatError when no index can be built.
    """
    return _update(settings, progress, lambda work, here: ask_publishers(work, files, here))


def take_data(
    settings: Settings,
    copies: Sequence[str | Path],
    progress: Progress = SILENT,
    *,
    dated: date | None = None,
) -> Updated:
    """Take copies of such files, known by what is in them; no publisher is asked.

    A copy is a file, a folder, the address of a folder with a civic.json, or `peer:host[:port]`.
    `dated` is when they were published, where that is known better than by their own dates. Raises
    UsageError, SourceError, StorageError, StoreBusy, FormatError.
    """

    def take(work: Arrivals, here: dict[str, Kept]) -> list[Found]:
        return [each for copy in copies for each in take_copies(work, str(copy), here, dated)]

    return _update(settings, progress, take)


def _update(
    settings: Settings,
    progress: Progress,
    get: Callable[[Arrivals, dict[str, Kept]], list[Found]],
) -> Updated:
    home, today = settings.home, datetime.now(UTC).date()
    incoming = home / "civic" / "incoming"
    with _alone(home), Network(settings, progress) as network:
        here = {each.name: each for each in data_here(home) if is_intact(home, each)}
        found = get(Arrivals(incoming, network, progress, today), here)
        done = settle(home, here, found, today, progress)
        if not done.failed:  # what is half there is gone on with next time
            shutil.rmtree(incoming, ignore_errors=True)
        return done


def _states_here(here: Iterable[str]) -> set[str]:
    """The states whose full boundaries are here: they are kept up with."""
    from freehold.civic.places.states import LETTERS

    codes = {name.split("_")[2] for name in here if name.startswith("tl_") and name.count("_") == 3}
    return {LETTERS[code] for code in codes if code in LETTERS}


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One update at a time."""
    from freehold.store.durable import storage_errors
    from freehold.store.locks import try_lock

    with storage_errors("write into the home folder"):
        (home / "civic").mkdir(parents=True, exist_ok=True)
        lock = try_lock(home / "civic" / "update.lock")
    if lock is None:
        raise StoreBusy("Another update of the public data is running.", "Wait for it to end.")
    try:
        yield
    finally:
        lock.release()
