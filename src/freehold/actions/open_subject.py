"""Open what `study` looks at: an owned model by its name, or a .gguf file by its path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.open_tensors import open_parts, open_tensors
from freehold.actions.study_files import StudyFiles, owned_files, study_files
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.engine.interface import Engine, Model
    from freehold.formats.tensor_data import TensorData
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
    files = study_files(libraries, name)
    return open_files(files, engine, progress, many_traces=many_traces)


def open_files(
    files: StudyFiles,
    engine: Engine | None = None,
    progress: Progress = SILENT,
    *,
    many_traces: bool = False,
) -> Subject:
    """The same of files that were found. Raises DamagedModel."""
    from freehold.study.subject import Subject

    cache_bytes = spare_memory() if many_traces else 0
    if files.owned is not None:
        return subject_of(files.owned, engine, progress, cache_bytes)
    name, path = Path(files.name).stem, files.paths[0]
    start = partial(start_engine, path, engine)
    opener = _opener(files.paths)
    return Subject(name, path, start, None, cache_bytes, opener, parts=files.paths)


def spare_memory() -> int:
    """Bytes that dequantized weights may take: a quarter of the memory that is free."""
    from freehold.device.memory import memory

    return memory().available // 4


def subject_of(
    found: Found, engine: Engine | None = None, progress: Progress = SILENT, cache_bytes: int = 0
) -> Subject:
    """The same of a model that was found. Raises DamagedModel."""
    from freehold.actions.load import prove
    from freehold.study.subject import Subject

    model = found.model
    prove(found.store, model, progress)
    paths = owned_files(found).paths
    start = partial(start_engine, paths[0], engine, further=paths[1:])
    digest, opener = model.weights.digest, _opener(paths)
    return Subject(model.name, paths[0], start, digest, cache_bytes, opener, parts=paths)


def _opener(paths: Sequence[Path]) -> Callable[[Path], TensorData]:
    """What opens a subject's tensors by the path of its first file: those of all its files."""
    return open_tensors if len(paths) == 1 else lambda _: open_parts(paths)


def start_engine(
    path: Path, engine: Engine | None, context: int, further: tuple[Path, ...] = ()
) -> Model:
    """Into an engine, through the page cache and without rearranging the weights: the quick way.

    `further` are the further parts of a split model.
    """
    from freehold.engine.llama_cpp import LlamaCppEngine
    from freehold.engine.load_plan import LoadPlan

    return (engine or LlamaCppEngine()).load(LoadPlan(path, context, repack=False, further=further))
