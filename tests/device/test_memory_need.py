"""Memory predicted from a header, held against the engine's own peak."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.device.estimates import RunShape
from freehold.device.memory_need import memory_need
from freehold.engine.interface import LoadPlan, Sampling, TextRequest
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.formats.gguf import read_header
from freehold.formats.shape_of import shape_of


def peak(path: Path, context: int) -> int:
    """Of a run that fills the context."""
    with LlamaCppEngine().load(LoadPlan(path, context, threads=2)) as model:
        tokens = len(model.tokenize(" the" * 16)) / 16
        prompt = " the" * int((context - 16) / tokens)
        list(model.complete(TextRequest(prompt, Sampling(max_tokens=4))))
        return model.peak_memory()


@pytest.mark.parametrize("context", [512, 1024])
def test_the_real_models_take_what_was_predicted(smollm2: Path, gemma3: Path, context: int) -> None:
    for path in (smollm2, gemma3):
        need = memory_need(shape_of(read_header(path)), RunShape(context))
        assert need.total == pytest.approx(peak(path, context), rel=0.1)
