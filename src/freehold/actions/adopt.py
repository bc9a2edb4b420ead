"""Own what other programs on this machine already keep, without copying and without changing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.owning import describe_new, read_parts
from freehold.errors import FormatError, HashMismatch, NotFound, UsageError
from freehold.names import slug
from freehold.progress import SILENT, Progress
from freehold.sources.elsewhere.finder import find_in, find_models
from freehold.sources.elsewhere.found import FoundFile, FoundModel, in_text
from freehold.sources.elsewhere.surroundings import Surroundings
from freehold.sources.interface import LicenceClaim, Role
from freehold.store.model import BlobRecord, Link, OwnedFile, OwnedModel, Sighting

if TYPE_CHECKING:
    from freehold.store.store import Store


@dataclass(frozen=True)
class Candidate:
    """A model that another program keeps, and what adopting it would do."""

    found: FoundModel
    owned: OwnedModel | None
    """The owned model with the same weights, as far as names tell; None when there is none."""
    way: Link | None
    """How its weights would probably be held; None when it can't be adopted."""

    @property
    def wanted(self) -> bool:
        """Whether there is something to adopt."""
        return self.owned is None and self.found.obstacle is None


@dataclass(frozen=True)
class AdoptedFile:
    """One file as it is now held."""

    name: str
    path: Path
    """The other program's file."""
    record: BlobRecord


@dataclass(frozen=True)
class Adopted:
    """What `adopt` did."""

    model: OwnedModel
    files: tuple[AdoptedFile, ...]
    was_owned: bool

    @property
    def ways(self) -> tuple[Link, ...]:
        """The ways in which its files are held, each once, the weights' first."""
        return tuple(dict.fromkeys(file.record.link for file in self.files))


def find_elsewhere(
    store: Store, wishes: Sequence[str] = (), here: Surroundings | None = None
) -> list[Candidate]:
    """The models that other programs keep. Reads names and sizes; opens no model, writes nothing.

    A wish is a folder or a file to look in instead, or a part of the name of a program, a model
    or a reference. Raises NotFound for a wish that fits nothing.
    """
    found: list[FoundModel] = []
    everything: list[FoundModel] | None = None
    for wish in wishes:
        path = Path(wish).expanduser()
        if path.exists():
            found += find_in(path)
            continue
        if everything is None:
            everything = list(find_models(here or Surroundings.here()))
        fitting = [model for model in everything if _fits(model, wish)]
        if not fitting:
            raise NotFound(
                f"There is no folder {wish}, and no program here keeps a model of that name.",
                "`freehold adopt --dry-run` shows what was found.",
            )
        found += fitting
    if not wishes:
        found = list(find_models(here or Surroundings.here()))
    known = store.adopted()
    models = store.models()
    return [_candidate(store, model, known, models) for model in dict.fromkeys(found)]


def adopt(store: Store, found: FoundModel, progress: Progress = SILENT) -> Adopted:
    """Own a model where it is. Every file is hashed; the other program's folder stays as it was.

    Raises UsageError when it can't be adopted, FormatError when it is no model, HashMismatch when
    a file is not what its name says, StorageError.
    """
    if found.obstacle is not None:
        raise UsageError(f"{found.title} can't be adopted: {found.obstacle}.")
    _must_be_whole(found)
    before = {model.id for model in store.models()}
    known = store.adopted()
    files = tuple(_own(store, found, file, known, progress) for file in found.files)
    owned = tuple(
        OwnedFile(file.name, file.role, held.record.digest, held.record.size)
        for file, held in zip(found.files, files, strict=True)
    )
    ref = found.ref or f"file:{in_text(found.files[0].path)}"
    seen = (Sighting.now(ref, revision=found.revision),)
    model = store.add_model(describe_new(store, _name(found), owned, seen, LicenceClaim()))
    return Adopted(model, files, was_owned=model.id in before)


def _fits(model: FoundModel, wish: str) -> bool:
    word = wish.lower()
    names = (file.name for file in model.files)
    texts = (model.program, model.title, model.ref or "", *names)
    return any(word in text.lower() for text in texts)


def _candidate(
    store: Store, found: FoundModel, known: dict[str, BlobRecord], models: list[OwnedModel]
) -> Candidate:
    if found.obstacle is not None:
        return Candidate(found, None, None)
    weights = [file for file in found.files if file.role is Role.WEIGHTS]
    digests = {_claim(file, known) for file in weights}
    owned = next(
        (m for m in models if {f.digest for f in m.files if f.role == Role.WEIGHTS} == digests),
        None,
    )
    return Candidate(found, owned, store.likely_way(weights[0].path))


def _claim(file: FoundFile, known: dict[str, BlobRecord]) -> object:
    """What a file probably hashes to: by its name, or because it was adopted and is the same."""
    record = known.get(str(file.path))
    if record is not None and _is_same(file, record):
        return record.digest
    return file.sha256


def _is_same(file: FoundFile, record: BlobRecord) -> bool:
    """Whether a file was not written to since it was adopted, by its size and time."""
    proven_ns = int(record.proven_at.timestamp() * 1e9)
    return file.size == record.size and file.path.stat().st_mtime_ns <= proven_ns


def _must_be_whole(found: FoundModel) -> None:
    """Raise FormatError unless the weights read as one whole model. Before hashing: it is quick."""
    from freehold.formats.beside import read_beside
    from freehold.formats.gguf_facts import read_facts

    weights = [file.path for file in found.files if file.role is Role.WEIGHTS]
    try:
        parts = read_parts(weights)
        facts, beside = read_facts(*parts), read_beside(parts[0])
    except FormatError as error:
        raise FormatError(
            f"{found.title} of {found.program} is not a usable model: {error.message}", error.hint
        ) from error
    if facts.kind != "model" and beside is None:
        raise FormatError(
            f"{found.title} of {found.program} is not a model by itself but something beside one: "
            f"its header says {facts.kind!r}.",
            "Adopt the model that it belongs to.",
        )


def _own(
    store: Store,
    found: FoundModel,
    file: FoundFile,
    known: dict[str, BlobRecord],
    progress: Progress,
) -> AdoptedFile:
    record = known.get(str(file.path))
    same = record.digest if record and _is_same(file, record) else None
    try:
        held = store.adopt_file(file.path, file.sha256, progress, known=same)
    except HashMismatch as error:
        raise HashMismatch(
            f"{found.title} of {found.program} is damaged: {error.message}",
            f"It was left as it is and not owned. Get it anew: freehold get {found.ref or 'REF'}",
        ) from error
    return AdoptedFile(file.name, file.path, held)


def _name(found: FoundModel) -> str:
    """What to call it: an Ollama name as it is, else the file's name without its parts."""
    from freehold.formats.split import parse_split_name

    if found.ref is not None and found.ref.startswith("ollama:"):
        return slug(found.ref.removeprefix("ollama:").removesuffix(":latest"))
    name = found.files[0].name.rsplit("/", 1)[-1]
    split = parse_split_name(name)
    return slug(split.stem if split else name.removesuffix(".gguf"))
