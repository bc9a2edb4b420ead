"""Many texts in one trace score as they do one by one."""

from __future__ import annotations

import numpy as np
import pytest

from freehold.study.likelihood import likelihood
from freehold.study.packed import Marked, Scored, likelihoods, log_probabilities
from freehold.study.residual import last_residual
from freehold.study.subject import Subject

TEXTS = [
    Scored((5, 9, 20, 44, 3), 1),
    Scored((7, 7, 300, 2000, 19_999, 8, 41), 4),
    Scored((1, 2), 1),
    Scored(tuple(range(100, 140)), 10),
]


def alone(subject: Subject, text: Scored) -> float:
    rows = last_residual(subject.transformer, text.ids)
    targets = np.array(text.ids[text.first :])
    part = np.ascontiguousarray(rows[text.first - 1 : -1])
    return float(likelihood(subject.transformer, part, targets).log_probability.sum())


@pytest.mark.parametrize("positions", [512, 45, 1], ids=["together", "in packs", "one by one"])
def test_packed_is_alone(positions: int, little: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    from freehold.study import packed

    monkeypatch.setattr(packed, "POSITIONS", positions)
    found = log_probabilities(little.transformer, TEXTS)
    assert found == pytest.approx([alone(little, text) for text in TEXTS], abs=2e-4)


def test_a_text_sees_nothing_of_its_neighbours(little: Subject) -> None:
    one, two = TEXTS[0], TEXTS[3]
    with_one = log_probabilities(little.transformer, [one, two])[1]
    with_other = log_probabilities(little.transformer, [Scored((9, 8, 7, 6, 5), 1), two])[1]
    assert with_one == pytest.approx(with_other, abs=1e-6)


def test_tokens_anywhere_are_scored_as_all_of_them_are(little: Subject) -> None:
    texts = [Marked((5, 9, 20, 44, 3), (1, 4)), Marked((7, 300, 2000, 8), (2,))]
    found = likelihoods(little.transformer, texts)
    assert [len(each.likeliest) for each in found] == [2, 1]
    for text, each in zip(texts, found, strict=True):
        logits = little.transformer.trace(text.ids).logits
        rows = logits[[place - 1 for place in text.places]].astype(np.float64)
        assert each.likeliest.tolist() == rows.argmax(axis=1).tolist()
        logs = rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))
        true = [logs[row, text.ids[place]] for row, place in enumerate(text.places)]
        assert each.log_probability == pytest.approx(true, abs=2e-4)


def test_nothing_scores_nothing(little: Subject) -> None:
    assert log_probabilities(little.transformer, []) == ()
