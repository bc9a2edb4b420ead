"""KL between two files on one text."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.actions.open_subject import open_subject
from freehold.errors import ContextExceeded, FormatError, UsageError
from freehold.store.libraries import Libraries
from freehold.study.kl import kl
from freehold.study.perplexity import WindowChoices, perplexity
from freehold.study.subject import Subject

TEXT = "All that the tide brings in it takes away again, and what it leaves is sand. " * 3
CHOICES = WindowChoices(64)


def test_a_file_and_itself_are_the_same(little: Subject) -> None:
    found = kl(little, little, TEXT, CHOICES)
    assert found.mean.value == pytest.approx(0, abs=1e-9)
    assert found.same_top.value == 1
    assert found.ratio.value == 1
    assert found.probability_spread == 0


def test_two_files_are_measured_both_ways(little: Subject, other_little: Subject) -> None:
    found = kl(little, other_little, TEXT, CHOICES, worst=3)
    assert found.model.perplexity == perplexity(little, TEXT, CHOICES).perplexity
    assert found.reference.perplexity == perplexity(other_little, TEXT, CHOICES).perplexity
    quotient = found.model.perplexity.value / found.reference.perplexity.value
    assert found.ratio.value == pytest.approx(quotient)
    assert found.same_top.value < 0.5
    values = [value for _, value in found.quantiles]
    assert values == sorted(values)
    assert dict(found.quantiles)[0.5] == found.median
    assert values[0] <= found.mean.value <= values[-1]


def test_the_worst_places_are_shown_in_the_text(little: Subject, other_little: Subject) -> None:
    found = kl(little, other_little, TEXT, CHOICES, worst=3)
    worst = found.places[0]
    assert len(found.places) == 3
    assert worst.kl == dict(found.quantiles)[1.0]
    letter = TEXT[worst.at]
    assert worst.token == ("␣" if letter == " " else letter)
    assert TEXT[: worst.at].endswith(worst.before)
    assert len(worst.before) == 12


def test_files_that_cut_differently_are_refused(smollm: Subject, little: Subject) -> None:
    with pytest.raises(UsageError, match=r"different vocabularies \(49,152 and 20,000"):
        kl(smollm, little, TEXT, CHOICES)


def test_windows_beyond_either_context_are_refused(little: Subject, other_little: Subject) -> None:
    with pytest.raises(ContextExceeded):
        kl(little, other_little, TEXT, WindowChoices(97))


def test_weights_that_are_no_numbers(
    broken: Path, little: Subject, nothing_owned: Libraries
) -> None:
    with (
        open_subject(nothing_owned, str(broken)) as subject,
        pytest.raises(FormatError, match="ffn_up"),
    ):
        kl(subject, little, TEXT, CHOICES)
