"""What the engine computes: every token's log-probability after each beginning of a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from freehold.engine.interface import LoadPlan
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.engine.llama_model import LlamaCppModel


@contextmanager
def exact_engine(path: Path, context: int = 256) -> Iterator[LlamaCppModel]:
    """The engine with nothing rounded that need not be: keys and values as F32."""
    plan = LoadPlan(
        path,
        context,
        threads=2,
        key_type="F32",
        value_type="F32",
        flash_attention=False,
        repack=False,
    )
    with LlamaCppEngine().load(plan) as model:
        yield model


def log_probabilities(
    model: LlamaCppModel, ids: Sequence[int], ends: Sequence[int], most: int
) -> NDArray[np.float64]:
    """(len(ends), vocabulary): of the token after `ids[:end]`. Those beyond the `most` likeliest
    are minus infinity.

    Probabilities are told as they are before sampling, so the answer may be forced to a letter: of
    an answer that is half a character nothing would be told.
    """
    letter = model.tokenize("a")[-1]
    rows = np.full((len(ends), model.facts.vocabulary), -np.inf)
    for row, end in enumerate(ends):
        body = {
            "prompt": list(ids[:end]),
            "n_predict": 1,
            "n_probs": most,
            "cache_prompt": False,
            "temperature": 0,
            "logit_bias": [[letter, 1000.0]],
            "stream": False,
        }
        answer = model._server.ask("/completion", body)
        for token in answer["completion_probabilities"][0]["top_logprobs"]:
            rows[row, token["id"]] = token["logprob"]
    return rows


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Logits as log-probabilities."""
    shifted = logits.astype(np.float64)
    shifted -= shifted.max(axis=-1, keepdims=True)
    out: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return out


def divergence(engine: NDArray[np.float64], ours: NDArray[np.float64]) -> NDArray[np.float64]:
    """KL(engine || ours) of each row, over the tokens that the engine told of."""
    told = np.isfinite(engine)
    share = np.where(told, np.exp(engine), 0)
    difference = np.where(told, engine, 0) - np.where(told, ours, 0)
    out: NDArray[np.float64] = (share * difference).sum(axis=-1)
    return out
