"""Perplexity: the sum it is defined as, and what llama.cpp's own tool says of the same file."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from freehold.actions.open_subject import open_subject
from freehold.errors import ContextExceeded, FormatError, UsageError
from freehold.store.libraries import Libraries
from freehold.study.perplexity import WindowChoices, perplexity
from freehold.study.subject import Subject
from freehold.study.texts import plain_text

TEXT = "All that the tide brings in it takes away again, and what it leaves is sand. " * 3


def test_it_is_what_its_definition_says(little: Subject) -> None:
    found = perplexity(little, TEXT, WindowChoices(64))
    ids = little.tokenize(TEXT)
    losses = []
    for start in range(0, len(ids) - 63, 64):
        logits = little.transformer.trace(ids[start : start + 64]).logits
        assert logits is not None
        for at in range(32, 63):
            row = logits[at].astype(np.float64)
            losses.append(np.log(np.exp(row).sum()) - row[ids[start + at + 1]])
    assert found.scored == len(losses) == 3 * 31
    mean, spread = np.mean(losses), np.std(losses) / math.sqrt(len(losses) - 1)
    assert found.perplexity.value == pytest.approx(math.exp(mean), rel=1e-4)
    assert found.perplexity.error == pytest.approx(math.exp(mean) * spread, rel=1e-3)
    assert found.bytes == found.scored  # a letter is a token here
    assert found.bits_per_byte.value == pytest.approx(mean / math.log(2), rel=1e-4)
    assert len(found.windows) == 3


def test_it_is_what_llama_perplexity_says(smollm: Subject) -> None:
    found = perplexity(smollm, plain_text().words, WindowChoices(128, most=4))
    # llama-perplexity -c 128 -b 128 --chunks 4: PPL = 27.0568 +/- 4.76019
    assert found.perplexity.value == pytest.approx(27.06, rel=0.02)
    assert found.perplexity.error == pytest.approx(4.76, rel=0.03)


def test_a_window_larger_than_the_context_is_refused(little: Subject) -> None:
    with pytest.raises(ContextExceeded, match="the context holds 96"):
        perplexity(little, TEXT, WindowChoices(97))


@pytest.mark.parametrize("text", ["", "short"])
def test_too_little_text(little: Subject, text: str) -> None:
    with pytest.raises(UsageError):
        perplexity(little, text, WindowChoices())


def test_weights_that_are_no_numbers(broken: Path, nothing_owned: Libraries) -> None:
    with (
        open_subject(nothing_owned, str(broken)) as subject,
        pytest.raises(FormatError, match="ffn_up"),
    ):
        perplexity(subject, TEXT, WindowChoices(64))
