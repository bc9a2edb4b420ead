"""Which models stay in memory: pure decisions over measured bytes and times of use.

What a model will need is reserved for it until it is unloaded, whether it has touched it yet or
not; pages of a mapped file are counted as its own although the system would call them free. It
doesn't know processes: see `residence`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from freehold.errors import NotEnoughMemory
from freehold.units import human_bytes


@dataclass(frozen=True)
class Resident:
    """A loaded model, as far as memory is concerned."""

    name: str
    claimed: int
    """Bytes that it will hold at most, as predicted, or more where more was measured."""
    own: int
    """Bytes that it holds now and that the system no longer counts as free."""
    last_used: float
    """Seconds on any clock that only goes forward."""
    staying: str | None = None
    """Why it cannot be unloaded now, in a word such as `pinned`; None when it can."""


def room(available: int, residents: Sequence[Resident]) -> int:
    """Bytes for another model: what is free, less what the loaded ones have yet to touch."""
    return available - sum(max(0, each.claimed - each.own) for each in residents)


def to_unload(need: int, available: int, residents: Sequence[Resident]) -> list[Resident] | None:
    """The models to unload so that `need` bytes fit: the ones used least recently, and no more
    than it takes. None when even unloading all that may go is not enough.
    """
    missing = need - room(available, residents)
    going: list[Resident] = []
    for each in sorted(residents, key=lambda resident: resident.last_used):
        if missing <= 0:
            break
        if each.staying is None:
            going.append(each)
            missing -= max(each.claimed, each.own)
    if missing > 0:
        return None
    for each in reversed(going[:]):  # an old small one may not have been worth its going
        if missing + max(each.claimed, each.own) <= 0:
            going.remove(each)
            missing += max(each.claimed, each.own)
    return going


def does_not_fit(
    name: str, need: int, available: int, total: int, residents: Sequence[Resident]
) -> NotEnoughMemory:
    """The refusal, with every number that it stands on."""
    staying = [
        f"{each.name} ({each.staying}, {human_bytes(max(each.claimed, each.own))})"
        for each in residents
        if each.staying is not None
    ]
    held = f" In memory and staying: {', '.join(staying)}." if staying else ""
    going = sum(max(each.claimed, each.own) for each in residents if each.staying is None)
    free = max(0, room(available, residents) + going)
    return NotEnoughMemory(
        f"{name} needs about {human_bytes(need)} of memory, and {human_bytes(free)} of "
        f"{human_bytes(total)} can be had.{held}",
        "Unpin or wait for what is in use, choose a smaller --context or --parallel, or a smaller "
        "model.",
    )


def idle_ones(residents: Sequence[Resident], now: float, idle_seconds: float) -> list[Resident]:
    """Those that nobody has used for so long and that may go."""
    return [
        each for each in residents if each.staying is None and now - each.last_used >= idle_seconds
    ]
