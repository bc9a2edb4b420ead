"""What a request to the server means: a model, and the adapters and control vectors beside it.

`model+adapter:0.8` says it in the model's name, so that any client can. Only owned files can be
named: a client has no say in what is read from this disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.actions.additions import Additions, Wish, beside_for, read_wish
from freehold.engine.load_plan import Addition
from freehold.errors import FormatError, NotOwned, UsageError
from freehold.formats.beside import BesideKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from freehold.actions.additions import Beside
    from freehold.engine.load_plan import LoadPlan
    from freehold.progress import Progress
    from freehold.store.libraries import Found, Libraries

JOINT = "+"
"""Between a model's name and what is beside it: no name has one."""


@dataclass(frozen=True)
class Asked:
    """A model with what is beside it, each proven to fit."""

    found: Found
    adapters: tuple[tuple[Beside, float], ...] = ()
    vectors: tuple[tuple[Beside, float], ...] = ()

    @property
    def adapter_ids(self) -> frozenset[str]:
        """The adapters that it takes."""
        return frozenset(beside.id for beside, _ in self.adapters)

    @property
    def vector_words(self) -> tuple[tuple[str, float], ...]:
        """The control vectors, which a loaded model has or has not."""
        return tuple(sorted((beside.id, scale) for beside, scale in self.vectors))

    @property
    def mark(self) -> str:
        """Tells what one combination has read from what another has; empty without any."""
        both = (*self.adapters, *self.vectors)
        return "".join(sorted(f"{JOINT}{beside.id}:{scale!r}" for beside, scale in both if scale))

    def scales(self, plan: LoadPlan) -> tuple[float, ...] | None:
        """How strongly each adapter of a plan is meant; None where the plan has none."""
        wanted = {beside.path: scale for beside, scale in self.adapters}
        return tuple(wanted.get(each.path, 0.0) for each in plan.adapters) or None


def split_name(name: str) -> tuple[str, tuple[Wish, ...]]:
    """A model's own name, and what is named beside it. Raises UsageError."""
    model, *rest = name.split(JOINT)
    if not model or not all(rest):
        raise UsageError(f"{name!r} names no model.", "Such as smollm2+letters:0.8.")
    return model, tuple(map(read_wish, rest))


def resolve(
    libraries: Libraries,
    found: Found,
    named: Sequence[Wish],
    more: Additions,
    progress: Progress,
) -> Asked:
    """What a request asks for. Raises NotOwned, UsageError, FormatError, DamagedModel."""
    from freehold.actions.owning import read_whole

    wishes = [(wish, _kind(libraries, wish.name)) for wish in named]
    wishes += [(wish, BesideKind.ADAPTER) for wish in more.adapters]
    wishes += [(wish, BesideKind.VECTOR) for wish in more.vectors]
    base = read_whole(found.store.weights_paths(found.model))
    proven: dict[BesideKind, list[tuple[Beside, float]]] = {kind: [] for kind in BesideKind}
    for wish, kind in wishes:
        fits = beside_for(libraries, found.model, base, wish.name, kind, progress, paths=False)
        proven[kind].append((fits, wish.scale))
    ids = [beside.id for each in proven.values() for beside, _ in each]
    if len(set(ids)) < len(ids):
        raise UsageError("An adapter or control vector is named twice.", "Name each once.")
    return Asked(found, tuple(proven[BesideKind.ADAPTER]), tuple(proven[BesideKind.VECTOR]))


def made_for(libraries: Libraries, found: Found, progress: Progress) -> tuple[Beside, ...]:
    """The owned adapters that say they were made for these very weights.

    They are loaded with the model, so that requests can switch between them. One that cannot be
    used is left out, and that is said.
    """
    from freehold.actions.owning import read_whole

    digest = found.model.weights.digest.hex
    mine = [
        model
        for model in found.store.models()
        if model.facts.get("kind") == BesideKind.ADAPTER
        and model.facts.get("base_sha256") == digest
    ]
    if not mine:
        return ()
    base = read_whole(found.store.weights_paths(found.model))
    fitting: list[Beside] = []
    for model in mine:
        try:
            fitting.append(
                beside_for(
                    libraries,
                    found.model,
                    base,
                    model.id,
                    BesideKind.ADAPTER,
                    progress,
                    paths=False,
                )
            )
        except (FormatError, UsageError) as error:
            progress.note(f"The adapter {model.name} is left out: {error.message}")
    return tuple(fitting)


def silent(besides: Sequence[Beside]) -> tuple[Addition, ...]:
    """Adapters in a plan, loaded and not applied: each request says which it wants."""
    return tuple(Addition(each.path, 0.0) for each in besides)


def _kind(libraries: Libraries, name: str) -> BesideKind:
    try:
        kind = libraries.find(name).model.facts.get("kind")
    except NotOwned as error:
        raise NotOwned(f"You own no adapter called {name!r}.", error.hint) from error
    if kind is None:
        raise UsageError(
            f"{name} is a model: only an adapter or a control vector is put beside one."
        )
    return BesideKind(str(kind))
