"""Train an adapter for a model one owns, from data one has, and own it with its recipe.

Where a training stands is kept beside the store, so that a kill loses a few steps; the same command
goes on with it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freehold.errors import UsageError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.actions.modify_sources import Source
    from freehold.formats.gguf import GgufHeader
    from freehold.modify.data.files import DataFile
    from freehold.modify.data.sample import Sample
    from freehold.modify.training.checkpoint import Look
    from freehold.modify.training.network import Example
    from freehold.modify.training.plan import TrainingPlan
    from freehold.modify.training.trainer import Trained
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store
    from freehold.study.subject import Subject
    from freehold.transformer.transformer import Transformer

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
    *,
    memory: int,
    restart: bool = False,
    watch: Callable[[Look], None] = lambda look: None,
    progress: Progress = SILENT,
) -> Taught:
    """Train, and own the adapter as `name`. `memory` is how many bytes may be used for speed.

    Raises UsageError, FormatError with the line that is wrong, ContextExceeded, UnsupportedModel.
    """
    from freehold.actions.making import check_name
    from freehold.actions.modify_sources import opened
    from freehold.modify.training.checkpoint import keep, recall
    from freehold.modify.training.trainer import Trainer

    name = check_name(store, name)
    place = store.home / FOLDER / name
    with opened(base, cache_bytes=memory // 2) as subject:
        lessons = read_lessons(subject, lesson, plan.seed)
        subject.rest()
        plan = plan.for_examples(len(lessons.examples))
        if restart:
            shutil.rmtree(place, ignore_errors=True)
        file, made_for = place / "checkpoint.npz", _made_for(base, lessons, lesson, plan)
        model = subject.transformer
        remember = _remembers(model, lessons, plan, memory)
        trainer = Trainer(model, plan, lessons.examples, lessons.held_out, remember=remember)
        if file.exists():
            trainer.resume(recall(file, made_for))
        place.mkdir(parents=True, exist_ok=True)
        trained = trainer.train(watch, partial(keep, file, made_for), progress)
        adapter = _own(store, base, subject.header, name, lessons, lesson, plan, trained, progress)
    shutil.rmtree(place)
    return Taught(adapter, trained, lessons)


def read_lessons(subject: Subject, lesson: Lesson, seed: int) -> Lessons:
    """Read the data, hold some out, cut all of it as the model will see it."""
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
    most = min(lesson.most, subject.transformer.config.context)
    trained = cut(samples, subject, most, skip_long=lesson.skip_long)
    tested = cut(tests, subject, most, skip_long=lesson.skip_long)
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


def _made_for(base: Source, lessons: Lessons, lesson: Lesson, plan: TrainingPlan) -> dict[str, Any]:
    return {
        "model": base.sha256,
        "data": lessons.sha256,
        "max_length": lesson.most,
        "skip_long": lesson.skip_long,
        "held_out": lesson.share if lesson.held_out is None else 1.0,
        **asdict(plan),
    }


def _remembers(model: Transformer, lessons: Lessons, plan: TrainingPlan, memory: int) -> bool:
    """Whether all that a step's layers compute can be held until the way back."""
    config = model.config
    longest = sorted((len(example.ids) for example in lessons.examples), reverse=True)
    batch = longest[: plan.batch]
    each = 8 * config.width + 6 * config.heads * config.head_width + 5 * config.hidden
    held = sum(4 * config.layers * (n * each + 2 * config.heads * n * n) for n in batch)
    return held <= memory // 2


def _own(
    store: Store,
    base: Source,
    header: GgufHeader,
    name: str,
    lessons: Lessons,
    lesson: Lesson,
    plan: TrainingPlan,
    trained: Trained,
    progress: Progress,
) -> OwnedModel:
    from freehold.actions.making import own_adapter
    from freehold.formats.gguf_lookup import text
    from freehold.formats.lora import Lora, LowRank
    from freehold.modify.recipe import Ingredient, Recipe

    options = {
        **asdict(plan),
        "max_length": lesson.most,
        "held_out_share": lesson.share if lesson.held_out is None else None,
        "examples": len(lessons.examples),
        "held_out": len(lessons.held_out),
        "steps_done": trained.best.step,
        "held_out_loss_before": round(trained.before.mean, 4),
        "held_out_loss_after": round(trained.after.mean, 4),
    }
    seed = options.pop("seed")
    recipe = Recipe("train", (Ingredient(base.name, base.sha256),), options, lessons.sha256, seed)
    lora = Lora(
        architecture=text(header, "general.architecture") or "",
        alpha=plan.alpha,
        pairs={
            f"{matrix}.weight": LowRank(part.a, part.b) for matrix, part in trained.learned.items()
        },
    )
    detail = f"trained: {len(lessons.examples)} examples, {trained.best.step} steps"
    return own_adapter(store, base, name, lora, recipe, detail, progress)
