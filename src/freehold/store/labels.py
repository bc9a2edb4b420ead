"""What an owner says of a model: its name, tags, a note, a pin, a signature; and what happens
to it is noted.

The bytes are never touched. This is the part of the store's face that changes records alone.
"""

from __future__ import annotations

from dataclasses import replace

from freehold.errors import NotOwned, StorageError, UsageError
from freehold.names import slug
from freehold.progress import Progress
from freehold.store.catalogue import Catalogue
from freehold.store.locks import StoreLock
from freehold.store.merging import seen_also
from freehold.store.model import MAX_SIGNATURES, OwnedModel, Sighting, now


class Labels:
    """Changes to models' records, each under the store's lock."""

    _lock: StoreLock
    _catalogue: Catalogue
    _progress: Progress

    def add_sightings(self, model: OwnedModel, sightings: tuple[Sighting, ...]) -> OwnedModel:
        """Note that these very bytes were seen elsewhere too, or again."""
        with self._lock:
            return self._put(seen_also(self._current(model), sightings))

    def rename(self, model: OwnedModel, name: str) -> OwnedModel:
        """Give a model another name. Raises UsageError when another model has it."""
        with self._lock:
            wanted = slug(name)
            if any(m.name == wanted and m.id != model.id for m in self._catalogue.models()):
                raise UsageError(f"Another model is called {wanted}.", "Choose another name.")
            return self._put(replace(self._current(model), name=wanted))

    def tag(self, model: OwnedModel, *tags: str) -> OwnedModel:
        """Add tags: words of your own to find it by."""
        with self._lock:
            current = self._current(model)
            words = (*current.tags, *(slug(tag) for tag in tags))
            return self._put(replace(current, tags=tuple(dict.fromkeys(words))))

    def untag(self, model: OwnedModel, *tags: str) -> OwnedModel:
        """Take tags away; it need not have them."""
        with self._lock:
            current = self._current(model)
            gone = {slug(tag) for tag in tags}
            return self._put(
                replace(current, tags=tuple(tag for tag in current.tags if tag not in gone))
            )

    def note(self, model: OwnedModel, text: str) -> OwnedModel:
        """Write down something about a model, in place of what was there."""
        with self._lock:
            return self._put(replace(self._current(model), notes=text))

    def sign(
        self, model: OwnedModel, signature: str | None, instead_of: tuple[str, ...] = ()
    ) -> OwnedModel:
        """Put a signature before those it has, and take others away. What it says is not read."""
        with self._lock:
            current = self._current(model)
            kept = [text for text in current.signatures if text not in instead_of]
            added = [signature] if signature is not None else []
            signatures = tuple(dict.fromkeys([*added, *kept]))[:MAX_SIGNATURES]
            return self._put(replace(current, signatures=signatures))

    def pin(self, model: OwnedModel, *, pinned: bool = True) -> OwnedModel:
        """Protect a model from removal and collection, or stop to."""
        with self._lock:
            return self._put(replace(self._current(model), pinned=pinned))

    def unpin(self, model: OwnedModel) -> OwnedModel:
        """Let a model be removed again."""
        return self.pin(model, pinned=False)

    def mark_used(self, model: OwnedModel) -> None:
        """Note that a model was used now. On a store that cannot be written: a note, no error."""
        try:
            with self._lock:
                self._put(replace(self._current(model), last_used_at=now()))
        except (StorageError, NotOwned) as error:
            self._progress.note(f"Its use was not noted: {error.message}")

    def _put(self, model: OwnedModel) -> OwnedModel:
        self._catalogue.put_model(model)
        return self._fresh(model)

    def _fresh(self, model: OwnedModel) -> OwnedModel:
        return self._catalogue.model(model.id) or model

    def _current(self, model: OwnedModel) -> OwnedModel:
        current = self._catalogue.model(model.id)
        if current is None:
            raise NotOwned(f"{model.name} is no longer owned.", "`freehold list` shows what is.")
        return current
