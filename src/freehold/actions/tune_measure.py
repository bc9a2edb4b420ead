"""Measure a plan: load by it in a new process, read a prompt, write an answer, look at the clock.

Every measurement loads anew, since two loads of one plan can differ by where their memory came to
lie; what is compared is never one lucky load. How much is read and written is suited to the
machine: times are then stated for the standard task of 512 and 128 tokens.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.actions.measured_texts import prose, repetitive
from freehold.actions.tune_verdict import Figure, Timing
from freehold.actions.tuned import tuned_plan
from freehold.device.tuning import TunedPlan
from freehold.engine.interface import Delta, Finished, Sampling, TextRequest, Usage
from freehold.errors import EngineError

if TYPE_CHECKING:
    from freehold.engine.interface import Engine, LoadPlan, Model

READ, WRITE = 512, 128
"""Tokens of the standard task."""
_LEAST_READ, _LEAST_WRITE, _MOST_WRITE = 64, 12, 64
_SHORT = 24
"""Tokens of a prompt that is only there to be answered."""


@dataclass(frozen=True)
class Sizes:
    """Tokens to read and to write in one measurement."""

    read: int = READ
    write: int = _MOST_WRITE


@dataclass(frozen=True)
class Measurer:
    """Measures plans for one file."""

    engine: Callable[[str], Engine]
    """By name."""
    plan: LoadPlan
    """By which the file is loaded, in all that is not tuned."""
    sizes: Sizes = Sizes()

    def __call__(self, plan: TunedPlan, figures: Sequence[Figure]) -> Timing:
        """The figures asked for, in seconds of the standard task. Raises EngineError."""
        load = tuned_plan(self.plan, plan)
        began = time.perf_counter()
        with self.engine(plan.engine).load(load) as model:
            answer(model, prose(model, _SHORT), 1)
            start = time.perf_counter() - began
            read, write = self._task(model, figures)
            repeat = None
            if Figure.REPEAT in figures:
                told = answer(model, repetitive(model, self.sizes.read), self.sizes.write)
                repeat = _writing(told)
        return Timing(start if Figure.START in figures else None, read, write, repeat)

    def suited(self, plan: TunedPlan, seconds: float) -> Measurer:
        """The same with sizes that make each figure take about so many seconds here."""
        load = tuned_plan(self.plan, plan)
        with self.engine(plan.engine).load(load) as model:
            answer(model, prose(model, _SHORT), 1)
            told = answer(model, prose(model, _LEAST_READ), _LEAST_WRITE)
        read = _between(_LEAST_READ, seconds * READ / _reading(told), READ)
        write = _between(_LEAST_WRITE, seconds * WRITE / _writing(told), _MOST_WRITE)
        return Measurer(self.engine, self.plan, Sizes(read, write))

    def _task(self, model: Model, figures: Sequence[Figure]) -> tuple[float | None, float | None]:
        if Figure.READ in figures:
            write = self.sizes.write if Figure.WRITE in figures else 1
            told = answer(model, prose(model, self.sizes.read), write)
            return _reading(told), _writing(told) if Figure.WRITE in figures else None
        if Figure.WRITE in figures:
            return None, _writing(answer(model, prose(model, _SHORT), self.sizes.write))
        return None, None


def answer(model: Model, prompt: str, tokens: int) -> Usage:
    """Write exactly so many tokens, the likeliest each time; nothing kept from before is used."""
    wish = Sampling(temperature=0.0, seed=1, max_tokens=tokens, past_the_end=True)
    for piece in model.complete(TextRequest(prompt, wish)):
        if isinstance(piece, Finished):
            return piece.usage
        assert isinstance(piece, Delta)  # noqa: S101 - there is nothing else
    raise EngineError("The engine ended an answer without its figures.")


def _reading(told: Usage) -> float:
    if told.prompt_rate is None:
        raise EngineError("The engine did not say how long a prompt took.")
    return READ / told.prompt_rate


def _writing(told: Usage) -> float:
    if told.answer_rate is None:
        raise EngineError("The engine did not say how long an answer took.")
    return WRITE / told.answer_rate


def _between(least: int, wanted: float, most: int) -> int:
    return max(least, min(most, round(wanted)))
