"""New public data into its place: the index is built with it first, then the files are moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

from freehold.actions.civic_arrivals import Arrival
from freehold.actions.civic_files import INDEX, sources_folder
from freehold.actions.civic_outcomes import Change, Found, Outcome, Updated, same_here
from freehold.civic.datasets import kept
from freehold.civic.datasets.kept import Kept
from freehold.errors import FormatError, FreeholdError
from freehold.progress import Progress
from freehold.store.durable import storage_errors, write_durably


def settle(
    home: Path, here: dict[str, Kept], found: list[Found], today: date, progress: Progress
) -> Updated:
    """Build the index with what arrived, then put that in its place."""
    index = home / INDEX
    arrived = _newest_editions(each for each in found if isinstance(each, Arrival))
    arrived = {name: _dated(each, here.get(name)) for name, each in arrived.items()}
    outcomes = [each for each in found if isinstance(each, Outcome)]
    known = [name for name, each in arrived.items() if _adds_nothing(each, here.get(name))]
    outcomes += [Outcome(n, here[n].title, Change.SAME, here[n]) for n in known]
    for name in known:
        arrived.pop(name)
    is_rebuilt = bool(arrived) or not _is_readable(index)
    if is_rebuilt:
        outcomes += _build(home, here, arrived, today, progress)
        _in_place(home, here, arrived)
    for name, each in arrived.items():
        before = here.get(name)
        if same_here(here, each.entry):
            outcomes.append(Outcome(name, each.entry.title, Change.SAME, each.entry))
        else:
            change = Change.CHANGED if before else Change.NEW
            outcomes.append(Outcome(name, each.entry.title, change, each.entry, before))
    outcomes.sort(key=lambda outcome: (outcome.title, outcome.name))
    return Updated(
        tuple(outcomes), index if index.exists() else None, is_rebuilt and index.exists()
    )


def _build(
    home: Path,
    here: dict[str, Kept],
    fresh: dict[str, Arrival],
    today: date,
    progress: Progress,
) -> list[Outcome]:
    """Build the index. A new file that turns out unreadable is left out, and told."""
    from freehold.civic.index.build import build_index

    failed: list[Outcome] = []
    while True:
        replaced = {each.entry.slot for each in fresh.values()}
        old = [each for each in here.values() if each.slot not in replaced]
        sets = [each.in_folder(sources_folder(home)) for each in old]
        sets += [each.entry.in_folder(each.path.parent) for each in fresh.values()]
        if not sets:
            return failed
        sets.sort(key=lambda data: data.as_of)
        try:
            build_index(sets, home / INDEX, today=today, progress=progress)
        except FormatError as error:
            bad = next((name for name in fresh if name in error.message), None)
            if bad is None:
                raise
            title = fresh.pop(bad).entry.title
            failed.append(Outcome(bad, title, Change.FAILED, here.get(bad), error=error))
        else:
            return failed


def _in_place(home: Path, here: dict[str, Kept], arrived: dict[str, Arrival]) -> None:
    """Move what is new into its place, in place of an older edition, and write the list."""
    folder, now = sources_folder(home), dict(here)
    with storage_errors("keep the public data"):
        folder.mkdir(parents=True, exist_ok=True)
        for name, each in arrived.items():
            each.path.replace(folder / name)
            for other in [old for old in now.values() if old.slot == each.entry.slot]:
                del now[other.name]
                if other.name != name:
                    (folder / other.name).unlink(missing_ok=True)
            now[name] = each.entry
        write_durably(folder / kept.NAME, kept.written(now.values()))


def _dated(arrival: Arrival, before: Kept | None) -> Arrival:
    """The same bytes as before are as old as is known of them at the earliest."""
    entry = arrival.entry
    if before is None or before.sha256 != entry.sha256 or before.as_of >= entry.as_of:
        return arrival
    return replace(arrival, entry=replace(entry, as_of=before.as_of))


def _adds_nothing(arrival: Arrival, before: Kept | None) -> bool:
    """The same bytes, of which nothing more is known now."""
    mark = (arrival.entry.sha256, arrival.entry.as_of, arrival.entry.version)
    return before is not None and mark == (before.sha256, before.as_of, before.version)


def _newest_editions(arrivals: Iterable[Arrival]) -> dict[str, Arrival]:
    """By name: of several years' editions of a file the newest."""
    newest: dict[str, Arrival] = {}
    for each in arrivals:
        before = newest.get(each.entry.slot)
        if before is None or _age(each) >= _age(before):
            newest[each.entry.slot] = each
    return {each.entry.name: each for each in newest.values()}


def _age(arrival: Arrival) -> tuple[str, date]:
    return arrival.entry.name, arrival.entry.as_of


def _is_readable(path: Path) -> bool:
    from freehold.civic.index.index import CivicIndex

    try:
        CivicIndex(path).close()
    except FreeholdError:
        return False
    return True
