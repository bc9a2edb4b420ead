"""Ask the local network who shares, and listen for a few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from freehold.share.discovery.gathering import QUESTION, Gathering
from freehold.share.discovery.group import Group, Network
from freehold.share.discovery.service import Heard

_ASK_AT = (0.0, 1.0)
"""Seconds after the beginning: packets get lost."""


def browse(
    seconds: float,
    at: Sequence[Network],
    enough: Callable[[tuple[Heard, ...]], bool] = lambda _: False,
) -> tuple[Heard, ...]:
    """Who says within so many seconds that it shares, or until that is `enough`: claims, all of it.

    Raises UsageError when the network cannot be asked.
    """
    gathering = Gathering()
    with Group(at) as group:
        begun = time.monotonic()
        questions = [begun + each for each in _ASK_AT]
        while (now := time.monotonic()) < begun + seconds and not enough(gathering.heard):
            if questions and now >= questions[0]:
                questions.pop(0)
                for network in group.networks:
                    group.send(QUESTION, network)
            until = min([begun + seconds, *questions])
            if (heard := group.receive(until - now)) is not None:
                gathering.hear(heard[0], heard[1], time.monotonic())
    return gathering.heard
