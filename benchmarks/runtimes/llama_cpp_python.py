"""llama-cpp-python, compiled on this machine, with a thread for each core."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from one_answer import CONTEXT, main


def load(path: str) -> Any:
    from llama_cpp import Llama

    cores = os.cpu_count()
    return Llama(path, n_ctx=CONTEXT, n_threads=cores, n_threads_batch=cores, verbose=False)


def stream(model: Any, prompt: str, tokens: int) -> Iterator[int]:
    answer = model.create_completion(prompt, max_tokens=tokens, temperature=0.0, stream=True)
    for _ in answer:
        yield 1


main(load, stream)
