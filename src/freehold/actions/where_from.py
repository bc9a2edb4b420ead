"""What a word after `get` means: a place, a name that peers know, or a hash and nothing else.

A hash says what is wanted, so anybody may give it. A bare name says nothing of the bytes: what is
owned by that name comes first, then the peers, who must mean the same by it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from freehold.errors import NotFound, NotOwned
from freehold.names import Digest, ModelRef, Scheme
from freehold.sources.interface import Offer, Role
from freehold.store.libraries import Found, Libraries

if TYPE_CHECKING:
    from freehold.actions.peer_copies import PeerCopies

_HASH = "sha256:"


def wanted_hash(ref: ModelRef) -> Digest | None:
    """The hash, where a reference is one. Raises UsageError for one that is not whole."""
    is_hash = ref.scheme is Scheme.FILE and ref.location.lower().startswith(_HASH)
    return Digest.parse(ref.location) if is_hash else None


def is_bare(ref: ModelRef) -> bool:
    """Whether a reference is a name alone: no place, and no file that is here."""
    word = ref.location
    plain = ref.scheme is Scheme.FILE and not set("/\\~:") & set(word) and word[0] != "."
    return plain and not word.endswith((".gguf", ".safetensors")) and not Path(word).exists()


def owned_as(libraries: Libraries, word: str, digest: Digest | None) -> Found | None:
    """The model of exactly that name, or with weights of that hash, in any library that is here."""
    try:
        found = libraries.find(word)
    except NotOwned:
        return None
    model = found.model
    exact = model.name == word.lower() if digest is None else model.weights.digest == digest
    return found if exact else None


def offers_for(ref: ModelRef, digest: Digest | None, peers: PeerCopies) -> list[Offer]:
    """What peers offer for a name or a hash. Raises NotFound, AmbiguousName."""
    if digest is None:
        return peers.named(ref.location)
    offers = [offer for offer in peers.having([digest]) if _is_it(offer, digest)]
    if not offers:
        raise NotFound(
            f"None of your peers that answer has the weights {digest.short}.",
            "Say where they are, such as hf:org/name: what arrives is proven by its hash.",
        )
    return offers


def _is_it(offer: Offer, digest: Digest) -> bool:
    return [file.sha256 for file in offer.files if file.role is Role.WEIGHTS] == [digest]
