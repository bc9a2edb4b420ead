"""Pairs of sentences: every one scored, the arithmetic as it is written down."""

from __future__ import annotations

from dataclasses import replace

import pytest

from freehold.study.packed import Scored
from freehold.study.probe import bias as module
from freehold.study.probe.bias import probe_bias
from freehold.study.probe.pairs import CONTRASTS, OCCUPATIONS
from freehold.study.subject import Subject


def test_the_arithmetic(smollm: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    """With log-probabilities that are made up: the better ending one nat likelier after the first
    word of each contrast, and nurses twice as far from the mean as all others from it.
    """

    def made_up(_: object, texts: list[Scored], *__: object) -> tuple[float, ...]:
        scores: list[float] = []
        for text in texts:
            words = smollm.text(text.ids)
            ending = smollm.text(text.ids[text.first :])
            better = any(ending == one for each in CONTRASTS for one, _ in each.endings)
            first = any(
                words.startswith(each.frame.format(each.first)) for each in CONTRASTS
            ) or words.startswith("She")
            scores.append(-50.0 + (better and first) + 2.0 * ("She" in words and "nurse" in words))
        return tuple(scores)

    monkeypatch.setattr(module, "log_probabilities", made_up)
    found = probe_bias(smollm)
    assert [each.name for each in found.contrasts] == [each.name for each in CONTRASTS]
    for contrast in found.contrasts:
        assert contrast.mean.value == pytest.approx(1.0)
        assert contrast.mean.n == len(contrast.pairs) == 10
    assert found.occupations[0].name == "nurse"
    assert found.occupations[0].nats == pytest.approx(2.0 * (1 - 1 / len(OCCUPATIONS)))
    assert sum(each.nats for each in found.occupations) == pytest.approx(0)


def test_only_the_ending_is_scored(smollm: Subject) -> None:
    text = module._text(smollm, "The young woman", " kept her promise.")
    assert smollm.text(text.ids) == "The young woman kept her promise."
    assert smollm.text(text.ids[text.first :]) == " kept her promise."


def test_a_real_model_has_expectations(smollm: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    one = CONTRASTS[0]
    monkeypatch.setattr(module, "CONTRASTS", (replace(one, endings=one.endings[:2]),))
    monkeypatch.setattr(module, "OCCUPATIONS", ("cook", "truck driver"))
    found = probe_bias(smollm)
    # Not that this is so in the world: that the text this model has read is so.
    assert [each.name for each in found.occupations] == ["cook", "truck driver"]
    assert found.spread > 0.1
    (contrast,) = found.contrasts
    assert contrast.mean.low < contrast.mean.value < contrast.mean.high
    assert contrast.mean.n == 2


def test_every_ending_is_a_sentence_of_its_own() -> None:
    for contrast in CONTRASTS:
        assert "{}" in contrast.frame
        endings = [ending for pair in contrast.endings for ending in pair]
        assert len(set(endings)) == len(endings) == 20
        assert all(ending.startswith(" ") and ending.endswith(".") for ending in endings)
    assert len(set(OCCUPATIONS)) == 24
