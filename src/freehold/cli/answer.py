"""Print one answer as it is written, and its figures if they are wanted."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from freehold.cli.terminal import note, print_json, printable
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.actions.learning import Learner
    from freehold.actions.through_server import ServedModel
    from freehold.cli.run_options import RunOptions
    from freehold.engine.interface import Answer, Finished, Loading, Model, Sampling
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store

EXIT_STOPPED = 130


def answer(
    store: Store,
    owned: OwnedModel,
    loading: Loading | ServedModel,
    options: RunOptions,
    learner: Learner | None,
) -> int:
    """One prompt, one answer. Ctrl-C stops it and keeps what was written."""
    with loading.wait() as model:
        store.mark_used(owned)
        stream = ask(model, owned, options)
        if options.json:
            return _as_json(model, owned, stream, learner, tuned=options.tuned)
        text, finished = print_stream(stream)
        if text and not text.endswith("\n"):
            print()
        if finished is None:
            note("stopped")
            return EXIT_STOPPED
        explain_length(finished, options.max_tokens)
        if options.stats:
            note(statistics(model, finished, tuned=options.tuned))
            note_expected(learner, finished)
        if learner is not None:
            learner.keep(finished.usage)
    return 0


def note_expected(learner: Learner | None, finished: Finished) -> None:
    """Say what was expected of an answer; a server's is not compared."""
    from freehold.cli.expected import expected_line

    if learner is not None:
        note(expected_line(learner, finished.usage))


def ask(model: Model | ServedModel, owned: OwnedModel, options: RunOptions) -> Answer:
    """Send the prompt as a chat, or as text to continue when the model has no chat template."""
    from freehold.engine.interface import ChatRequest, Message, TextRequest

    prompt = options.prompt or ""
    if not owned.facts.get("chat"):
        note(f"{owned.name} has no chat template: it continues your text rather than answering it.")
        start = f"{options.system}\n\n{prompt}" if options.system else prompt
        return model.complete(TextRequest(start, sampling_of(options)))
    messages = [Message("user", prompt)]
    if options.system:
        messages.insert(0, Message("system", options.system))
    return model.chat(ChatRequest(tuple(messages), sampling_of(options)))


def sampling_of(options: RunOptions) -> Sampling:
    """The sampling the owner chose; what was left open is the engine's default."""
    from freehold.engine.interface import Sampling

    return Sampling(
        temperature=options.temperature,
        seed=options.seed,
        max_tokens=options.max_tokens,
        schema=options.schema,
    )


def print_stream(stream: Answer) -> tuple[str, Finished | None]:
    """Write the answer as it comes. Ctrl-C ends it: then the second value is None."""
    from freehold.engine.interface import Delta, Finished

    on_terminal = sys.stdout.isatty()
    written: list[str] = []
    try:
        for event in stream:
            if isinstance(event, Finished):
                return "".join(written), event
            if not isinstance(event, Delta):
                continue
            # Piped output is the model's own bytes; a terminal gets no control codes from it.
            text = printable(event.text) if on_terminal else event.text
            written.append(text)
            sys.stdout.write(text)
            sys.stdout.flush()
    except KeyboardInterrupt:
        print()
    finally:
        stream.close()
    return "".join(written), None


def _as_json(
    model: Model | ServedModel,
    owned: OwnedModel,
    stream: Answer,
    learner: Learner | None,
    *,
    tuned: bool,
) -> int:
    from freehold.cli.expected import expected_figures
    from freehold.engine.interface import Delta, Finished

    text, finished = "", None
    for event in stream:
        if isinstance(event, Delta):
            text += event.text
        elif isinstance(event, Finished):
            finished = event
    told: dict[str, object] = {}
    if finished:
        told = {**figures(model, finished), "tuned": tuned}
        told["predicted"] = expected_figures(learner, finished.usage) if learner else None
    print_json({"model": owned.name, "answer": text, **told})
    if finished and learner is not None:
        learner.keep(finished.usage)
    return 0


def explain_length(finished: Finished, max_tokens: int | None) -> None:
    """Say why an answer ended before its end; silence would look like a finished thought."""
    if finished.reason == "length" and finished.usage.answer_tokens != max_tokens:
        note("The answer stopped because the context is full: a larger --context gives it room.")
    elif finished.reason == "length":
        note(f"The answer stopped at --max-tokens {max_tokens}.")


def figures(model: Model | ServedModel, finished: Finished) -> dict[str, object]:
    """What was measured of one answer: tokens, seconds, tokens per second, bytes."""
    usage = finished.usage
    return {
        "finish_reason": finished.reason,
        "prompt_tokens": usage.prompt_tokens,
        "cached_tokens": usage.cached_tokens,
        "answer_tokens": usage.answer_tokens,
        "prompt_tokens_per_second": usage.prompt_rate,
        "answer_tokens_per_second": usage.answer_rate,
        **_process(model),
    }


def _process(model: Model | ServedModel) -> dict[str, object]:
    """Of the process that answered: of its own what it took, of a server where it is."""
    from freehold.actions.through_server import ServedModel

    if isinstance(model, ServedModel):
        context, server = model.context, model.address
        load, peak = None, None
    else:
        context, server = model.facts.context, None
        load, peak = model.facts.load_seconds, model.peak_memory()
    return {
        "load_seconds": load,
        "context_tokens": context,
        "peak_memory_bytes": peak,
        "server": server,
    }


def statistics(model: Model | ServedModel, finished: Finished, *, tuned: bool) -> str:
    """The same figures as one line for a person."""
    from freehold.actions.through_server import ServedModel

    usage = finished.usage
    prompt = f"prompt {usage.prompt_tokens} tokens"
    if usage.cached_tokens:
        prompt += f" ({usage.cached_tokens} remembered)"
    if usage.prompt_rate:
        prompt += f" at {usage.prompt_rate:.0f} tokens/s"
    reply = f"answer {usage.answer_tokens} tokens"
    if usage.answer_rate:
        reply += f" at {usage.answer_rate:.1f} tokens/s"
    if isinstance(model, ServedModel):
        where = f"context {model.context:,} | by the server at {model.address}"
        return f"[{prompt} | {reply} | {where}]"
    return (
        f"[{prompt} | {reply} | load {model.facts.load_seconds:.2f} s | "
        f"context {model.facts.context:,} | peak memory {human_bytes(model.peak_memory())}"
        f"{' | tuned' if tuned else ''}]"
    )
