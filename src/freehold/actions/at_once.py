"""Ask many at once and wait for none too long: whoever has not answered in time has not answered.

A server that drips its answer byte by byte keeps a thread, never the one who asked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

from freehold.errors import FreeholdError, Unreachable

T = TypeVar("T")


def at_once(calls: Sequence[Callable[[], T]], seconds: float) -> list[T | FreeholdError]:
    """The answer of each call, in their order; an error in place of those that there are not."""
    arrived: SimpleQueue[tuple[int, T | Exception]] = SimpleQueue()

    def ask(index: int, call: Callable[[], T]) -> None:
        try:
            arrived.put((index, call()))
        except Exception as error:  # noqa: BLE001 - handed to whoever asked, below
            arrived.put((index, error))

    for index, call in enumerate(calls):
        threading.Thread(target=ask, args=(index, call), daemon=True).start()
    answers: dict[int, T | FreeholdError] = {}
    until = time.monotonic() + seconds
    while len(answers) < len(calls):
        try:
            index, answer = arrived.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            break
        if isinstance(answer, Exception) and not isinstance(answer, FreeholdError):
            raise answer
        answers[index] = answer
    late = Unreachable(f"There was no answer within {seconds:g} seconds.")
    return [answers.get(index, late) for index in range(len(calls))]
