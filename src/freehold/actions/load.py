"""Load an owned model into an engine: proven bytes, a context that fits, enough memory for both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.errors import ModelRefused, NotEnoughMemory, UsageError
from freehold.progress import SILENT, Progress
from freehold.units import human_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from freehold.device.estimates import MemoryNeed, RunShape
    from freehold.device.tuning import TunedPlan
    from freehold.engine.interface import Engine, Loading, LoadPlan
    from freehold.formats.model_shape import ModelShape
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store

USUAL_CONTEXT = 4096
"""Tokens of context when nothing asks for more."""
ENGINE_OVERHEAD = 200_000_000
"""Bytes that the engine takes beside weights and cache, by and large."""
_AMPLE = 1_000_000_000
"""More bytes than the engine has been seen to take beside weights and cache; see memory_need."""
_MICRO_BATCH = 512
"""Tokens that llama.cpp computes in one go at most, unless told."""
_BYTES_PER_TOKEN = 2
"""Fewer bytes a token than nearly any text has, so that the guess errs towards room."""


@dataclass(frozen=True)
class LoadChoices:
    """What the owner chose, or left open."""

    context: int | None = None
    threads: int | None = None
    prompt_bytes: int = 0
    max_tokens: int | None = None
    tuned: TunedPlan | None = None
    """What tuning found for this model here: `choose_engine` gives it, with the engine."""


def start_loading(
    store: Store,
    engine: Engine,
    model: OwnedModel,
    choices: LoadChoices,
    progress: Progress = SILENT,
    beside: Callable[[LoadPlan], LoadPlan] | None = None,
) -> Loading:
    """Begin to load `model`; the answer can be waited for later.

    `beside` adds to the plan what is to be loaded beside the weights.

    Raises DamagedModel when the bytes are not what was proven, NotEnoughMemory with the numbers.
    """
    prove(store, model, progress)
    plan = chosen_plan(store, model, choices)
    if beside is not None:
        plan = beside(plan)
    check_memory(store, model, plan)
    return engine.start(plan)


def chosen_plan(store: Store, model: OwnedModel, choices: LoadChoices) -> LoadPlan:
    """How `start_loading` loads: by the owner's choices, what tuning found, and the defaults."""
    from freehold.actions.tuned import tuned_plan

    wanted = plan_loading(store, model, choose_context(model, choices), choices.threads)
    return tuned_plan(wanted, choices.tuned)


def prove(store: Store, model: OwnedModel, progress: Progress = SILENT) -> None:
    """Make sure that `model` can be run. Raises ModelRefused, DamagedModel."""
    check_runnable(model)
    store.check_ready(model, progress)


def plan_loading(
    store: Store, model: OwnedModel, context: int, threads: int | None = None
) -> LoadPlan:
    """Where its files are and how they are to be loaded."""
    from freehold.engine.interface import LoadPlan

    projector = next((file for file in model.files if file.role == "projector"), None)
    first, *further = store.weights_paths(model)
    return LoadPlan(
        weights=first,
        further=tuple(further),
        context=context,
        threads=threads,
        projector=store.blob_path(projector.digest) if projector else None,
    )


def check_runnable(model: OwnedModel) -> None:
    """Raise ModelRefused for a model in a form that no engine here runs."""
    if (kind := model.facts.get("kind")) is not None:
        option = "--steer" if kind == "control vector" else "--adapter"
        raise ModelRefused(
            f"{model.name} is no model but something beside one: the {kind} is used with it.",
            f"freehold run MODEL {option} {model.name}",
        )
    if "format" in model.facts:
        raise ModelRefused(
            f"{model.name} is kept as {model.facts['format']}, and the engine runs GGUF files.",
            "Get a GGUF of it to run it.",
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


def check_memory(store: Store, model: OwnedModel, plan: LoadPlan) -> None:
    """Refuse, with the numbers, what cannot fit into the memory that is free now.

    Where the ledger's facts show that there is room and to spare, that is all; only where it is
    tight is the header read, which takes longer, and the need predicted from it.
    """
    from freehold.device.memory import memory

    free = memory()
    rough = memory_needed(model, plan.context * plan.parallel) + _AMPLE
    if rough <= free.available:
        return
    need = predict_memory(store, model, plan)
    if need.least > free.available:
        raise NotEnoughMemory(
            f"{model.name} with a context of {plan.context:,} tokens needs about "
            f"{human_bytes(need.least)} of memory (weights {human_bytes(need.weights)}, context "
            f"{human_bytes(need.cache)}), and {human_bytes(free.available)} of "
            f"{human_bytes(free.total)} is free.",
            "Close something, choose a smaller --context, or a smaller model.",
        )


def predict_memory(store: Store, model: OwnedModel, plan: LoadPlan) -> MemoryNeed:
    """What an owned model would take, from its header. Raises FormatError."""
    from freehold.device.memory_need import memory_need

    return memory_need(shape_of_model(store, model), run_shape(plan))


def shape_of_model(store: Store, model: OwnedModel) -> ModelShape:
    """The shape of an owned model, from its header. Raises FormatError."""
    from freehold.actions.owning import read_parts
    from freehold.formats.shape_of import shape_of

    return shape_of(*read_parts(store.weights_paths(model)))


def run_shape(plan: LoadPlan) -> RunShape:
    """A plan, in the words of a prediction."""
    from freehold.device.estimates import RunShape

    return RunShape(
        context=plan.context,
        parallel=plan.parallel,
        batch=plan.batch,
        micro_batch=plan.micro_batch or _MICRO_BATCH,
        key_type=plan.key_type,
        value_type=plan.value_type,
        flash_attention=plan.flash_attention is not False,  # the engine's own choice has it
        repack=plan.repack,
        memory_map=plan.memory_map,
    )


def memory_needed(model: OwnedModel, context: int) -> int:
    """Bytes by the ledger's facts alone: roughly, without opening the file."""
    per_token = model.facts.get("cache_bytes_per_token")
    cache = context * per_token if isinstance(per_token, int) else 0
    return sum(file.size for file in model.parts) + cache + ENGINE_OVERHEAD
