"""Which of several quantizations to get, by their own headers: the largest that fits right now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from freehold.device.memory import memory
from freehold.errors import FormatError, NotEnoughMemory
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.actions.network import Network
    from freehold.names import ModelRef
    from freehold.progress import Progress
    from freehold.sources.interface import Offer


def best_by_header(offer: Offer, network: Network, progress: Progress) -> ModelRef | None:
    """The reference of the largest model on offer whose need the memory free now can meet.

    None when there is nothing with a header to read, such as safetensors. Raises NotEnoughMemory
    with the numbers when none fits, SourceError when nothing can be read.
    """
    from freehold.actions.fit import USUAL_CONTEXT
    from freehold.actions.remote_header import look_into
    from freehold.device.estimates import RunShape
    from freehold.device.memory_need import memory_need
    from freehold.formats.shape_of import shape_of

    try:
        looked = look_into(offer, network, progress)
    except FormatError:
        return None  # no GGUF: sizes alone have to decide
    needs = []
    for found in looked.found:
        shape = shape_of(*found.headers)
        run = RunShape(min(USUAL_CONTEXT, shape.context_length or USUAL_CONTEXT))
        needs.append((memory_need(shape, run).least, found.name))
    free = memory().available
    fitting = [pair for pair in needs if pair[0] <= free]
    if not fitting:
        least, name = min(needs)
        raise NotEnoughMemory(
            f"Nothing of {offer.ref} fits: {name}, the smallest, needs {human_bytes(least)} of "
            f"memory and {human_bytes(free)} is free."
        )
    return replace(offer.ref, file=max(fitting)[1])
