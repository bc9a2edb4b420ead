"""Offer to get a model that is not owned yet: what it is, its size and licence; then ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from freehold.cli.reporting import progress
from freehold.cli.terminal import confirm, note
from freehold.errors import NotOwned
from freehold.names import ModelRef
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.settings import Settings
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store


def offer_starter(store: Store, settings: Settings, *, yes: bool) -> OwnedModel:
    """Get the starter model if its owner-to-be agrees."""
    from freehold.actions.could_run import could_run
    from freehold.actions.starter import STARTER

    note(
        f"You own no model yet. {STARTER.title} is a small one to start with: "
        f"{human_bytes(STARTER.size)} to keep ({human_bytes(STARTER.download_size)} to fetch), "
        f"licence {STARTER.licence} (open source), from {STARTER.ref}."
    )
    if not yes and (larger := could_run()):
        note(larger)
    return _get_if_agreed(store, settings, STARTER.ref, yes=yes)


def offer_ref(store: Store, settings: Settings, text: str, *, yes: bool) -> OwnedModel:
    """The owned model that came from this reference, or the offer to get it."""
    ref = ModelRef.parse(text)
    try:
        return store.find(str(ref))
    except NotOwned:
        note(f"{ref} is not owned yet.")
        return _get_if_agreed(store, settings, ref, yes=yes)


def _get_if_agreed(store: Store, settings: Settings, ref: ModelRef, *, yes: bool) -> OwnedModel:
    from freehold.actions.get import get

    agreed = confirm("Get it now?", assume_yes=yes)
    if agreed is None:
        raise NotOwned(
            f"{ref} is not owned, and there is no terminal to ask on.", "Add --yes to get it."
        )
    if not agreed:
        raise NotOwned(f"{ref} was not fetched.", f"Whenever you like: freehold get {ref}")
    got = get(store, settings, ref, progress=progress())
    note(f"Yours: {got.model.name} ({human_bytes(got.model.size)}).")
    return got.model
