"""Own a model under a further name, with words or settings of its own, made from one that is owned.

No weights are copied: both models have the same blobs, and those stay until the last of them is
removed. What is new (a system prompt, parameters, a template) are small files of the new model,
and a note says what it was made from, so that it is a model of its own even with nothing changed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from freehold.actions.recipe import JINJA, PARAMS, SYSTEM, TEMPLATE
from freehold.errors import UsageError
from freehold.names import slug
from freehold.progress import SILENT, Progress
from freehold.store.model import NewModel, OwnedFile, Parent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from freehold.store.model import OwnedModel
    from freehold.store.store import Store

MADE = "derived.json"
"""The file that says what a model was made from."""
RELATION = "derived"


@dataclass(frozen=True)
class Changes:
    """What is to be different. What is None or empty stays as it was."""

    system: str | None = None
    template: str | None = None
    """A chat template in Jinja."""
    parameters: Mapping[str, Any] = field(default_factory=dict)


def derive(
    store: Store,
    source: OwnedModel,
    name: str,
    changes: Changes = Changes(),
    progress: Progress = SILENT,
) -> OwnedModel:
    """Own `source` as `name`, with `changes`.

    One that was itself made in this way is replaced when it has that name; any other name that is
    taken is refused. Raises UsageError, DamagedModel, StorageError.
    """
    wanted = slug(name)
    before = next((model for model in store.models() if model.name == wanted), None)
    if before is not None and not is_derived(before):
        raise UsageError(
            f"Another model is called {wanted}.",
            f"Choose another name; `freehold edit {wanted} --name NEW` renames it.",
        )
    store.check_ready(source, progress)
    made = store.add_model(_described(store, source, wanted, changes, progress))
    if before is not None and before.id != made.id:
        store.remove(before)
        made = store.rename(made, wanted)
    return made


def is_derived(model: OwnedModel) -> bool:
    """Whether it was made from another in this way."""
    return any(file.name == MADE for file in model.files)


def _described(
    store: Store, source: OwnedModel, name: str, changes: Changes, progress: Progress
) -> NewModel:
    texts = _texts(store, source, changes)
    note = {"name": name, "from": source.id, "called": source.name}
    texts[MADE] = ("other", json.dumps(note, indent=1, sort_keys=True))
    replaced = {role for role, _ in texts.values() if role != "other"}
    kept = [file for file in source.files if file.role not in replaced and file.name != MADE]
    with store.staging(f"derived {name}") as staging:
        for file in kept:
            store.keep(file.digest, progress)
        new = [
            _own(store, staging.path(file_name), file_name, role, text)
            for file_name, (role, text) in texts.items()
        ]
        staging.discard()
    parents = (Parent(source.id, RELATION, source.name, _detail(changes)),)
    return NewModel(
        name=name,
        files=(*kept, *new),
        licence=source.licence,
        facts=dict(source.facts),
        parents=source.parents if source.name == name else parents,  # it takes that one's place
    )


def _texts(store: Store, source: OwnedModel, changes: Changes) -> dict[str, tuple[str, str]]:
    """The new files, by name, with their roles."""
    texts: dict[str, tuple[str, str]] = {}
    if changes.system is not None:
        texts["system.txt"] = (SYSTEM, changes.system)
    if changes.template is not None:
        texts["chat_template" + JINJA] = (TEMPLATE, changes.template)
    if changes.parameters:
        merged = {**_parameters(store, source), **changes.parameters}
        texts["params.json"] = (PARAMS, json.dumps(merged, indent=1, sort_keys=True))
    return texts


def _parameters(store: Store, source: OwnedModel) -> dict[str, Any]:
    from freehold.actions.recipe import read_parameters

    found: dict[str, Any] = {}
    for file in source.files:
        if file.role == PARAMS:
            found |= read_parameters(store, source, file)
    return found


def _own(store: Store, path: Any, name: str, role: str, text: str) -> OwnedFile:
    path.write_text(text, encoding="utf-8")
    record = store.add_file(path, move=True)
    return OwnedFile(name, role, record.digest, record.size)


def _detail(changes: Changes) -> str | None:
    said = [word for word in ("system", "template", "parameters") if getattr(changes, word)]
    return ", ".join(said) or None
