"""What this machine could run, in one line, for someone who owns no model yet.

From its memory and published shapes alone: nothing is measured, fetched or asked, so that the line
costs no time before a first answer.
"""

from __future__ import annotations

from freehold.actions.fit import USUAL_CONTEXT
from freehold.actions.fit_words import whole_bytes

_PACKED = "Q4_K_M"


def could_run() -> str | None:
    """The largest open model for conversation that the memory has room for; None where none."""
    from freehold.actions.fit_machine import usable_memory
    from freehold.catalogue.entry import Task
    from freehold.catalogue.read import entries
    from freehold.catalogue.shapes import model_shape
    from freehold.device.estimates import RunShape
    from freehold.device.memory import memory
    from freehold.device.memory_need import memory_need

    usable = usable_memory(memory().total) or 0
    needs = [
        (memory_need(model_shape(entry, _PACKED), RunShape(USUAL_CONTEXT)).least, entry)
        for entry in entries()
        if Task.CHAT in entry.tasks and entry.shape and entry.licence.kind == "open source"
    ]
    fitting = [pair for pair in needs if pair[0] <= usable]
    if not fitting:
        return None
    need, entry = max(fitting, key=lambda pair: pair[0])
    return (
        f"This machine has room for models up to {entry.title} ({whole_bytes(need)} with 4-bit): "
        "`freehold fit` says how fast each would be."
    )
