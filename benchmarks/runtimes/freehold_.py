"""Freehold as its own commands run a model: found in the store, tuned if it was, loaded, asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from one_answer import CONTEXT, main


def load(path: str) -> Any:
    from freehold.actions.engines import engine_for
    from freehold.actions.load import LoadChoices, start_loading
    from freehold.actions.tuned import choose_engine
    from freehold.settings import Settings
    from freehold.store.libraries import Libraries

    settings = Settings.load()
    with Libraries(settings.home) as libraries:
        store = libraries.store()
        model = store.models()[0]
        if os.environ.get("BENCHMARK_UNTUNED"):
            engine, plan = engine_for(settings), None
        else:
            chosen = choose_engine(settings, model)
            engine, plan = chosen.engine, chosen.plan
        return start_loading(store, engine, model, LoadChoices(CONTEXT, tuned=plan)).wait()


def stream(model: Any, prompt: str, tokens: int) -> Iterator[int]:
    from freehold.engine.interface import Delta, Sampling, TextRequest

    wish = Sampling(temperature=0.0, max_tokens=tokens, past_the_end=True)
    seen = 0
    for piece in model.complete(TextRequest(prompt, wish)):
        if isinstance(piece, Delta):
            seen += 1
            yield 1
        else:  # a piece may hold several tokens: the rest is counted at the end
            yield piece.usage.answer_tokens - seen


main(load, stream)
