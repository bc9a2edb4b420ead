"""cyllama, with its own choice of threads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from one_answer import CONTEXT, main


def load(path: str) -> Any:
    from cyllama import LLM

    return LLM(path, n_ctx=CONTEXT, temperature=0.0, max_tokens=128)


def stream(model: Any, prompt: str, tokens: int) -> Iterator[int]:
    from cyllama import GenerationConfig

    wish = GenerationConfig(n_ctx=CONTEXT, temperature=0.0, max_tokens=tokens)
    for _ in model(prompt, config=wish, stream=True):
        yield 1


main(load, stream)
