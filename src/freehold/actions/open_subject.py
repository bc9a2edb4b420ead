"""Open what `study` looks at: an owned model by its name, or a .gguf file by its path."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.open_tensors import open_tensors
from freehold.errors import NotOwned, StorageError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.engine.interface import Engine, Model
    from freehold.store.libraries import Found, Libraries
    from freehold.study.subject import Subject


def open_subject(
    libraries: Libraries,
    name: str,
    engine: Engine | None = None,
    progress: Progress = SILENT,
    *,
    many_traces: bool = False,
) -> Subject:
    """What `name` means, ready to be looked at. Little is read before it is asked for.

    `engine` cuts text and answers; the bundled one if None. With `many_traces`, weights stay
    dequantized from one trace to the next, in up to a quarter of the memory that is free: several
    times as fast from the second on. Raises NotOwned, AmbiguousName,
    StorageError for a path where nothing is, DamagedModel for bytes that have changed.
    """
    path = Path(name).expanduser()
    cache_bytes = _spare_memory() if many_traces else 0
    if path.suffix.lower() == ".gguf" or path.is_file():
        return _from_file(path, engine, cache_bytes)
    try:
        found = libraries.find(name)
    except NotOwned as error:
        hint = f"{error.hint or ''} A .gguf file that is not owned can be named by its path."
        raise NotOwned(error.message, hint.strip()) from error
    return subject_of(found, engine, progress, cache_bytes)


def _spare_memory() -> int:
    from freehold.device.memory import memory

    return memory().available // 4


def _from_file(path: Path, engine: Engine | None, cache_bytes: int) -> Subject:
    from freehold.study.subject import Subject

    if not path.exists():
        raise StorageError(f"{path} is not there.", "Check the path, or name a model you own.")
    return Subject(path.stem, path, partial(_load, path, engine), None, cache_bytes, open_tensors)


def subject_of(
    found: Found, engine: Engine | None = None, progress: Progress = SILENT, cache_bytes: int = 0
) -> Subject:
    """The same of a model that was found. Raises DamagedModel."""
    from freehold.actions.load import prove
    from freehold.study.subject import Subject

    model = found.model
    prove(found.store, model, progress)
    path = found.store.blob_path(model.weights.digest)
    start = partial(_load, path, engine)
    return Subject(model.name, path, start, model.weights.digest, cache_bytes, open_tensors)


def _load(path: Path, engine: Engine | None, context: int) -> Model:
    """Into an engine, through the page cache and without rearranging the weights: the quick way."""
    from freehold.engine.llama_cpp import LlamaCppEngine
    from freehold.engine.load_plan import LoadPlan

    return (engine or LlamaCppEngine()).load(LoadPlan(path, context, repack=False))
