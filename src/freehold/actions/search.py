"""What a name offers, before anything big is fetched; and what the Hub has under a few words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.names import ModelRef, Scheme

if TYPE_CHECKING:
    from freehold.actions.network import Network
    from freehold.settings import Settings
    from freehold.sources.hub_api import HubHit
    from freehold.sources.interface import Offer


@dataclass(frozen=True)
class Looked:
    """An offer, and the other tags or versions that the name has, where the source lists them."""

    offer: Offer
    tags: tuple[str, ...]


def look(ref: ModelRef, settings: Settings, network: Network) -> Looked:
    """Resolve a reference without fetching it. Raises SourceError."""
    from freehold.sources.registry import source_for

    source = source_for(ref, settings, network.connect)
    offer = source.resolve(ref)
    tags: tuple[str, ...] = ()
    if ref.scheme is Scheme.OCI:
        from freehold.sources.oci import OciSource

        tags = OciSource(network.connect()).tags(ref)
    return Looked(offer, tags)


def search_hub(words: str, settings: Settings, network: Network, most: int) -> list[HubHit]:
    """Repositories with GGUF files whose name or card has these words, most downloaded first."""
    from freehold.sources.hub_api import HubApi

    api = HubApi(network.connect(), settings.hf_endpoint, settings.hf_token)
    return api.search(words, most)
