"""Train an adapter for a model one owns, from data one has, and own it with its recipe.

Where a training stands is kept beside the store, so that a kill loses a few steps; the same command
goes on with it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freehold.errors import ContextExceeded, UsageError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.actions.learners import Means
    from freehold.actions.modify_sources import Source
    from freehold.formats.gguf import GgufHeader
    from freehold.modify.data.files import DataFile
    from freehold.modify.data.sample import Sample
    from freehold.modify.recipe import Recipe
    from freehold.modify.training.checkpoint import Look
    from freehold.modify.training.network import Example
    from freehold.modify.training.plan import TrainingPlan
    from freehold.modify.training.trainer import Trained
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store
    from freehold.study.subject import Subject

FOLDER = "training"
"""In the home folder: where trainings stand that are not done."""


@dataclass(frozen=True)
class Lesson:
    """What is to be learned, and how it is told apart from what is held out."""

    data: Path
    held_out: Path | None = None
    """A file of examples to test with; None: a share of `data`."""
    share: float = 0.1
    most: int = 512
    """Tokens that an example may have."""
    skip_long: bool = False


@dataclass(frozen=True)
class Lessons:
    """The same, read and cut."""

    examples: tuple[Example, ...]
    held_out: tuple[Example, ...]
    sha256: str
    duplicates: int
    too_long: int

    @property
    def tokens(self) -> int:
        """That are learned, once through."""
        return sum(example.count for example in self.examples)


@dataclass(frozen=True)
class Taught:
    """What came of it."""

    adapter: OwnedModel
    trained: Trained
    lessons: Lessons


def train(
    store: Store,
    base: Source,
    name: str,
    lesson: Lesson,
    plan: TrainingPlan,
    means: Means,
    *,
    restart: bool = False,
    watch: Callable[[Look], None] = lambda look: None,
    progress: Progress = SILENT,
) -> Taught:
    """Train, and own the adapter as `name`. The same command goes on with one that was killed.

    Raises UsageError, FormatError with the line that is wrong, ContextExceeded, UnsupportedModel,
    NotEnoughMemory.
    """
    from freehold.actions.learners import learner_of
    from freehold.actions.making import check_name
    from freehold.actions.modify_sources import opened
    from freehold.modify.training.checkpoint import keep, recall
    from freehold.modify.training.trainer import Trainer

    means.check()
    name = check_name(store, name)
    place = store.home / FOLDER / name
    with opened(base, cache_bytes=means.memory // 2) as subject:
        lessons = read_lessons(subject, lesson, plan.seed)
        subject.rest()
        plan = plan.for_examples(len(lessons.examples))
        if restart:
            shutil.rmtree(place, ignore_errors=True)
        file, made_for = place / "checkpoint.npz", _made_for(base, lessons, lesson, plan, means)
        learner, said = learner_of(subject, plan, means, lessons.examples)
        trainer = Trainer(learner, plan, lessons.examples, lessons.held_out)
        if file.exists():
            trainer.resume(recall(file, made_for))
        place.mkdir(parents=True, exist_ok=True)
        trained = trainer.train(watch, partial(keep, file, made_for), progress)
        recipe = _recipe(base, lessons, lesson, plan, trained, said)
        adapter = _own(store, base, subject.header, name, plan, trained, recipe, progress)
    shutil.rmtree(place)
    return Taught(adapter, trained, lessons)


def read_lessons(subject: Subject, lesson: Lesson, seed: int) -> Lessons:
    """Read the data, hold some out, cut all of it as the model will see it."""
    from freehold.formats.gguf_lookup import integer, text
    from freehold.modify.data.files import read_data
    from freehold.modify.data.split import split
    from freehold.modify.data.tokens import cut

    data = read_data(lesson.data)
    if lesson.held_out is None:
        samples, tests = split(data.samples, lesson.share, seed)
        sha256 = data.sha256
    else:
        other = read_data(lesson.held_out)
        samples, tests = _without(data, other), other.samples
        sha256 = f"{data.sha256}+{other.sha256}"
    architecture = text(subject.header, "general.architecture")
    context = integer(subject.header, f"{architecture}.context_length") or lesson.most
    most = min(lesson.most, context)
    try:
        trained = cut(samples, subject, most, skip_long=lesson.skip_long)
        tested = cut(tests, subject, most, skip_long=lesson.skip_long)
    except ContextExceeded as error:
        if context >= lesson.most:
            raise
        hint = "The model sees no more at once: shorten it, or leave such out with --skip-long."
        raise ContextExceeded(error.message, hint) from error
    if not trained.examples or not tested.examples:
        raise UsageError(
            f"Every example is longer than {most:,} tokens.", "Raise --max-length, or shorten them."
        )
    return Lessons(
        trained.examples,
        tested.examples,
        sha256,
        data.duplicates,
        trained.too_long + tested.too_long,
    )


def _without(data: DataFile, other: DataFile) -> tuple[Sample, ...]:
    """What is not in the test as well: it would make the test worth nothing."""
    tested = {sample.key for sample in other.samples}
    kept = tuple(sample for sample in data.samples if sample.key not in tested)
    if not kept:
        raise UsageError("Every example is held out too.", "Give different files.")
    return kept


def _made_for(
    base: Source, lessons: Lessons, lesson: Lesson, plan: TrainingPlan, means: Means
) -> dict[str, Any]:
    return {
        "model": base.sha256,
        "data": lessons.sha256,
        "max_length": lesson.most,
        "skip_long": lesson.skip_long,
        "held_out": lesson.share if lesson.held_out is None else 1.0,
        "library": means.library,
        **asdict(plan),
    }


def _recipe(
    base: Source,
    lessons: Lessons,
    lesson: Lesson,
    plan: TrainingPlan,
    trained: Trained,
    said: Mapping[str, object],
) -> Recipe:
    from freehold.modify.recipe import Ingredient, Recipe

    options = {
        **asdict(plan),
        **said,
        "max_length": lesson.most,
        "held_out_share": lesson.share if lesson.held_out is None else None,
        "examples": len(lessons.examples),
        "held_out": len(lessons.held_out),
        "steps_done": trained.best.step,
        "held_out_loss_before": round(trained.before.mean, 4),
        "held_out_loss_after": round(trained.after.mean, 4),
    }
    seed = options.pop("seed")
    return Recipe("train", (Ingredient(base.name, base.sha256),), options, lessons.sha256, seed)


def _own(
    store: Store,
    base: Source,
    header: GgufHeader,
    name: str,
    plan: TrainingPlan,
    trained: Trained,
    recipe: Recipe,
    progress: Progress,
) -> OwnedModel:
    from freehold.actions.making import own_adapter
    from freehold.formats.gguf_lookup import text
    from freehold.formats.lora import Lora

    lora = Lora(
        architecture=text(header, "general.architecture") or "",
        alpha=plan.alpha,
        pairs={f"{matrix}.weight": pair for matrix, pair in trained.learned.items()},
    )
    detail = f"trained: {recipe.options['examples']} examples, {trained.best.step} steps"
    return own_adapter(store, base, name, lora, recipe, detail, progress)
