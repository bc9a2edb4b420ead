"""Where public data may come from: its publishers, copies on a disk, another Freehold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from freehold.actions.civic_arrivals import Arrival, Arrivals, copies_in
from freehold.actions.civic_outcomes import Change, Found, Outcome, same_here
from freehold.civic.datasets import kept
from freehold.civic.datasets.kept import Kept
from freehold.civic.public_sets import PublicFile, hosts
from freehold.errors import FreeholdError, Unreachable, UsageError

PEER_PORT = 2412
PEER_PATH = "/freehold/civic/"


def ask_publishers(
    arrivals: Arrivals, files: Sequence[PublicFile], here: dict[str, Kept]
) -> list[Found]:
    """Every file from its publisher, several hosts at once. One that is gone is asked once."""

    def one_host(host: str) -> list[Found]:
        found: list[Found] = []
        gone: Unreachable | None = None
        for file in files:
            if file.host != host:
                continue
            before = here.get(file.name)
            if gone is not None:
                found.append(Outcome(file.name, file.title, Change.FAILED, before, error=gone))
                continue
            outcome = _one(partial(arrivals.published, file, before), file, before)
            if isinstance(outcome, Outcome) and isinstance(outcome.error, Unreachable):
                gone = outcome.error
            found.append(outcome)
        return found

    where = hosts(files)
    with ThreadPoolExecutor(max(1, len(where))) as pool:
        return [each for found in pool.map(one_host, where) for each in found]


def _one(
    bring: Callable[[], Arrival | None], file: PublicFile | Kept, before: Kept | None
) -> Found:
    try:
        arrival = bring()
    except FreeholdError as error:
        return Outcome(file.name, file.title, Change.FAILED, before, error=error)
    return arrival or Outcome(file.name, file.title, Change.SAME, before)


def take_copies(
    arrivals: Arrivals, copy: str, here: dict[str, Kept], dated: date | None
) -> list[Found]:
    """Every public file in a copy, whatever it is called there. Raises UsageError for none."""
    if (address := _address(copy)) is not None:
        return [
            Outcome(entry.name, entry.title, Change.SAME, here[entry.name])
            if same_here(here, entry)
            else _one(partial(arrivals.shared, address, entry), entry, here.get(entry.name))
            for entry in arrivals.listed(address)
        ]
    place = Path(copy).expanduser()
    found: list[Found] = []
    listed = _list_in(place)
    for path in copies_in(place):
        try:
            arrival = arrivals.copied(path, listed, dated)
        except FreeholdError as error:
            found.append(Outcome(path.name, path.name, Change.FAILED, error=error))
        else:
            found += [arrival] if arrival else []
    if not found:
        raise UsageError(
            f"There is no public data in {place}.",
            "`freehold act update --dry-run` lists them; a copy is known by what is in it.",
        )
    return found


def _address(copy: str) -> str | None:
    """The address of a folder on a server; None for a path."""
    if copy.startswith(("http://", "https://")):
        return copy.rstrip("/") + "/"
    if not copy.startswith("peer:"):
        return None
    try:
        parts = urlsplit("//" + copy.removeprefix("peer:").strip("/"))
        host, port = parts.hostname, parts.port or PEER_PORT
    except ValueError:
        host, port = None, PEER_PORT
    if not host:
        raise UsageError(
            f"{copy!r} names no peer.", "For example peer:laptop.lan, peer:10.0.0.5:2412."
        )
    return (
        f"http://[{host}]:{port}{PEER_PATH}" if ":" in host else f"http://{host}:{port}{PEER_PATH}"
    )


def _list_in(place: Path) -> dict[str, Kept]:
    """By hash: what a list beside copies says of them."""
    path = (place if place.is_dir() else place.parent) / kept.NAME
    if not path.is_file():
        return {}
    return {each.sha256: each for each in kept.read(path.read_bytes(), str(path))}
