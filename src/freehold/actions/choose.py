"""Which model is meant, when a person names one, half names one, or names none."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from freehold.errors import FormatError, NotEnoughMemory, NotOwned
from freehold.names import looks_like_ref
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from datetime import datetime

    from freehold.settings import Settings
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store


_COULD_BE_A_NAME = re.compile(r"[\w.-]+")


def default_model(
    store: Store, settings: Settings, progress: Progress = SILENT
) -> OwnedModel | None:
    """The model to use when none is named; None when nothing is owned.

    The owner's setting first; then the one used last, if the memory free now can hold it; then
    the best that it can hold. Where none fits it is the first choice all the same: loading it
    says what is missing. Another than the one used last is chosen with a note.
    """
    if settings.default_model:
        return store.find(settings.default_model)
    models = [model for model in store.models() if "kind" not in model.facts]
    used = [model for model in models if model.last_used_at is not None]
    last = max(used, key=lambda model: model.last_used_at or model.added_at, default=None)
    if last is not None and _fits_now(store, last):
        return last
    from freehold.actions.best_owned import best_owned

    best = best_owned(store, settings, [model for model in models if _fits_now(store, model)])
    if best is None:
        return last or max(models, key=_talks_and_new, default=None)
    if last is not None:
        progress.note(
            f"{last.name}, which you used last, does not fit into the memory that is free now; "
            f"{best.name} does."
        )
    return best


def _fits_now(store: Store, model: OwnedModel) -> bool:
    """Whether it could be loaded at this moment. Reads its header only where memory is tight."""
    from freehold.actions.load import LoadChoices, check_memory, choose_context
    from freehold.engine.interface import LoadPlan

    if not model.runs:
        return False  # kept, and no GGUF
    plan = LoadPlan(store.blob_path(model.weights.digest), choose_context(model, LoadChoices()))
    try:
        check_memory(store, model, plan)
    except (NotEnoughMemory, FormatError):
        return False
    return True


def _talks_and_new(model: OwnedModel) -> tuple[bool, datetime]:
    return bool(model.facts.get("chat")), model.added_at


def split_words(find: Callable[[str], object], words: list[str]) -> tuple[str | None, str | None]:
    """Tell model from prompt in `run [MODEL] [PROMPT]`: (model, prompt), either may be None.

    `find` raises NotOwned for a word that names no owned model.

    Two are a model and a prompt. One that names nothing owned is a prompt if no name looks like it
    ("Why is it so?", "Summarise:"); a plain word ("smolm2") is an error rather than a guess.
    """
    if len(words) >= 2:
        return words[0], " ".join(words[1:])
    if not words:
        return None, None
    word = words[0]
    if looks_like_ref(word):
        return word, None
    try:
        find(word)
    except NotOwned as error:
        if not _COULD_BE_A_NAME.fullmatch(word.strip()):
            return None, word
        raise NotOwned(
            error.message,
            f"To ask it as a question: freehold run --prompt {word!r}. {error.hint or ''}".strip(),
        ) from error
    return word, None
