"""Where a training stands, in one file that is replaced as a whole: a kill loses a few steps.

A NumPy archive of plain arrays (never pickles) with one text that says the rest. What it was made
for (model, data, plan) is kept with it, so that it goes on with nothing else.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from freehold.errors import FormatError, UsageError
from freehold.modify.training.network import Losses
from freehold.store.durable import storage_errors, write_durably

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Look:
    """The losses after so many steps, in nats for each learned token."""

    step: int
    trained: float
    """Of the steps since the look before."""
    held_out: float


@dataclass(frozen=True)
class Progressed:
    """All of a training's state but the plan."""

    step: int
    looks: tuple[Look, ...]
    arrays: Mapping[str, Array]
    """What is learned, the optimizer's state, and the best so far, by name."""
    before: Losses
    """Of the held-out examples, untrained; `best`: of the best so far."""
    best: Losses
    lost: tuple[float, ...] = ()
    """Losses of the steps since the last look."""


def keep(path: Path, made_for: Mapping[str, Any], state: Progressed) -> None:
    """Write a checkpoint. Raises StorageError."""
    about = {
        "for": dict(made_for),
        "step": state.step,
        "looks": [asdict(each) for each in state.looks],
        "before": asdict(state.before),
        "best": asdict(state.best),
        "lost": list(state.lost),
    }
    packed = BytesIO()
    text = np.frombuffer(json.dumps(about).encode(), np.uint8)
    np.savez(packed, allow_pickle=False, about=text, **state.arrays)
    with storage_errors("keep where the training stands"):
        write_durably(path, packed.getvalue())


def recall(path: Path, made_for: Mapping[str, Any]) -> Progressed:
    """Read one back. Raises FormatError for a damaged one, UsageError for another training's."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        about = json.loads(arrays.pop("about").tobytes())
        looks = tuple(Look(**each) for each in about["looks"])
        kept, step, lost = about["for"], int(about["step"]), tuple(map(float, about["lost"]))
        before, best = _losses(about["before"]), _losses(about["best"])
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise FormatError(
            f"The checkpoint {path.name} cannot be read.",
            "It is damaged: begin again with --restart.",
        ) from error
    if different := sorted(key for key in made_for if kept.get(key) != made_for[key]):
        raise UsageError(
            f"A training of that name was begun with another {' and another '.join(different)}.",
            "Go on with the same command, or begin again with --restart.",
        )
    return Progressed(step, looks, arrays, before, best, lost)


def _losses(said: Mapping[str, list[float]]) -> Losses:
    return Losses(tuple(map(float, said["sums"])), tuple(map(int, said["counts"])))
