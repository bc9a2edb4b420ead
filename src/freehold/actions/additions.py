"""What is loaded beside a model's weights and changes what it says: adapters, control vectors.

A wish is a name and a scale, `NAME` or `NAME:scale`. Whether it fits the model is read from the
two headers before an engine is started, so that the refusal says what does not fit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.engine.load_plan import Addition, LoadPlan
from freehold.errors import NotOwned, UsageError
from freehold.formats.beside import BesideKind, read_beside
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.formats.gguf import GgufHeader
    from freehold.store.libraries import Libraries
    from freehold.store.model import OwnedModel

STRONGEST = 100.0
"""The largest scale, of either sign."""


@dataclass(frozen=True)
class Wish:
    """One addition as a person asks for it."""

    name: str
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not math.isfinite(self.scale) or abs(self.scale) > STRONGEST:
            raise UsageError(
                f"{self.name} cannot be used at a scale of {self.scale:g}.",
                f"1 is as it was made, 0 is not at all; from -{STRONGEST:g} to {STRONGEST:g}.",
            )


@dataclass(frozen=True)
class Additions:
    """All that is asked for beside one model."""

    adapters: tuple[Wish, ...] = ()
    vectors: tuple[Wish, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.adapters or self.vectors)


NOTHING = Additions()


@dataclass(frozen=True)
class Beside:
    """A file that fits: what it is called, its identity, and where it is."""

    name: str
    id: str
    path: Path
    size: int


def read_wish(text: str) -> Wish:
    """`NAME` or `NAME:scale`, as typed. Raises UsageError."""
    name, colon, tail = text.rpartition(":")
    try:
        return Wish(name, float(tail)) if colon and name else Wish(text)
    except ValueError:  # the colon is part of the name
        return Wish(text)


def placed(
    libraries: Libraries, model: OwnedModel, wanted: Additions, progress: Progress = SILENT
) -> Callable[[LoadPlan], LoadPlan]:
    """What puts the additions wanted into a plan for `model`, each proven to fit.

    It raises NotOwned, UsageError for one that does not fit or is named twice, DamagedModel.
    """

    def place(plan: LoadPlan) -> LoadPlan:
        return replace(
            plan,
            adapters=additions_for(
                libraries, model, plan, wanted.adapters, BesideKind.ADAPTER, progress
            ),
            vectors=additions_for(
                libraries, model, plan, wanted.vectors, BesideKind.VECTOR, progress
            ),
        )

    return place


def beside_for(
    libraries: Libraries,
    model: OwnedModel,
    base: GgufHeader,
    name: str,
    kind: BesideKind,
    progress: Progress = SILENT,
    *,
    paths: bool = True,
) -> Beside:
    """One adapter or control vector, an owned name or a path, that fits a model.

    Made for other weights of the same shape, it is used, and that is said: so is an adapter of a
    model on another quantization of it.
    """
    from freehold.formats.control_vector_header import check_vector_fits
    from freehold.formats.gguf import read_header
    from freehold.formats.lora_header import check_fits

    found = _found(libraries, name, kind, paths=paths)
    header = read_header(found.path)
    if kind is BesideKind.ADAPTER:
        check_fits(header, base, found.name, model.name)
    else:
        check_vector_fits(header, base, found.name, model.name)
    said = read_beside(header)
    made_for = said.base_sha256 if said else None
    if made_for is not None and made_for != model.weights.digest.hex:
        progress.note(
            f"{found.name} was made for other weights "
            f"({(said.base_name if said else None) or 'sha256:' + made_for[:12]}) "
            f"than {model.name}: what it does here is not what it did there."
        )
    return found


def additions_for(
    libraries: Libraries,
    model: OwnedModel,
    plan: LoadPlan,
    wishes: Sequence[Wish],
    kind: BesideKind,
    progress: Progress = SILENT,
) -> tuple[Addition, ...]:
    """All of one kind that are wished for, as a plan has them."""
    from freehold.actions.owning import read_whole

    if not wishes:
        return ()
    base = read_whole([plan.weights, *plan.further])
    found = [beside_for(libraries, model, base, wish.name, kind, progress) for wish in wishes]
    if twice := next((each.name for each in found if found.count(each) > 1), None):
        raise UsageError(f"{twice} is named twice.", "Name it once, with the scale it shall have.")
    return tuple(Addition(each.path, wish.scale) for each, wish in zip(found, wishes, strict=True))


def _found(libraries: Libraries, name: str, kind: BesideKind, *, paths: bool) -> Beside:
    path = Path(name).expanduser()
    if paths and path.suffix.lower() == ".gguf" and path.is_file():
        return Beside(path.stem, str(path.resolve()), path, path.stat().st_size)
    try:
        found = libraries.find(name)
    except NotOwned as error:
        hint = error.hint or ""
        if paths:
            hint += " A .gguf file that is not owned can be named by its path."
        raise NotOwned(f"You own no {kind} called {name!r}.", hint.strip()) from error
    owned = found.model
    if owned.facts.get("kind") != kind:
        what = owned.facts.get("kind", "model")
        raise UsageError(f"{owned.name} is no {kind}: what it is: {what}.")
    found.store.check_ready(owned)
    blob = found.store.blob_path(owned.weights.digest)
    return Beside(owned.name, owned.id, blob, owned.size)
