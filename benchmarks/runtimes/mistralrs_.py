"""mistral.rs on the processor. It answers whole completions; a chat can be streamed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from one_answer import main


def load(path: str) -> Any:
    from mistralrs import Runner, Which

    file = Path(path)
    which = Which.GGUF(quantized_model_id=str(file.parent), quantized_filename=file.name)
    return Runner(which=which, prefix_cache_n=0)


def stream(model: Any, prompt: str, tokens: int) -> Iterator[int]:
    from mistralrs import ChatCompletionRequest

    asked = ChatCompletionRequest(
        messages=[{"role": "user", "content": prompt}],
        model="default",
        max_tokens=tokens,
        temperature=0.0,
        stream=True,
        ignore_eos=True,
    )
    for _ in model.send_chat_completion_request(asked):
        yield 1


main(load, stream)
