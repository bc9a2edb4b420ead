"""Models as `fit` judges them: out of the catalogue, out of the store, or from a header afar."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from freehold.actions.fit import Build, Figure, OwnedBuild, Subject
from freehold.errors import FormatError, StorageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from freehold.actions.header_reader import HeaderRead
    from freehold.actions.remote_header import LookedInto
    from freehold.catalogue.entry import CatalogueEntry
    from freehold.formats.gguf import GgufHeader
    from freehold.settings import Settings
    from freehold.store.model import LicenceKind, OwnedModel
    from freehold.store.store import Store

LADDER = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q3_K_M", "Q2_K")
"""Quantizations tried of a model in the catalogue. Sixteen bits cost twice the memory and time of
eight, and no benchmark tells the answers apart."""
_BY_THEIR_MAKERS = {"gpt-oss": "MXFP4"}
"""Families that were trained in few bits: to pack them again saves little and loses something."""
_KINDS: dict[str, LicenceKind] = {
    "open source": "open source",
    "open with restrictions": "open with restrictions",
}
_READERS = frozenset({"embedding", "rerank"})


@cache
def catalogue_subjects() -> tuple[Subject, ...]:
    """Every model in the catalogue."""
    from freehold.catalogue.read import entries

    return tuple(catalogue_subject(entry) for entry in entries())


def catalogue_subject(entry: CatalogueEntry) -> Subject:
    """One model of the catalogue, in each quantization of the ladder."""
    tasks = tuple(str(task) for task in entry.tasks)
    unknown = None
    if entry.shape is None:
        unknown = entry.missing or "its shape is not in the catalogue"
    return Subject(
        name=entry.id,
        builds=_builds(entry) if entry.shape is not None else (),
        tasks=tasks,
        licence=entry.licence.name,
        licence_kind=_KINDS.get(entry.licence.kind, "unknown"),
        quality=_figures(entry),
        writes=not _READERS.issuperset(tasks),
        beside=entry.beside_what if entry.beside else None,
        unknown=unknown,
    )


def owned_subject(store: Store, model: OwnedModel, settings: Settings) -> Subject:
    """An owned model, by the headers of its own files; one that cannot be read says why."""
    licence = model.licence.spdx or model.licence.name
    bare = Subject(
        model.name,
        (),
        tasks=("chat",) if model.facts.get("chat") else (),
        licence=licence,
        licence_kind=model.licence.kind,
        owned=True,
    )
    if "format" in model.facts:
        what = f"it is kept as {model.facts['format']}, and the engine runs GGUF files"
        return replace(bare, unknown=what)
    try:
        return _by_headers(bare, store, model, settings)
    except (FormatError, StorageError) as error:
        return replace(bare, unknown=error.message)


def _by_headers(bare: Subject, store: Store, model: OwnedModel, settings: Settings) -> Subject:
    from freehold.actions.load import LoadChoices, chosen_plan
    from freehold.actions.owning import read_parts
    from freehold.actions.tuned import choose_engine
    from freehold.formats.shape_of import shape_of

    headers = read_parts(store.weights_paths(model))
    chosen = choose_engine(settings, model)
    choices = LoadChoices(threads=settings.threads, tuned=chosen.plan)
    plan = chosen_plan(store, model, choices)
    owned = OwnedBuild(model.weights.digest.hex, plan, chosen.engine)
    build = Build(_quantization(headers), shape_of(*headers), owned=owned)
    return replace(bare, builds=(build,), writes=_writes(headers[0]))


def remote_subject(looked: LookedInto) -> Subject:
    """What a name offers: its files, and split models, as ways of packing one model."""
    from freehold.actions.describe import licence_of
    from freehold.formats.gguf_facts import read_facts

    first = looked.found[0]
    facts = read_facts(first.headers[0])
    licence = licence_of(looked.offer.licence, facts)
    return Subject(
        str(looked.offer.ref),
        tuple(_remote_build(looked, found) for found in looked.found),
        licence=licence.spdx or licence.name,
        licence_kind=licence.kind,
        writes=_writes(first.headers[0]),
    )


def _remote_build(looked: LookedInto, found: HeaderRead) -> Build:
    from freehold.formats.shape_of import shape_of

    ref = looked.offer.ref
    if len(looked.found) > 1:
        ref = replace(ref, file=found.name)
    quantization = found.quantization or _quantization(found.headers)
    return Build(quantization, shape_of(*found.headers), str(ref))


def _builds(entry: CatalogueEntry) -> tuple[Build, ...]:
    from freehold.catalogue.shapes import model_shape

    only = _BY_THEIR_MAKERS.get(entry.architecture)
    ladder = (only,) if only else LADDER
    hub = next((each for each in entry.sources if each.startswith("hf:")), None)
    return tuple(
        Build(name, model_shape(entry, name), f"{hub}:{name}" if hub else None) for name in ladder
    )


def _figures(entry: CatalogueEntry) -> tuple[Figure, ...]:
    from freehold.catalogue.read import sources

    known = sources()
    return tuple(
        Figure(each.benchmark, each.value, known[each.source].url, each.setting)
        for each in entry.quality
    )


def _quantization(headers: Sequence[GgufHeader]) -> str | None:
    from freehold.formats.gguf_facts import read_facts

    return read_facts(*headers).weights.quantization


def _writes(header: GgufHeader) -> bool:
    """Whether it makes text: not an encoder, nor one that says how its output is pooled."""
    from freehold.formats.gguf_lookup import integer, text

    architecture = text(header, "general.architecture") or ""
    return integer(header, f"{architecture}.pooling_type") is None
