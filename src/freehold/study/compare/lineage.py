"""How two models are related, where the ledger or their headers know it.

A ledger's record is what was done here; a header's base models are its maker's word.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from freehold.formats.gguf_facts import read_facts

if TYPE_CHECKING:
    from freehold.formats.gguf import GgufHeader
    from freehold.store.lineage import Ancestor
    from freehold.store.model import OwnedModel


def relations(
    first: OwnedModel,
    second: OwnedModel,
    above_first: tuple[Ancestor, ...],
    above_second: tuple[Ancestor, ...],
) -> Iterator[str]:
    """What the ledger says, in sentences; nothing where it knows of no relation."""
    if first.id == second.id:
        yield "They are the same model: the same files, byte for byte."
        return
    if first.weights.digest == second.weights.digest:
        yield "Their weights are the same file, byte for byte."
    one, other = dict(_chain(above_first)), dict(_chain(above_second))
    if second.id in one:
        yield f"{first.name} was made from {second.name}: {one[second.id]}."
    if first.id in other:
        yield f"{second.name} was made from {first.name}: {other[first.id]}."
    for id_ in one.keys() & other.keys():
        yield f"Both were made from one model: {one[id_]}, and {other[id_]}."


def named_bases(first: GgufHeader, second: GgufHeader) -> Iterator[str]:
    """What the headers say of models that both name as their base."""
    bases = [
        {base.name for base in read_facts(header).origin.base_models if base.name}
        for header in (first, second)
    ]
    for name in sorted(bases[0] & bases[1]):
        yield f"Both name {name!r} as the model they were made from."
    for index, header in enumerate((first, second)):
        own = read_facts(header).name
        if own and own in bases[1 - index]:
            which = ("second", "first")[index]
            yield f"The {which} names {own!r}, the other's title, as the model it was made from."


def _chain(ancestors: tuple[Ancestor, ...], said: str = "") -> Iterator[tuple[str, str]]:
    for each in ancestors:
        step = f"{each.parent.relation} from {each.parent.name or each.parent.id[:12]}"
        words = f"{said}, {step}" if said else step
        yield each.parent.id, words
        yield from _chain(each.ancestors, words)
