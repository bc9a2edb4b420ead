"""The search for the best plan: one change at a time, each measured against the best so far.

It knows nothing of engines: it is given a function that measures a plan, and the changes to try in
the order of their likely gain. What it returns is the whole record, from which `choose` decides, so
that a record kept from another day gives the same answer.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from freehold.actions.tune_verdict import Figure, Pair, Timing, Verdict, no_worse, verdict
from freehold.device.tuning import TunedPlan
from freehold.errors import EngineError

FINAL_PAIRS = 6
"""Of the last comparison, of the winner with the defaults."""
TASK = (Figure.START, Figure.READ, Figure.WRITE)
"""What a person waits for."""

Measure = Callable[[TunedPlan, Sequence[Figure]], Timing]
"""Load by that plan and measure those figures."""


@dataclass(frozen=True)
class Change:
    """Something to try."""

    words: str
    apply: Callable[[TunedPlan], TunedPlan]
    """The best plan so far, with the change."""
    touched: tuple[Figure, ...]
    """What it can make faster: the sum of these decides."""
    guarded: tuple[Figure, ...] = ()
    """What must not get slower by more than a hair."""

    @property
    def figures(self) -> tuple[Figure, ...]:
        """What has to be measured."""
        return tuple(dict.fromkeys((*self.touched, *self.guarded)))


@dataclass(frozen=True)
class Trial:
    """A change and what was measured of it."""

    change: Change
    before: TunedPlan
    after: TunedPlan
    pairs: tuple[Pair, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """What the pairs say; `OPEN` where they came to an end too soon."""
        return verdict(self.pairs, self.change.touched, self.change.guarded)

    @property
    def gain(self) -> float:
        """Median logarithm of how many times faster."""
        return statistics.median(pair.gain(self.change.touched) for pair in self.pairs)


@dataclass
class Record:
    """Everything that was measured."""

    default: TunedPlan
    trials: list[Trial] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)
    final: tuple[Pair, ...] = ()
    """The defaults beside `best`, all figures of `figures`."""
    interrupted: bool = False

    @property
    def best(self) -> TunedPlan:
        """The defaults with every change that proved better."""
        kept = [trial.after for trial in self.trials if trial.verdict is Verdict.BETTER]
        return kept[-1] if kept else self.default

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Of the last comparison: the task, and the repetitive one where that was tuned for."""
        return (*TASK, Figure.REPEAT) if self.best.speculation else TASK


def choose(record: Record) -> TunedPlan:
    """The best plan if it also held against the defaults directly; else the defaults.

    It held if the whole task takes no longer in the median, and if neither reading nor writing by
    itself is slower than by a hair. A comparison that was not finished holds nothing.
    """
    if record.best == record.default or len(record.final) < FINAL_PAIRS:
        return record.default
    whole = statistics.median(pair.gain(record.figures) for pair in record.final)
    each = [figure for figure in record.figures if figure is not Figure.START]
    return record.best if whole > 0 and no_worse(record.final, each) else record.default


class Search:
    """One search, which `seconds_left` brings to its end."""

    def __init__(
        self,
        default: TunedPlan,
        measure: Measure,
        seconds_left: Callable[[], float],
        tell: Callable[[Trial], None] = lambda _: None,
    ) -> None:
        self.record = Record(default)
        self._measure = measure
        self._left = seconds_left
        self._tell = tell
        self._took: list[float] = []
        """Seconds that each pair of measurements took: what the last comparison may take."""

    def run(self, changes: Sequence[Callable[[TunedPlan], Sequence[Change]]]) -> Record:
        """Try every change, then compare the winner with the defaults.

        Each item gives the changes of one kind, seen from the best plan so far. Ctrl-C leaves the
        change at hand undecided and goes on to the comparison; a second one raises.
        """
        began = self._left()
        self._measure(self.record.default, TASK)  # warms the disk's cache, and says what one takes
        self._took.append(2 * (began - self._left()))
        try:
            for kind in changes:
                for change in kind(self.record.best):
                    self._try(change)
        except KeyboardInterrupt:
            self.record.interrupted = True
        if self.record.best != self.record.default:
            self.record.final = self._compare()
        return self.record

    def _try(self, change: Change) -> None:
        before = self.record.best
        after = change.apply(before)
        if after == before:
            return
        if self._left() < self._reserve() * 2:
            self.record.untried.append(f"{change.words}: no time left")
            return
        trial = Trial(change, before, after)
        try:
            while trial.verdict is Verdict.OPEN:
                if trial.pairs and self._left() < self._reserve():
                    self.record.untried.append(f"{change.words}: no time left")
                    return
                pair = self._pair(before, after, change.figures)
                trial = replace(trial, pairs=(*trial.pairs, pair))
        except EngineError as error:
            self.record.untried.append(f"{change.words}: {error.message}")
            return
        self.record.trials.append(trial)
        self._tell(trial)

    def _pair(self, before: TunedPlan, after: TunedPlan, figures: Sequence[Figure]) -> Pair:
        left = self._left()
        pair = Pair(self._measure(before, figures), self._measure(after, figures))
        self._took.append(left - self._left())
        return pair

    def _compare(self) -> tuple[Pair, ...]:
        best, default, figures = self.record.best, self.record.default, self.record.figures
        return tuple(self._pair(default, best, figures) for _ in range(FINAL_PAIRS))

    def _reserve(self) -> float:
        """Seconds that the last comparison will take."""
        return statistics.median(self._took) * FINAL_PAIRS
