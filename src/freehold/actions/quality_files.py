"""Which files of one model are held against each other, and which of them is the reference."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.actions.open_subject import open_subject
from freehold.errors import UsageError

if TYPE_CHECKING:
    from freehold.store.libraries import Libraries
    from freehold.store.model import OwnedModel
    from freehold.study.subject import Subject

_SAME = ("architecture", "layers", "embedding_width", "vocabulary", "tokenizer")
"""Facts that quantizing leaves alone. The number of parameters is left out: some recipes write a
tied output matrix a second time."""


@dataclass(frozen=True)
class QualityFiles:
    """Open files of one model."""

    reference: Subject
    others: tuple[Subject, ...]


def quality_files(
    libraries: Libraries, names: Sequence[str], against: str | None, stack: ExitStack
) -> QualityFiles:
    """Open them; `stack` closes them.

    With one name and no reference, every owned file of the same model is taken too. Without a
    reference it is the one with the most bits a weight. Raises UsageError where there is nothing
    to compare with.
    """
    from freehold.study.quality import file_facts

    wanted = list(dict.fromkeys(names))
    if len(wanted) == 1 and against is None:
        wanted += _siblings(libraries, wanted[0])
    subjects = [_open(libraries, name, stack) for name in wanted]
    if against is not None:
        reference = _open(libraries, against, stack)
        others = [each for each in subjects if each.path != reference.path]
    else:
        reference = max(subjects, key=lambda each: file_facts(each).bits_per_weight)
        others = [each for each in subjects if each is not reference]
    if not others:
        raise UsageError(
            f"There is nothing to hold {reference.name} against.",
            "Name more files of the same model, or one with more bits: --against OTHER",
        )
    return QualityFiles(reference, tuple(others))


def _open(libraries: Libraries, name: str, stack: ExitStack) -> Subject:
    return stack.enter_context(open_subject(libraries, name, many_traces=True))


def _siblings(libraries: Libraries, name: str) -> list[str]:
    """Other owned files of the model that `name` is."""
    from freehold.errors import NotOwned

    try:
        model = libraries.find(name).model
    except NotOwned:
        return []  # a path; what is wrong with any other name, opening it says
    family = _family(model)
    return [
        each.name
        for each in libraries.store().models()
        if each.id != model.id and family is not None and _family(each) == family
    ]


def _family(model: OwnedModel) -> tuple[object, ...] | None:
    """What all quantizations of a model have in common; None where too little is known."""
    facts = tuple(model.facts.get(name) for name in _SAME)
    title = model.facts.get("title")
    return None if None in facts or title is None else (title, *facts)
