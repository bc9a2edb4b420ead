"""What tuning tries, in the order of likely gain. All of it is measured, none assumed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from freehold.actions.tune_search import Change
from freehold.actions.tune_verdict import Figure
from freehold.device.machine import CoreKind, Processor
from freehold.device.tuning import TunedPlan

ALL = (Figure.START, Figure.READ, Figure.WRITE)
RATES = (Figure.READ, Figure.WRITE)
_BATCHES = ((512, 512), (128, 128), (1024, 512), (64, 64))
"""Tokens read in one go and computed in one go."""
_GUESSES = ((12, 48), (6, 16))
"""Tokens that must match, and tokens then guessed; the engine's own and a quicker kind."""
_QUANTIZED_CACHES = ("Q8_0", "Q4_0")

Kind = Callable[[TunedPlan], Sequence[Change]]


def every_kind(
    processor: Processor, engines: Sequence[str], *, quantized_caches: bool = False
) -> tuple[Kind, ...]:
    """The kinds of changes; each gives its changes as seen from the best plan so far.

    `engines` are names of engines to try beside the plan's own. Caches below 16 bits change
    answers, so they are tried only where the owner allows it.
    """
    counts = thread_counts(processor)
    usual = processor.physical_cores or processor.logical_cores or 1
    kinds: list[Kind] = [
        partial(_engines, engines),
        partial(_threads, counts, usual),
        partial(_batch_threads, counts, usual),
        _batches,
        _attention,
        _repacking,
        _mapping,
    ]
    if quantized_caches:
        kinds.append(_caches)
    return (*kinds, _guessing)


def thread_counts(processor: Processor) -> tuple[int, ...]:
    """How many threads are worth trying: all counts up to four; beyond, where machines differ.

    That is: the physical cores, one less, half of them; the fast cores; all that may be used. No
    more than this process has a share of.
    """
    usable = max(1, math.floor(processor.usable_cores or processor.logical_cores or 1))
    if usable <= 4:
        return tuple(range(usable, 0, -1))
    physical = processor.physical_cores or usable
    marks = [physical, usable, physical - 1, physical // 2, usable // 2]
    for group in processor.core_groups:
        if group.kind is CoreKind.PERFORMANCE:
            marks += [group.physical or group.logical, group.logical]
    return tuple(dict.fromkeys(mark for mark in marks if 1 <= mark <= usable))


def in_words(plan: TunedPlan) -> list[str]:
    """What a plan does otherwise than the defaults do."""
    return list(_differences(plan))


def _differences(plan: TunedPlan) -> Iterator[str]:
    usual = TunedPlan()
    if plan.engine != usual.engine:
        yield f"engine {plan.engine}"
    if plan.threads is not None:
        yield f"{_threads_in_words(plan.threads)} for answers"
    if plan.batch_threads is not None:
        yield f"{_threads_in_words(plan.batch_threads)} for prompts"
    if (plan.batch, plan.micro_batch) != (usual.batch, usual.micro_batch):
        yield f"batches of {plan.batch}/{plan.micro_batch or plan.batch}"
    if plan.flash_attention is not None:
        yield f"flash attention {'on' if plan.flash_attention else 'off'}"
    if not plan.repack:
        yield "weights as they are in the file"
    if not plan.memory_map:
        yield "weights copied into memory"
    if plan.key_type != usual.key_type or plan.value_type != usual.value_type:
        yield f"cache as {plan.key_type}"
    if plan.speculation is not None:
        yield f"guesses of {plan.speculation_longest} after {plan.speculation_match} alike"


def _threads_in_words(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _change(
    words: str, touched: tuple[Figure, ...], guarded: tuple[Figure, ...] = (), /, **to: object
) -> Change:
    # mypy cannot follow names through **to; TunedPlan refuses those it has not.
    return Change(words, lambda plan: replace(plan, **to), touched, guarded)  # type: ignore[arg-type]


def _engines(names: Sequence[str], best: TunedPlan) -> list[Change]:
    others = [name for name in names if name != best.engine]
    return [_change(f"engine {name}", ALL, RATES, engine=name) for name in others]


def _threads(counts: Sequence[int], usual: int, best: TunedPlan) -> list[Change]:
    reading = best.batch_threads or best.threads  # prompts keep what they have
    tried = [count for count in counts if count != (best.threads or usual)]
    return [
        _change(
            f"{_threads_in_words(count)} for answers",
            (Figure.WRITE,),
            threads=count,
            batch_threads=reading or usual,
        )
        for count in tried
    ]


def _batch_threads(counts: Sequence[int], usual: int, best: TunedPlan) -> list[Change]:
    now = best.batch_threads or best.threads or usual
    return [
        _change(f"{_threads_in_words(count)} for prompts", (Figure.READ,), batch_threads=count)
        for count in counts
        if count != now
    ]


def _batches(best: TunedPlan) -> list[Change]:
    return [
        _change(f"batches of {batch}/{micro}", (Figure.READ,), batch=batch, micro_batch=micro)
        for batch, micro in _BATCHES
    ]


def _attention(best: TunedPlan) -> list[Change]:
    if best.value_type != TunedPlan().value_type:
        return []  # quantized values need it
    return [_change("flash attention off", RATES, RATES, flash_attention=False)]


def _repacking(best: TunedPlan) -> list[Change]:
    return [_change("weights as they are in the file", ALL, RATES, repack=False)]


def _mapping(best: TunedPlan) -> list[Change]:
    return [_change("weights copied into memory", ALL, RATES, memory_map=False)]


def _caches(best: TunedPlan) -> list[Change]:
    if best.flash_attention is False:
        return []
    return [
        _change(f"cache as {kind}", RATES, RATES, key_type=kind, value_type=kind)
        for kind in _QUANTIZED_CACHES
    ]


def _guessing(best: TunedPlan) -> list[Change]:
    return [
        _change(
            f"guesses of {longest} after {match} alike",
            (Figure.REPEAT,),
            (Figure.WRITE,),
            speculation="simple",
            speculation_match=match,
            speculation_longest=longest,
        )
        for match, longest in _GUESSES
    ]
