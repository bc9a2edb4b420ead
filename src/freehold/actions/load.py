"""Load an owned model into an engine: proven bytes, a context that fits, enough memory for both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.errors import ModelRefused, NotEnoughMemory, UsageError
from freehold.progress import SILENT, Progress
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.engine.interface import Engine, Loading, LoadPlan
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store

USUAL_CONTEXT = 4096
"""Tokens of context when nothing asks for more."""
ENGINE_OVERHEAD = 150_000_000
"""Bytes the engine takes beside weights and cache: code, compute buffers, logits."""
_BYTES_PER_TOKEN = 2
"""Fewer bytes a token than nearly any text has, so that the guess errs towards room."""


@dataclass(frozen=True)
class LoadChoices:
    """What the owner chose, or left open."""

    context: int | None = None
    threads: int | None = None
    prompt_bytes: int = 0
    max_tokens: int | None = None


def start_loading(
    store: Store,
    engine: Engine,
    model: OwnedModel,
    choices: LoadChoices,
    progress: Progress = SILENT,
) -> Loading:
    """Begin to load `model`; the answer can be waited for later.

    Raises DamagedModel when the bytes are not what was proven, NotEnoughMemory with the numbers.
    """
    prove(store, model, progress)
    context = choose_context(model, choices)
    check_memory(model, context)
    return engine.start(plan_loading(store, model, context, choices.threads))


def prove(store: Store, model: OwnedModel, progress: Progress = SILENT) -> None:
    """Make sure that `model` can be run. Raises ModelRefused, DamagedModel."""
    if "format" in model.facts:
        raise ModelRefused(
            f"{model.name} is kept as {model.facts['format']}, and the engine runs GGUF files.",
            "Get a GGUF of it to run it.",
        )
    store.check_ready(model, progress)


def plan_loading(
    store: Store, model: OwnedModel, context: int, threads: int | None = None
) -> LoadPlan:
    """Where its files are and how they are to be loaded."""
    from freehold.engine.interface import LoadPlan

    projector = next((file for file in model.files if file.role == "projector"), None)
    return LoadPlan(
        weights=store.blob_path(model.weights.digest),
        context=context,
        threads=threads,
        projector=store.blob_path(projector.digest) if projector else None,
    )


def choose_context(model: OwnedModel, choices: LoadChoices) -> int:
    """Tokens of context: what was asked for, else enough for the prompt at hand.

    Without a wish it is 4096 tokens, grown in powers of two for a long prompt, and never more than
    the model was trained for.
    """
    if choices.context is not None:
        if choices.context < 16:
            raise UsageError(f"A context of {choices.context} tokens is too small.", "Try 4096.")
        return choices.context
    trained = model.facts.get("context_length")
    needed = choices.prompt_bytes // _BYTES_PER_TOKEN + (choices.max_tokens or 1024)
    context = USUAL_CONTEXT
    while context < needed:
        context *= 2
    return min(context, trained) if isinstance(trained, int) and trained > 0 else context


def check_memory(model: OwnedModel, context: int) -> None:
    """Refuse, with the numbers, what cannot fit into the memory that is free now."""
    from freehold.device.memory import memory

    needed = memory_needed(model, context)
    free = memory()
    if needed > free.available:
        raise NotEnoughMemory(
            f"{model.name} with a context of {context:,} tokens needs about {human_bytes(needed)} "
            f"of memory, and {human_bytes(free.available)} of {human_bytes(free.total)} is free.",
            "Close something, choose a smaller --context, or a smaller model.",
        )


def memory_needed(model: OwnedModel, context: int) -> int:
    """Bytes for weights, cache and engine: an upper bound where layers have sliding windows."""
    per_token = model.facts.get("cache_bytes_per_token")
    cache = context * per_token if isinstance(per_token, int) else 0
    return model.weights.size + cache + ENGINE_OVERHEAD
