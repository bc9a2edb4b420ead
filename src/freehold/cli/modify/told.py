"""What every part of `modify` says at the end: what was made, from what, under which licence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from freehold.cli.describe import licence_words, model_json
from freehold.cli.terminal import print_json, printable
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.store.model import OwnedModel


def tell_made(
    model: OwnedModel,
    next_step: str,
    as_json: bool,
    figures: Mapping[str, Any] | None = None,
    lines: tuple[str, ...] = (),
) -> int:
    """Print it; `figures` go into the JSON, `lines` to a person, before all else."""
    if as_json:
        print_json({**model_json(model), **(figures or {})})
        return 0
    for line in lines:
        print(printable(line))
    kind = model.facts.get("kind", "model")
    print(f"{model.name}: a new {kind}, {human_bytes(model.size)}, {licence_words(model.licence)}")
    for parent in model.parents:
        print(printable(f"  {parent.relation} {parent.name}: {parent.detail or ''}".rstrip(": ")))
    print(printable(next_step))
    return 0
