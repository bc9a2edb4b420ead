"""OpenVINO GenAI, reading the GGUF file itself."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any

from one_answer import main


def load(path: str) -> Any:
    import openvino_genai

    return openvino_genai.LLMPipeline(path, "CPU")


def stream(model: Any, prompt: str, tokens: int) -> Iterator[int]:
    import openvino_genai

    class Heard(openvino_genai.StreamerBase):
        def __init__(self) -> None:
            super().__init__()
            self.pieces: queue.Queue[int] = queue.Queue()

        def write(self, token: Any) -> Any:
            self.pieces.put(len(token) if isinstance(token, list) else 1)
            return openvino_genai.StreamingStatus.RUNNING

        def end(self) -> None:
            self.pieces.put(0)

    heard = Heard()
    wish = openvino_genai.GenerationConfig()
    wish.max_new_tokens, wish.do_sample, wish.ignore_eos = tokens, False, True
    wish.apply_chat_template = False
    answer = threading.Thread(target=model.generate, args=(prompt, wish, heard))
    answer.start()
    while piece := heard.pieces.get():
        yield piece
    answer.join()


main(load, stream)
