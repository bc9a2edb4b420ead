"""The few facts the ledger keeps of a model, so that listing and loading need not open the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freehold.formats.beside import Beside
    from freehold.formats.gguf_facts import GgufFacts, Network
    from freehold.sources.interface import LicenceClaim
    from freehold.store.model import Fact, Licence

_CACHE_BYTES_PER_NUMBER = 2  # the engine keeps keys and values as 16-bit floats unless told


def read_model_facts(path: Path) -> GgufFacts:
    """Read the header of a GGUF file. Raises FormatError. Split models: see `owning.read_parts`."""
    from freehold.formats.gguf import read_header
    from freehold.formats.gguf_facts import read_facts

    return read_facts(read_header(path))


def plain_facts(facts: GgufFacts) -> dict[str, Fact]:
    """What the ledger keeps: plain numbers and words. A fact that is not known is left out."""
    network = facts.network
    kept: dict[str, Fact] = {
        "title": facts.name,
        "architecture": facts.architecture,
        "parameters": facts.weights.parameters,
        "quantization": facts.weights.quantization,
        "context_length": network.context_length,
        "layers": network.layers,
        "embedding_width": network.embedding_width,
        "vocabulary": facts.tokenizer.vocabulary,
        "tokenizer": facts.tokenizer.model,
        "chat": facts.chat_template is not None,
        "cache_bytes_per_token": _cache_bytes_per_token(network),
    }
    return {name: value for name, value in kept.items() if value is not None}


def beside_facts(beside: Beside, title: str | None) -> dict[str, Fact]:
    """The same of an adapter or a control vector. Its `kind` is what tells it from a model."""
    kept: dict[str, Fact] = {
        "kind": str(beside.kind),
        "title": title,
        "architecture": beside.architecture,
        "changed": beside.changed,
        "rank": beside.rank,
        "base_name": beside.base_name,
        "base_sha256": beside.base_sha256,
    }
    return {name: value for name, value in kept.items() if value is not None}


def licence_of(claim: LicenceClaim, facts: GgufFacts | None) -> Licence:
    """The licence as the source claims it; where it says nothing, as the file itself does."""
    from freehold.store.licences import classify

    if claim.spdx is not None or claim.name is not None or facts is None:
        return classify(claim.spdx, claim.name)
    # A header's licence is a name in no fixed spelling ("apache-2.0", "gemma", "other").
    said = facts.origin.licence
    better = facts.origin.licence_name if said in {None, "other"} else None
    return classify(None, better or said)


def _cache_bytes_per_token(network: Network) -> int | None:
    """Bytes that one token of context takes: over the layers, key-value heads times (key width +
    value width) times the bytes of a number. Layers with a sliding window take less than this.
    """
    from freehold.formats.gguf_facts import at_layer

    if not (network.layers and network.key_width and network.value_width):
        return None
    heads = [at_layer(network.kv_heads, layer) for layer in range(network.layers)]
    width = network.key_width + network.value_width
    return sum(count or 0 for count in heads) * width * _CACHE_BYTES_PER_NUMBER
