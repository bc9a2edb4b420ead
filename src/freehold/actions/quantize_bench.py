"""Where quantizations of one model are made, in a temporary place, and held against it."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property, partial
from typing import TYPE_CHECKING, Self

from freehold.actions.quantize_search import Candidate
from freehold.errors import UnsupportedModel
from freehold.store.durable import storage_errors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from freehold.actions.importance import Weighed
    from freehold.actions.merge import Measuring
    from freehold.actions.modify_sources import Source
    from freehold.formats.gguf_write import Entry
    from freehold.modify.mixes import Mixed
    from freehold.progress import Progress
    from freehold.store.staging import Staging
    from freehold.store.store import Store
    from freehold.study.kl import ReferenceReading
    from freehold.study.quality import Cost, Quality


class QuantizeBench:
    """Makes candidates. A context manager: closing it lets go of the original."""

    def __init__(
        self,
        store: Store,
        base: Source,
        staging: Staging,
        weighed: Weighed | None,
        measuring: Measuring | None,
        progress: Progress,
    ) -> None:
        """`measuring` None: nothing is measured.

        Raises UnsupportedModel for a model that is to be measured and cannot be opened up.
        """
        from freehold.actions.open_tensors import open_tensors, quick_rounding

        self._store = store
        self._base = base
        self._staging = staging
        self._weighed = weighed
        self._progress = progress
        self._costs: list[Cost] = []
        with ExitStack() as stack:
            self._original = stack.enter_context(open_tensors(base.path))
            self._rounding = stack.enter_context(quick_rounding())
            self._read = None if measuring is None else self._reference(stack, measuring)
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        """Bytes of every rung of the ladder that is smaller than the model, the smallest first."""
        from freehold.modify.mixes import LADDER

        sizes = {mix: self.size(mix) for mix in LADDER}
        smaller = (mix for mix in sizes if sizes[mix] < self._original.header.file_size)
        return {mix: sizes[mix] for mix in sorted(smaller, key=lambda mix: sizes[mix])}

    def size(self, mix: str) -> int:
        """Bytes that a quantization will have."""
        from freehold.modify.writing import size_of

        return size_of(self._original.header, self._entries(mix), self.target(mix))

    def target(self, mix: str) -> Mixed:
        """What every tensor becomes."""
        from freehold.modify.mixes import mixed

        return mixed(self._original.header, mix, weighed=self._weighed is not None)

    def make(self, mix: str) -> Candidate:
        """Write one, and measure it."""
        from freehold.modify.numbers import AsItIs
        from freehold.modify.writing import EVEN, write_model

        self._store.require_space(self.size(mix))
        path = self._staging.path(f"{mix}.gguf")
        with storage_errors(f"write {path.name}"), path.open("wb") as file:
            size = write_model(
                file,
                AsItIs(self._original),
                self._original,
                self._entries(mix),
                self.target(mix),
                self._progress,
                self._rounding,
                EVEN if self._weighed is None else self._weighed.importance,
            )
        return Candidate(mix, path, size, self._measured(mix, path))

    def drop(self, candidate: Candidate) -> None:
        """Delete one that is not wanted."""
        with storage_errors(f"delete {candidate.path.name}"):
            candidate.path.unlink()

    @property
    def quality(self) -> Quality | None:
        """All that were measured, side by side."""
        from freehold.study.quality import side_by_side

        return None if self._read is None else side_by_side(self._read.subject, self._costs)

    def _entries(self, mix: str) -> list[Entry]:
        from freehold.modify.recipe import Ingredient, Recipe, new_metadata

        weighed = self._weighed
        recipe = Recipe(
            "quantize",
            (Ingredient(self._base.name, self._base.sha256),),
            {"to": mix, "importance": None if weighed is None else weighed.said},
            None if weighed is None else weighed.sha256,
        )
        return new_metadata(self._original.header, recipe)

    def _reference(self, stack: ExitStack, measuring: Measuring) -> ReferenceReading:
        """The model itself, as it reads the text."""
        from freehold.actions.modify_sources import opened
        from freehold.study.kl import read_reference
        from freehold.study.perplexity import WindowChoices

        subject = stack.enter_context(opened(self._base))
        try:
            window = min(measuring.window, subject.transformer.config.context)
        except UnsupportedModel as error:
            hint = "It cannot be measured. --unmeasured quantizes it all the same."
            raise UnsupportedModel(error.message, hint) from error
        choices = WindowChoices(size=window, most=measuring.windows)
        return read_reference(subject, measuring.text.words, choices, self._progress)

    def _measured(self, mix: str, path: Path) -> Cost | None:
        from freehold.actions.open_subject import start_engine
        from freehold.actions.open_tensors import open_tensors
        from freehold.study.quality import cost_of
        from freehold.study.subject import Subject

        if self._read is None:
            return None
        name, start = called(self._base, mix), partial(start_engine, path, None)
        with Subject(name, path, start, None, 0, open_tensors) as subject:
            cost = cost_of(self._read, subject, self._progress)
        self._costs.append(cost)
        return cost


def called(base: Source, mix: str) -> str:
    """What a quantization is called where nobody says."""
    return f"{base.name}-{mix.lower().replace('_', '-')}"
