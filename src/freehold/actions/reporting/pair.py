"""What a report holds against each other: what `modify` made, and what it was made from.

An adapter or a control vector is never measured alone: *after* is then the model with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from freehold.errors import NotOwned, UsageError
from freehold.formats.beside import BesideKind
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from pathlib import Path

    from freehold.actions.additions import Wish
    from freehold.actions.modify_sources import Source
    from freehold.engine.interface import Engine, LoadPlan, Model
    from freehold.engine.load_plan import Addition
    from freehold.formats.gguf import GgufHeader
    from freehold.modify.recipe import Recipe
    from freehold.store.libraries import Libraries
    from freehold.study.subject import Subject
    from freehold.transformer.transformer import Transformer

VECTOR_SCALE = 0.5
"""Of a control vector that no scale was said for: at 1 most of them babble."""
_DEEPEST = 8
"""Recipes to look through for the training behind a model."""


@dataclass(frozen=True)
class Side:
    """A model as it runs: a file, and what is put beside it."""

    name: str
    weights: Path
    adapters: tuple[Addition, ...] = ()
    vectors: tuple[Addition, ...] = ()

    def plan(self, context: int, threads: int | None = None) -> LoadPlan:
        """How an engine loads it."""
        from freehold.engine.load_plan import LoadPlan

        return LoadPlan(
            self.weights, context, threads, adapters=self.adapters, vectors=self.vectors
        )

    def subject(self, engine: Engine, cache_bytes: int) -> Subject:
        """The same, to be looked into."""
        from freehold.study.subject import Subject

        start = partial(self._start, engine)
        return Subject(
            self.name, self.weights, start, cache_bytes=cache_bytes, decoder=self._decoder
        )

    def _start(self, engine: Engine, context: int) -> Model:
        return engine.load(replace(self.plan(context), repack=False))

    def _decoder(self, cache_bytes: int) -> Transformer:
        from freehold.actions.open_tensors import open_tensors
        from freehold.transformer.steered import SteeredTransformer
        from freehold.transformer.transformer import Transformer

        data = open_tensors(self.weights)
        if self.vectors:
            vectors = [(each.path, each.scale) for each in self.vectors]
            return SteeredTransformer.steered(data, vectors, cache_bytes=cache_bytes)
        adapters = [(each.path, each.scale) for each in self.adapters]
        return Transformer.of(data, cache_bytes=cache_bytes, adapters=adapters)


@dataclass(frozen=True)
class Pair:
    """Both sides, and what is known of how the one became the other."""

    made: Source
    base: Source
    before: Side
    after: Side
    kind: BesideKind | None
    """None for a whole model."""
    scale: float
    """Of an adapter or a control vector."""
    recipe: Recipe | None
    training: Recipe | None
    """Of the training behind it, where there was one."""
    notes: tuple[str, ...]


def find_pair(
    libraries: Libraries, words: str, against: str | None, progress: Progress = SILENT
) -> Pair:
    """What `words` mean (`NAME`, `NAME:scale`, a path), and its parent; `against` names another.

    Raises NotOwned with how to go on where the parent is gone, UsageError for a model that nothing
    says the making of, or what does not fit, DamagedModel.
    """
    from freehold.actions.additions import read_wish
    from freehold.actions.modify_sources import source
    from freehold.formats.beside import read_beside
    from freehold.formats.gguf import read_header
    from freehold.modify.recipe import recipe_in

    wish = read_wish(words)
    made = source(libraries, wish.name, progress)
    header = read_header(made.path)
    beside, recipe = read_beside(header), recipe_in(header)
    parents = recipe.parents if recipe else ()
    name = parents[0].name if parents else (beside.base_name if beside else None)
    digest = (beside.base_sha256 if beside else None) or (parents[0].sha256 if parents else None)
    if against is not None:
        base = source(libraries, against, progress)
    else:
        base = _parent(libraries, made.name, name, digest, progress)
    notes = []
    if digest is not None and base.sha256 != digest:
        notes.append(f"{base.name} is not the very file that {made.name} was made from.")
    if base.sha256 == made.sha256:
        raise UsageError(f"{made.name} and {base.name} are the same file.", "Name another.")
    kind = beside.kind if beside else None
    scale = _scale(wish, words, kind)
    return Pair(
        made,
        base,
        Side(base.name, base.path),
        _after(made, base, header, kind, scale),
        kind,
        scale,
        recipe,
        _training(libraries, recipe),
        tuple(notes),
    )


def _parent(
    libraries: Libraries, made: str, name: str | None, digest: str | None, progress: Progress
) -> Source:
    from freehold.actions.modify_sources import source

    if digest is None:
        raise UsageError(
            f"Nothing says what {made} was made from: `freehold modify` did not make it.",
            "Name what to hold it against: --against MODEL",
        )
    try:
        return source(libraries, digest, progress)
    except NotOwned as error:
        raise NotOwned(
            f"{made} was made from {name or 'a model'} (sha256 {digest[:12]}), which you own no "
            "more: there is no before.",
            "Get it again, or name a copy of it: --against FILE.gguf",
        ) from error


def _scale(wish: Wish, words: str, kind: BesideKind | None) -> float:
    if kind is None and wish.name != words:
        raise UsageError(f"{wish.name} is a whole model: it has no scale.")
    return VECTOR_SCALE if kind is BesideKind.VECTOR and wish.name == words else wish.scale


def _after(
    made: Source, base: Source, header: GgufHeader, kind: BesideKind | None, scale: float
) -> Side:
    from freehold.engine.load_plan import Addition
    from freehold.formats.control_vector_header import check_vector_fits
    from freehold.formats.gguf import read_header
    from freehold.formats.lora_header import check_fits

    if kind is None:
        return Side(made.name, made.path)
    beside = (Addition(made.path, scale),)
    name = f"{base.name} with {made.name}"
    if kind is BesideKind.VECTOR:
        check_vector_fits(header, read_header(base.path), made.name, base.name)
        return Side(name, base.path, vectors=beside)
    check_fits(header, read_header(base.path), made.name, base.name)
    return Side(name, base.path, adapters=beside)


def _training(libraries: Libraries, recipe: Recipe | None) -> Recipe | None:
    """The recipe itself if it is a training's, or that of an ingredient that is owned."""
    from freehold.formats.gguf import read_header
    from freehold.modify.recipe import recipe_in

    waiting, seen = [recipe] if recipe else [], 0
    while waiting and seen < _DEEPEST:
        each, seen = waiting.pop(0), seen + 1
        if each.operation == "train":
            return each
        for ingredient in each.parents:
            try:
                found = libraries.find(ingredient.sha256)
            except NotOwned:
                continue
            if found.model.weights.digest.hex == ingredient.sha256:
                path = found.store.blob_path(found.model.weights.digest)
                further = (
                    recipe_in(read_header(path)) if "format" not in found.model.facts else None
                )
                waiting += [further] if further else []
    return None
