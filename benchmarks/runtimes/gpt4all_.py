"""GPT4All's Python package, with a thread for each core."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from one_answer import CONTEXT, main


def load(path: str) -> Any:
    from gpt4all import GPT4All

    file = Path(path)
    return GPT4All(
        file.name,
        model_path=str(file.parent),
        allow_download=False,
        device="cpu",
        n_threads=os.cpu_count(),
        n_ctx=CONTEXT,
    )


def stream(model: Any, prompt: str, tokens: int) -> Iterator[int]:
    for _ in model.generate(prompt, max_tokens=tokens, temp=0.0, streaming=True, n_batch=128):
        yield 1


main(load, stream)
