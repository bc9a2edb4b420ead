"""Several libraries: the store at home, and others on external disks that come and go.

A library is a store of its own in a folder that carries a mark, so that an empty mount point, or
another disk in its place, is not taken for it. What it held when it was last seen is kept at home:
an unplugged disk is reported as absent while its list stays.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Self

from freehold.errors import AmbiguousName, NotOwned, StorageError, UsageError
from freehold.names import slug
from freehold.progress import SILENT, Progress
from freehold.store.codec import RecordDamaged, model_body, model_of, read_record, write_record
from freehold.store.durable import storage_errors, write_durably
from freehold.store.finding import find_model
from freehold.store.model import NewModel, OwnedModel, now
from freehold.store.store import Store

HOME = "home"
_LIST = "libraries.json"
_MARK = "library.json"


@dataclass(frozen=True)
class Library:
    """One library as it is known at home. `models` is what it holds, or held when last seen."""

    name: str
    path: Path
    mark: str
    present: bool
    seen_at: datetime
    models: tuple[OwnedModel, ...]


@dataclass(frozen=True)
class Found:
    """A model, the store that has it, and the name of the library."""

    store: Store
    model: OwnedModel
    library: str


class Libraries:
    """The store at home and every other library, opened when needed. Use it in a `with` block."""

    def __init__(self, home: Path, progress: Progress = SILENT) -> None:
        self._home = home
        self._progress = progress
        self._stores: dict[str, Store] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        for store in self._stores.values():
            store.close()

    @property
    def home(self) -> Path:
        """The folder of the store at home."""
        return self._home

    def store(self, name: str = HOME) -> Store:
        """A library's store. Raises NotOwned for an unknown one, StorageError for an absent one."""
        if name not in self._stores:
            path = self._home if name == HOME else self._present(self._entry(name)).path
            self._stores[name] = Store.open(path, self._progress)
        return self._stores[name]

    def all(self) -> list[Library]:
        """Every library, home first. What those that are there hold is read, and remembered."""
        at_home = tuple(self.store().models())
        home = Library(HOME, self._home, "", present=True, seen_at=now(), models=at_home)
        known = [self._seen(entry) for entry in self._entries()]
        self._remember(known)
        return [home, *known]

    def find(self, query: str) -> Found:
        """The model a word means: at home first, then elsewhere.

        Raises NotOwned, AmbiguousName, or StorageError when only an absent library has it.
        """
        store = self.store()
        try:
            return Found(store, store.find(query), HOME)
        except NotOwned as missing:
            entries = self._entries()
            if not entries:
                raise
            return self._find_elsewhere(query, entries, missing)

    def add(self, path: Path, name: str | None = None) -> Library:
        """Make a folder a library, or know again one that is. It is created when missing."""
        path = path.expanduser().absolute()
        entries = self._entries()
        wanted = slug(name or path.name)
        if path == self._home or wanted == HOME:
            raise UsageError("That is the store at home.", "Choose another folder, or name.")
        if any(entry.name == wanted and entry.path != path for entry in entries):
            raise UsageError(f"Another library is called {wanted}.", "Choose a --name.")
        with storage_errors(f"make a library of {path}"):
            mark = _mark(path)
            if mark is None:
                mark = str(uuid.uuid4())
                write_durably(path / _MARK, json.dumps({"library": mark}).encode())
        library = self._seen(Library(wanted, path, mark, True, now(), ()))
        self._remember([*(entry for entry in entries if entry.path != path), library])
        return library

    def forget(self, name: str) -> None:
        """Stop knowing a library. Its folder and all in it stay as they are."""
        entry = self._entry(name)
        self._remember([other for other in self._entries() if other.name != entry.name])

    def copy(self, query: str, target: str) -> OwnedModel:
        """Own a model in another library too, with all that is known of it."""
        return copy_model(self.find(query), self.store(target), self._progress)

    def _find_elsewhere(self, query: str, entries: list[Library], missing: NotOwned) -> Found:
        libraries = [self._seen(entry) for entry in entries]
        hits: list[tuple[Library, OwnedModel]] = []
        for library in libraries:
            try:
                hits.append((library, find_model(library.models, query)))
            except NotOwned:
                continue  # the error at home, with its near misses, is the one to show
        present = [(library, model) for library, model in hits if library.present]
        if len({model.id for _, model in present}) > 1:
            raise AmbiguousName(
                f"{query!r} is in several libraries.",
                "Name one: " + ", ".join(f"{m.name} ({lib.name})" for lib, m in present) + ".",
            )
        if present:
            library, model = present[0]
            return Found(self.store(library.name), model, library.name)
        if hits:
            self._present(hits[0][0])
        raise missing

    def _seen(self, entry: Library) -> Library:
        """An entry with what its library holds now, when it is there."""
        if _mark(entry.path) != entry.mark:
            return replace(entry, present=False)
        if entry.name not in self._stores:
            self._stores[entry.name] = Store.open(entry.path, self._progress)
        models = tuple(self._stores[entry.name].models())
        return replace(entry, present=True, seen_at=now(), models=models)

    def _present(self, entry: Library) -> Library:
        if _mark(entry.path) == entry.mark:
            return entry
        raise StorageError(
            f"The library {entry.name} is not there: {entry.path} was last seen "
            f"{entry.seen_at:%Y-%m-%d}.",
            "Plug its disk in, or say where it is now: freehold library add PATH",
        )

    def _entry(self, name: str) -> Library:
        entries = self._entries()
        for entry in entries:
            if entry.name == name:
                return entry
        names = ", ".join([HOME, *(entry.name for entry in entries)])
        raise NotOwned(f"There is no library called {name!r}.", f"There are: {names}.")

    def _entries(self) -> list[Library]:
        try:
            text = (self._home / _LIST).read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return []
        try:
            return [
                Library(
                    name=entry["name"],
                    path=Path(entry["path"]),
                    mark=entry["mark"],
                    present=False,
                    seen_at=datetime.fromisoformat(entry["seen_at"]),
                    models=tuple(model_of(read_record(model)) for model in entry["models"]),
                )
                for entry in json.loads(text)
            ]
        except (ValueError, KeyError, TypeError, RecordDamaged) as error:
            raise StorageError(
                f"The list of libraries, {self._home / _LIST}, is damaged.",
                "Remove it and add the libraries again: freehold library add PATH",
            ) from error

    def _remember(self, libraries: list[Library]) -> None:
        known = [
            {
                "name": library.name,
                "path": str(library.path),
                "mark": library.mark,
                "seen_at": library.seen_at.isoformat(),
                "models": [write_record(model_body(model)) for model in library.models],
            }
            for library in libraries
        ]
        if known or (self._home / _LIST).exists():
            with storage_errors("write the list of libraries"):
                write_durably(self._home / _LIST, json.dumps(known, indent=1).encode())


def copy_model(found: Found, store: Store, progress: Progress = SILENT) -> OwnedModel:
    """Own a model in another store too, with all that is known of it."""
    model = found.model
    found.store.check_ready(model)
    for file in model.files:
        path = found.store.blob_path(file.digest)
        store.add_file(path, file.digest, progress, move=False)
    return store.add_model(
        NewModel(
            name=model.name,
            files=model.files,
            licence=model.licence,
            sightings=model.sightings,
            facts=model.facts,
            parents=model.parents,
            tags=model.tags,
            notes=model.notes,
            signatures=model.signatures,
        )
    )


def _mark(path: Path) -> str | None:
    """What identifies the library in this folder; None when there is none."""
    try:
        value = json.loads((path / _MARK).read_text(encoding="utf-8"))["library"]
    except (OSError, ValueError, KeyError, TypeError):
        return None  # no library, or none that can be read: absent either way
    return str(value)
