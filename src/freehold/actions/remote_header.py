"""The header of a model that is not owned, without fetching the model.

Of a file of gigabytes only its beginning is read, over Range where the server knows it; inside a
wheel only as much is inflated as the header needs. Where a name has several quantizations, one
header is read whole and of the others the tensor table, which is what differs. What is read this
way is what a server says: no hash has proven it.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.actions.header_reader import HeaderRead, HeaderReader
from freehold.errors import (
    AccessDenied,
    FormatError,
    FreeholdError,
    IntegrityError,
    SourceError,
    Unreachable,
)
from freehold.sources.choice import Candidate, candidates
from freehold.sources.interface import Offer, Role

if TYPE_CHECKING:
    from freehold.actions.network import Network
    from freehold.names import ModelRef
    from freehold.progress import Progress
    from freehold.settings import Settings

MOST_CHOICES = 32
"""Quantizations that are looked into; a name with more of them says so."""
_AT_ONCE = 4


@dataclass(frozen=True)
class LookedInto:
    """What a name offers, with the headers that were read. First what `get` would take."""

    offer: Offer
    found: tuple[HeaderRead, ...]
    unread: tuple[tuple[str, str], ...]
    """Models under the name that could not be looked into, and why."""
    fetched: int
    """Bytes that came over the wire for it, without the source's small documents."""


def read_remote(
    ref: ModelRef, settings: Settings, network: Network, progress: Progress
) -> LookedInto:
    """Look into what `ref` names: the file it names, or every quantization there.

    Raises SourceError when it cannot be had, FormatError when nothing there is a GGUF.
    """
    from freehold.sources.registry import source_for

    offer = source_for(ref, settings, network.connect).resolve(ref)
    return look_into(offer, network, progress, every=ref.file is None)


def look_into(
    offer: Offer, network: Network, progress: Progress, *, every: bool = True
) -> LookedInto:
    """The same for an offer at hand. With `every`, the alternatives are looked into as well.

    A file that cannot be read is passed over when there are others, and named in `unread`.
    """
    models = _models(offer, every=every)
    reader = HeaderReader(network)
    unread: list[tuple[str, str]] = []
    with progress.task(f"look into {models[0].name}", unit="headers") as task:
        first, others = _first(models, reader, unread)
        found = [first]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            results = pool.map(lambda each: reader.try_read(each, first), others[:MOST_CHOICES])
            for model, result in zip(others, results, strict=False):
                task.advance(1)
                if isinstance(result, HeaderRead):
                    found.append(result)
                else:
                    unread.append((model.name, result.message))
    unread += [(model.name, "there are too many") for model in others[MOST_CHOICES:]]
    return LookedInto(offer, tuple(found), tuple(unread), reader.fetched)


def _first(
    models: Sequence[Candidate], reader: HeaderReader, unread: list[tuple[str, str]]
) -> tuple[HeaderRead, Sequence[Candidate]]:
    """The first that can be read, and those after it. Raises the first error when none can."""
    failure: FreeholdError | None = None
    for index, model in enumerate(models):
        try:
            return reader.read(model), models[index + 1 :]
        except (FormatError, SourceError, IntegrityError) as error:
            failure = failure or error
            unread.append((model.name, error.message))
            if isinstance(error, Unreachable | AccessDenied):
                break
    raise failure or FormatError("There is nothing to look into.")


def _models(offer: Offer, *, every: bool) -> list[Candidate]:
    """The model that `get` would take, then the others; only GGUF files have such headers."""
    files = [file for file in offer.files if file.role == Role.WEIGHTS]
    chosen = list(candidates(files))
    if not chosen:
        raise FormatError(f"{offer.ref} holds no model weights to look into.")
    if any(file.name.lower().endswith(".safetensors") for file in files):
        raise FormatError(
            f"{offer.ref} has its weights as safetensors, and the engine runs GGUF files.",
            "Look for a GGUF of the same model: `freehold search` and its name.",
        )
    named = [each for each in candidates(offer.alternatives) if each.missing is None]
    others = [each for each in named if each.name.lower().endswith(".gguf")] if every else []
    return [*chosen[:1], *others]
