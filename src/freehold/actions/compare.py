"""Compare two models that words mean: owned ones with what the ledger knows, or files at paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from freehold.actions.open_subject import open_files
from freehold.actions.study_files import StudyFiles, study_files
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.engine.interface import Engine
    from freehold.store.libraries import Libraries
    from freehold.study.compare.comparison import CompareChoices, Comparison


def compare_models(
    libraries: Libraries,
    names: tuple[str, str],
    choices: CompareChoices,
    engine: Engine | None = None,
    progress: Progress = SILENT,
) -> Comparison:
    """Compare the two. Raises what opening, reading and running a model raise."""
    from freehold.study.compare.comparison import compare

    files = [study_files(libraries, name) for name in names]
    weights = [each.read() for each in files]
    with (
        open_files(files[0], engine, progress) as first,
        open_files(files[1], engine, progress) as second,
    ):
        return compare(
            (first, weights[0]),
            (second, weights[1]),
            choices,
            _relations(files[0], files[1]),
            progress,
        )


def _relations(first: StudyFiles, second: StudyFiles) -> tuple[str, ...]:
    from freehold.study.compare.lineage import relations

    if first.owned is None or second.owned is None:
        return ()
    one, other = first.owned, second.owned
    above = [each.store.lineage(each.model).ancestors for each in (one, other)]
    return tuple(relations(one.model, other.model, above[0], above[1]))
