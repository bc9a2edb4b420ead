"""The search: never slower than the defaults, on any noise and on what a machine really said."""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.actions.tune_changes import every_kind, in_words, thread_counts
from freehold.actions.tune_search import FINAL_PAIRS, Change, Record, Search, Trial, choose
from freehold.actions.tune_verdict import Figure, Pair, Timing, Verdict
from freehold.device.machine import CoreGroup, CoreKind, Processor
from freehold.device.plain import from_plain
from freehold.device.tuning import TunedPlan
from freehold.errors import EngineError

DEFAULT = TunedPlan()
FASTER = Change("2 threads", lambda plan: replace(plan, threads=2), (Figure.WRITE,))
RECORDED = Path(__file__).with_name("recorded_tuning.json")


class Machine:
    """Seconds for every plan, by a rule, with noise; it has an end of its own kind of time."""

    def __init__(self, rates: dict[str, float], noise: float = 0.0, seed: int = 0) -> None:
        self.rates, self.noise, self.chance = rates, noise, random.Random(seed)
        self.measured: list[TunedPlan] = []

    def __call__(self, plan: TunedPlan, figures: Sequence[Figure]) -> Timing:
        self.measured.append(plan)
        parts = {figure.value: self._seconds(plan) for figure in figures}
        return Timing(**parts)

    def _seconds(self, plan: TunedPlan) -> float:
        rate = 1.0
        for words in in_words(plan):
            rate *= self.rates.get(words, 1.0)
        return self.chance.lognormvariate(0, self.noise) / rate


def search(machine: Machine, seconds: float = 1e9, cores: int = 2) -> Record:
    processor = Processor(logical_cores=cores, physical_cores=cores, usable_cores=cores)
    clock = {"left": seconds}

    def left() -> float:
        clock["left"] -= 1
        return clock["left"]

    return Search(DEFAULT, machine, left).run(every_kind(processor, ["built"]))


def whole(timing: Timing) -> float:
    return sum(value for value in (timing.start, timing.read, timing.write) if value)


def test_every_change_that_helps_is_found() -> None:
    machine = Machine({"engine built": 1.3, "1 thread for answers": 1.2, "batches of 512/512": 1.1})
    record = search(machine)
    assert in_words(choose(record)) == [
        "engine built",
        "1 thread for answers",
        "2 threads for prompts",
        "batches of 512/512",
    ]


def test_where_nothing_matters_the_defaults_stay() -> None:
    record = search(Machine({}))
    assert choose(record) == DEFAULT
    assert all(len(trial.pairs) == 3 for trial in record.trials)  # given up as soon as it is sure


def test_guessing_is_not_chosen_where_it_slows_plain_text() -> None:
    class Guessing(Machine):
        def __call__(self, plan: TunedPlan, figures: Sequence[Figure]) -> Timing:
            fast = 2.0 if plan.speculation else 4.0
            slow = 1.2 if plan.speculation else 1.0
            return Timing(start=1.0, read=1.0, write=slow, repeat=fast)

    assert choose(search(Guessing({}))).speculation is None


def test_quantized_caches_are_tried_only_with_leave() -> None:
    def names(*, allowed: bool) -> str:
        kinds = every_kind(Processor(logical_cores=1), [], quantized_caches=allowed)
        return " ".join(change.words for kind in kinds for change in kind(DEFAULT))

    assert "cache" not in names(allowed=False)
    assert "cache as Q8_0" in names(allowed=True)


def test_a_winner_that_loses_to_the_defaults_in_the_end_is_not_chosen() -> None:
    class Moody(Machine):
        """Faster with one thread, until the last comparison."""

        def __call__(self, plan: TunedPlan, figures: Sequence[Figure]) -> Timing:
            last = figures == (Figure.START, Figure.READ, Figure.WRITE) and len(self.measured) > 20
            self.measured.append(plan)
            rate = (0.9 if last else 1.5) if plan.threads == 1 else 1.0
            return Timing(*(1 / rate for _ in range(4)))

    record = search(Moody({}))
    assert record.best.threads == 1
    assert len(record.final) == FINAL_PAIRS
    assert choose(record) == DEFAULT


def test_an_engine_that_fails_is_named_and_passed_over() -> None:
    class Broken(Machine):
        def __call__(self, plan: TunedPlan, figures: Sequence[Figure]) -> Timing:
            if plan.engine == "built":
                raise EngineError("The engine ended at once.")
            return super().__call__(plan, figures)

    record = search(Broken({"batches of 512/512": 1.2}))
    assert record.untried == ["engine built: The engine ended at once."]
    assert choose(record).batch == 512


def test_what_there_was_no_time_for_is_named() -> None:
    record = search(Machine({"engine built": 1.5}), seconds=60)
    assert choose(record).engine == "built"
    assert any("no time left" in words for words in record.untried)


class Interrupted(Machine):
    """Ctrl-C while something is measured."""

    def __init__(self, *presses: int) -> None:
        super().__init__({"engine built": 1.5})
        self.presses = presses

    def __call__(self, plan: TunedPlan, figures: Sequence[Figure]) -> Timing:
        told = super().__call__(plan, figures)
        if len(self.measured) in self.presses:
            raise KeyboardInterrupt
        return told


def test_ctrl_c_keeps_what_was_decided_and_compares_it_with_the_defaults() -> None:
    record = search(Interrupted(1 + 12 + 3))
    assert record.interrupted
    assert [trial.after.engine for trial in record.trials] == ["built"]
    assert len(record.final) == FINAL_PAIRS
    assert choose(record).engine == "built"


def test_ctrl_c_before_anything_was_decided_keeps_nothing() -> None:
    record = search(Interrupted(1 + 5))
    assert record.trials == []
    assert choose(record) == DEFAULT


def test_a_second_ctrl_c_ends_it() -> None:
    with pytest.raises(KeyboardInterrupt):
        search(Interrupted(16, 18))


@given(
    rates=st.dictionaries(
        st.sampled_from(["engine built", "1 thread for answers", "flash attention off"]),
        st.floats(0.7, 1.4),
    ),
    noise=st.floats(0, 0.5),
    seed=st.integers(0, 2**16),
)
def test_never_slower_than_the_defaults(rates: dict[str, float], noise: float, seed: int) -> None:
    record = search(Machine(rates, noise, seed))
    if choose(record) != DEFAULT:
        assert len(record.final) == FINAL_PAIRS
        assert statistics.median(whole(p.before) / whole(p.after) for p in record.final) > 1


_seconds = st.floats(0.01, 100)
_timings = st.builds(Timing, _seconds, _seconds, _seconds, _seconds)
_pairs = st.lists(st.builds(Pair, _timings, _timings), max_size=12)
_BETTER = [Pair(Timing(write=2.0), Timing(write=1.0))] * 6


@given(trial=_pairs | st.just(_BETTER), final=_pairs)
def test_the_choice_from_any_record_at_all_is_never_slower(
    trial: list[Pair], final: list[Pair]
) -> None:
    record = Record(DEFAULT, [Trial(FASTER, DEFAULT, FASTER.apply(DEFAULT), tuple(trial))])
    record.final = tuple(final)
    if choose(record) != DEFAULT:
        assert record.trials[0].verdict is Verdict.BETTER
        assert statistics.median(whole(p.before) / whole(p.after) for p in final) > 1
        for figure in ("read", "write"):
            ratios = [getattr(p.before, figure) / getattr(p.after, figure) for p in final]
            assert statistics.median(ratios) > 0.98


def recorded() -> Record:
    """A search on a real machine that other programs used, too: its pairs as measured."""
    told = json.loads(RECORDED.read_text())
    record, best = Record(DEFAULT), DEFAULT
    for each in told["trials"]:
        after = from_plain(TunedPlan, each["after"], "recorded")
        touched = tuple(Figure(name) for name in each["touched"])
        guarded = tuple(Figure(name) for name in each["guarded"])
        change = Change(each["change"], lambda _, after=after: after, touched, guarded)  # type: ignore[misc]
        trial = Trial(change, best, after, _read_pairs(each["pairs"]))
        record.trials.append(trial)
        best = after if trial.verdict is Verdict.BETTER else best
    record.final = _read_pairs(told["final"])
    return record


def _read_pairs(told: list[object]) -> tuple[Pair, ...]:
    return tuple(from_plain(Pair, pair, "recorded") for pair in told)


def test_what_a_real_machine_said_is_decided_the_same_each_time() -> None:
    record = recorded()
    assert [(trial.change.words, trial.verdict) for trial in record.trials] == [
        ("engine built", Verdict.NOT_BETTER),
        ("1 thread for answers", Verdict.BETTER),
        ("flash attention off", Verdict.NOT_BETTER),
    ]
    assert choose(record).threads == 1
    assert statistics.median(whole(p.before) / whole(p.after) for p in record.final) > 1


@given(keep=st.lists(st.integers(0, 5), min_size=6, max_size=6), swap=st.booleans())
def test_real_pairs_in_any_mixture_never_make_it_slower(keep: list[int], swap: bool) -> None:
    record = recorded()
    final = [record.final[index] for index in keep]
    record.final = tuple(Pair(p.after, p.before) if swap else p for p in final)
    if choose(record) != DEFAULT:
        assert not swap  # each of these pairs was won, so each is lost the other way round
        assert statistics.median(whole(p.before) / whole(p.after) for p in record.final) > 1


@pytest.mark.parametrize(
    ("processor", "counts"),
    [
        (Processor(logical_cores=2, physical_cores=2, usable_cores=2.0), (2, 1)),
        (Processor(logical_cores=8, physical_cores=4, usable_cores=1.5), (1,)),
        (Processor(), (1,)),
        (Processor(logical_cores=16, physical_cores=8, usable_cores=16), (8, 16, 7, 4)),
        (
            Processor(
                logical_cores=12,
                physical_cores=10,
                usable_cores=12,
                core_groups=(
                    CoreGroup(CoreKind.PERFORMANCE, logical=4, physical=2),
                    CoreGroup(CoreKind.EFFICIENCY, logical=8, physical=8),
                ),
            ),
            (10, 12, 9, 5, 6, 2, 4),
        ),
    ],
)
def test_thread_counts_suit_the_machine(processor: Processor, counts: tuple[int, ...]) -> None:
    assert thread_counts(processor) == counts
