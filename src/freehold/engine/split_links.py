"""A split model under the names that llama.cpp wants, whatever its files are called.

llama.cpp is given the first part alone, and finds the others by its name. Bytes that are owned are
named by their hash, so an engine's process gets links in its private folder, which go with it.
"""

from __future__ import annotations

from pathlib import Path

from freehold.engine.load_plan import LoadPlan
from freehold.errors import EngineError


def weights_for_engine(plan: LoadPlan, folder: Path) -> Path:
    """The file to load; of a split model the first of links made in `folder`.

    Raises EngineError where no links can be made.
    """
    if not plan.further:
        return plan.weights.absolute()
    from freehold.formats.split import SplitName

    parts = (plan.weights, *plan.further)
    names = SplitName("model", 1, len(parts)).siblings
    links = [folder / name for name in names]
    for link, part in zip(links, parts, strict=True):
        try:
            link.symlink_to(part.absolute())
        except OSError as error:
            raise EngineError(
                f"The parts of {plan.weights.name} cannot be linked in {folder.parent}: "
                f"{error.strerror}.",
                "Set TMPDIR to a folder on a disk that has links; on Windows switch on the "
                "developer mode, which allows them.",
            ) from error
    return links[0]
