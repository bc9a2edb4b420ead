"""How much of the machine other programs used while something was measured."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

NOTICEABLE = 0.1
"""From this share of the processor on, others have slowed a measurement by more than its noise."""


@dataclass
class Others:
    """What they used, known when the block has ended."""

    share: float = 0.0
    """Of all the processor's time."""


@contextmanager
def other_programs() -> Iterator[Others]:
    """Their time over all there is, within the block."""
    import psutil

    others = Others()
    began, all_before, ours_before = time.monotonic(), _busy(psutil.cpu_times()), _our_time()
    yield others
    there_was = (time.monotonic() - began) * (os.cpu_count() or 1)
    theirs = _busy(psutil.cpu_times()) - all_before - (_our_time() - ours_before)
    others.share = min(1.0, max(0.0, theirs / there_was))


def _busy(times: Any) -> float:
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0))


def _our_time() -> float:
    times = os.times()  # with those of workers that have ended
    return times.user + times.system + times.children_user + times.children_system
