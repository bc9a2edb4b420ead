"""The header of a model that is not owned, without fetching the model.

Of a file of gigabytes only its beginning is read, over Range where the server knows it; inside a
wheel only as much is inflated as the header needs. Where a name has several quantizations, one
header is read whole and of the others the tensor table, which is what differs. What is read this
way is what a server says: no hash has proven it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.actions.header_reader import HeaderRead, HeaderReader
from freehold.errors import FormatError
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
    """What a name offers, with the headers that were read. The first is what `get` would take."""

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

    Raises SourceError when it cannot be had, FormatError when what `get` would take is no GGUF.
    """
    from freehold.sources.registry import source_for

    offer = source_for(ref, settings, network.connect).resolve(ref)
    return look_into(offer, network, progress, every=ref.file is None)


def look_into(
    offer: Offer, network: Network, progress: Progress, *, every: bool = True
) -> LookedInto:
    """The same for an offer at hand. With `every`, the alternatives are looked into as well."""
    chosen, *others = _models(offer, every=every)
    reader = HeaderReader(network)
    with progress.task(f"look into {chosen.name}", unit="headers") as task:
        first = reader.read(chosen)
        task.advance(1)
        found, unread = [first], []
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
