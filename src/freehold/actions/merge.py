"""Merge adapters into a model, or models with each other, and measure what rounding took back.

The exact result, in float32, is never written: the decoder computes with it, and the finished file
is held against it over a text before it counts as owned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.making import Made, own_made, parents_of
from freehold.actions.open_tensors import open_tensors
from freehold.errors import UsageError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.actions.modify_sources import Source
    from freehold.modify.merge_recipe import MergeOrder
    from freehold.modify.numbers import Blend
    from freehold.modify.recipe import Recipe
    from freehold.modify.writing import Target
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store
    from freehold.study.kl import Kl
    from freehold.study.texts import Text

LOST = 0.25
"""From this share of what a merge changes on, what rounding changes is called a loss."""


@dataclass(frozen=True)
class Measuring:
    """How the finished file is measured."""

    text: Text
    windows: int
    window: int = 256
    """Tokens; fewer where the model's context is smaller."""
    most: float | None = None
    """The highest mean KL from the exact result that is kept, in nats a token; None: any."""


@dataclass(frozen=True)
class Merged:
    """What was made, and how far it is from what was meant."""

    model: OwnedModel
    apart: Kl | None
    """The file from the exact result; None where it was not measured."""
    change: Kl | None
    """The model without the change from the exact result: what the merge was to do."""

    @property
    def lost(self) -> bool:
        """Whether rounding took back much of what the merge was to do."""
        if self.apart is None or self.change is None:
            return False
        return self.apart.mean.value > LOST * self.change.mean.value


def merge_adapters(
    store: Store,
    base: Source,
    adapters: Sequence[tuple[Source, float]],
    name: str,
    target: Target,
    measuring: Measuring | None,
    progress: Progress = SILENT,
) -> Merged:
    """Own `base` with adapters multiplied into its weights.

    Raises UsageError for what does not fit or is further off than was allowed, UnsupportedModel.
    """
    from freehold.formats.gguf import read_header
    from freehold.formats.lora import read_fitting
    from freehold.modify.numbers import WithAdapters
    from freehold.modify.recipe import Ingredient, Recipe

    header = read_header(base.path)
    loras = [(read_fitting(each.path, header, base.name), scale) for each, scale in adapters]
    sources = (base, *(each for each, _ in adapters))
    said = ", ".join(f"{each.name}:{scale:g}" for each, scale in adapters)
    recipe = Recipe(
        "merge adapters",
        tuple(Ingredient(each.name, each.sha256) for each in sources),
        {"adapters": {each.name: scale for each, scale in adapters}, "to": target.type},
    )
    detail = f"with {said}" + (f", as {target.type}" if target.type else "")
    made = Made(name, parents_of(sources, "merged", detail), like=base.owned)

    def blend() -> Blend:
        return WithAdapters(open_tensors(base.path), loras)

    return _merge(store, base, made, recipe, target, blend, measuring, progress)


def merge_models(
    store: Store,
    order: MergeOrder,
    sources: dict[str, Source],
    name: str,
    target: Target,
    measuring: Measuring | None,
    progress: Progress = SILENT,
) -> Merged:
    """Own a blend of models. `sources` has a file for each name in the order."""
    from freehold.modify.blending import open_blend
    from freehold.modify.recipe import Ingredient, Recipe

    first = sources[order.base or order.models[0].model]
    paths = {name: each.path for name, each in sources.items()}
    recipe = Recipe(
        f"merge models ({order.method})",
        tuple(Ingredient(each.name, each.sha256) for each in sources.values()),
        {
            "method": order.method,
            "weights": {sources[e.model].name: e.weight for e in order.models},
            "densities": {sources[e.model].name: e.density for e in order.models},
            "t": order.t if order.method == "slerp" else None,
            "normalize": order.normalize,
            "lambda": order.scale,
            "to": target.type,
        },
    )
    parents = parents_of(sources.values(), "merged", order.method)
    made = Made(name, parents, like=first.owned)
    blend = partial(open_blend, order, paths, open_tensors)
    return _merge(store, first, made, recipe, target, blend, measuring, progress)


def _merge(
    store: Store,
    base: Source,
    made: Made,
    recipe: Recipe,
    target: Target,
    blend: Callable[[], Blend],
    measuring: Measuring | None,
    progress: Progress,
) -> Merged:
    from freehold.actions.open_tensors import quick_rounding
    from freehold.formats.tensor_data import TensorData
    from freehold.modify.recipe import new_metadata
    from freehold.modify.writing import size_of, write_model

    found: list[Kl] = []

    def check(path: Path) -> None:
        if measuring is not None:
            found.extend(_measured(base, path, made.name, blend, measuring, progress))

    with TensorData.open(base.path) as original, quick_rounding() as rounding:
        numbers = blend()
        try:
            entries = new_metadata(original.header, recipe)
            made = replace(made, size=size_of(original.header, entries, target))
            write = partial(
                write_model,
                numbers=numbers,
                original=original,
                entries=entries,
                target=target,
                progress=progress,
                rounding=rounding,
            )
            model = own_made(store, made, write, check, progress)
        finally:
            numbers.close()
    return Merged(model, *(found or (None, None)))


def _measured(
    base: Source,
    path: Path,
    name: str,
    blend: Callable[[], Blend],
    measuring: Measuring,
    progress: Progress,
) -> tuple[Kl, Kl]:
    """The finished file, and the file that it was made from, each from the exact result."""
    from freehold.actions.modify_sources import opened
    from freehold.actions.open_subject import spare_memory, start_engine
    from freehold.study.kl import hold_against, read_reference
    from freehold.study.perplexity import WindowChoices
    from freehold.study.subject import Subject
    from freehold.transformer.transformer import Transformer

    room = spare_memory() // 2

    def exactly(cache_bytes: int) -> Transformer:
        return Transformer.of(blend(), cache_bytes=cache_bytes)

    start = partial(start_engine, base.path, None)
    with Subject("the exact result", base.path, start, None, room, decoder=exactly) as exact:
        window = min(measuring.window, exact.transformer.config.context)
        choices = WindowChoices(size=window, most=measuring.windows)
        read = read_reference(exact, measuring.text.words, choices, progress)
        with Subject(name, path, start, None, room, open_tensors) as finished:
            apart = hold_against(read, finished, progress=progress)
        if measuring.most is not None and apart.mean.value > measuring.most:
            raise UsageError(
                f"The merged file lies {apart.mean.value:.4f} nats a token from the exact result, "
                f"more than the {measuring.most:g} allowed: nothing was kept.",
                "Round less: --to Q8_0 or --to F16.",
            )
        with opened(base, room) as before:
            change = hold_against(read, before, progress=progress)
    return apart, change
