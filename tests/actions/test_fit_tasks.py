"""Does this task need anyone else's computer? Answered within one benchmark, with both numbers."""

from __future__ import annotations

from dataclasses import replace

from tests.actions.test_fit import GB, LAPTOP, machine_reading, subject

from freehold.actions.fit import Figure, FitRow, Subject, Wishes, judge_all
from freehold.actions.fit_tasks import Place, answer_tasks


def rated(name: str, parameters: int, **scores: float) -> Subject:
    figures = tuple(Figure(each, score, "its report") for each, score in scores.items())
    return subject(name, parameters, tasks=("chat",), quality=figures)


def rows(*models: Subject, bandwidth: float = 50 * GB, free: int | None = 12 * GB) -> list[FitRow]:
    capacity = replace(LAPTOP, free=free)
    return judge_all(models, capacity, machine_reading(bandwidth), Wishes())


def test_the_best_by_one_benchmark_and_never_across_two() -> None:
    (answer,) = answer_tasks(
        rows(
            rated("one", 10**9, mmlu=40),
            rated("two", 2 * 10**9, mmlu=55),
            rated("other", 10**9, arena=1300),
        )
    )
    assert answer.place is Place.HERE
    assert answer.words == "no: two does it here at about 24 tokens/s; mmlu 55"
    assert (answer.benchmark, answer.score, answer.best) == ("mmlu", 55, None)


def test_the_best_that_does_not_fit_stands_beside_it() -> None:
    (answer,) = answer_tasks(rows(rated("one", 10**9, mmlu=40), rated("huge", 10**12, mmlu=90)))
    assert answer.words.endswith("mmlu 40; the best listed, huge, scores 90 and needs 611 GB")
    assert answer.best_score == 90


def test_without_figures_the_largest_that_is_fast_enough() -> None:
    (answer,) = answer_tasks(rows(rated("one", 10**9), rated("two", 2 * 10**9)))
    assert answer.model is not None
    assert answer.model.subject.name == "two"
    assert answer.benchmark is None


def test_slow_is_partly() -> None:
    (answer,) = answer_tasks(rows(rated("one", 14 * 10**9), bandwidth=10 * GB))
    assert answer.place is Place.PARTLY
    assert answer.words.startswith("partly: one fits with 4-bit, but slowly")
    (answer,) = answer_tasks(rows(rated("one", 10**9), free=0))
    assert answer.place is Place.PARTLY


def test_nothing_that_fits_is_yes_with_what_it_would_take() -> None:
    (answer,) = answer_tasks(rows(rated("huge", 10**12), rated("huger", 2 * 10**12)))
    assert answer.place is Place.ELSEWHERE
    assert answer.words == "yes: the smallest listed, huge, needs 611 GB"


def test_nothing_that_could_be_judged_is_unknown() -> None:
    (answer,) = answer_tasks(rows(Subject("odd", (), tasks=("speech",), unknown="no shape")))
    assert answer.place is Place.UNKNOWN


def test_a_benchmark_that_is_about_the_task_goes_before_a_commoner_one() -> None:
    models = [rated("one", 10**9, MTEB=50, IFEval=70), rated("two", 2 * 10**9, MTEB=60, IFEval=60)]
    (answer,) = answer_tasks(rows(*models, rated("three", 10**9, MTEB=90)))
    assert (answer.benchmark, answer.score) == ("IFEval", 70)
    (answer,) = answer_tasks(rows(models[0], rated("three", 10**9, MTEB=90)))
    assert (answer.benchmark, answer.score) == ("MTEB", 90), "one alone cannot be compared"


def test_what_is_good_with_words_is_not_taken_to_be_good_with_pictures() -> None:
    seeing = [
        replace(rated(name, size * 10**9, GPQA=score), tasks=("vision",))
        for name, size, score in (("one", 1, 80), ("two", 2, 40))
    ]
    (answer,) = answer_tasks(rows(*seeing))
    assert answer.benchmark is None
    assert answer.model is not None
    assert answer.model.subject.name == "two"
