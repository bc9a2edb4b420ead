"""ctransformers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from one_answer import CONTEXT, main


def load(path: str) -> Any:
    from ctransformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(
        path, model_type="llama", local_files_only=True, context_length=CONTEXT
    )


def stream(model: Any, prompt: str, tokens: int) -> Iterator[int]:
    for _ in model(prompt, max_new_tokens=tokens, top_k=1, stream=True):
        yield 1


main(load, stream)
