"""Texts known by heart: runs counted exactly, and a text that cannot be known beside them."""

from __future__ import annotations

import numpy as np
import pytest

from freehold.engine.fake import FakeEngine
from freehold.engine.interface import LoadPlan, Model
from freehold.errors import UsageError
from freehold.study.probe import memory as module
from freehold.study.probe.memory import PROMPT, probe_memory, recall
from freehold.study.subject import Subject

KNOWN = (
    "one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, "
    "fourteen, fifteen, sixteen, seventeen, eighteen, nineteen, twenty, twenty-one"
)


def test_what_is_continued_word_for_word(smollm: Subject) -> None:
    ids = smollm.tokenize(KNOWN)
    found = recall(smollm, "counting", ids)
    assert found.exact.n == found.scored == len(ids) - PROMPT
    run = found.runs[0]
    assert run.tokens == found.longest >= 16
    assert run.before in KNOWN
    assert run.text in KNOWN
    # The last token of the run, against the model's own next step.
    at = run.at + run.tokens - 1
    logits = smollm.transformer.trace(ids[:at], logits="last").logits
    assert logits is not None
    assert int(logits[-1].argmax()) == ids[at]


def test_a_baseline_stands_beside_it(little: Subject) -> None:
    found = probe_memory(little, "letters", "the quick brown fox jumps over it" * 3, most=90)
    assert found.text.name == "letters"
    assert "Freehold" in found.baseline.name
    assert found.text.scored == 90 - PROMPT
    assert found.baseline.longest < 10  # it knows nothing


def test_the_engine_cuts_both_texts_in_one_start(little: Subject) -> None:
    engine = FakeEngine()

    def start(context: int) -> Model:
        return engine.load(LoadPlan(little.path, context))

    with Subject("little", little.path, start) as subject:
        probe_memory(subject, "letters", "the quick brown fox jumps over it" * 3, most=90)
    assert len(engine.loaded) == 1


@pytest.mark.parametrize("size", [20, 33, 96])
def test_windows_leave_no_token_out(
    size: int, little: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WINDOW", size)
    ids = little.tokenize("abcdefghijklmnopqrstuvwxyz" * 5)
    assert recall(little, "letters", ids).scored == len(ids) - PROMPT


def test_runs_in_a_row_of_hits() -> None:
    hits = np.array([1, 1, 0, 1, 1, 1, 0, 0, 1], bool)
    assert list(module._runs(hits)) == [(0, 2), (3, 3), (8, 1)]
    assert list(module._runs(np.zeros(3, bool))) == []


def test_a_text_that_is_too_short(little: Subject) -> None:
    with pytest.raises(UsageError, match="is 5 tokens long; 32 at least"):
        probe_memory(little, "short.txt", "short")
