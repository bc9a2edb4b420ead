"""Meet other Freeholds: who answers at an address, whose key it proves, and what it shares.

Only what is called here asks the network, and only the addresses it is given. A peer is asked for
a proof before anything else is taken from it; its list must be the one that the proof is over.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.at_once import at_once
from freehold.errors import FreeholdError, HashMismatch, IntegrityError, NotFound, UsageError
from freehold.share.introduction import MOST_BYTES, Introduction, read_introduction
from freehold.share.known_peers import KnownPeer, MetPeer, PeerBook, address_of, known_peers
from freehold.share.peer_listing import MOST_BYTES as MOST_LISTED
from freehold.share.peer_listing import PeerListing, PeerModel, read_listing
from freehold.share.signing.key import PublicKey
from freehold.share.signing.known_keys import KnownKey, KnownKeys
from freehold.sources.peer import place_of

if TYPE_CHECKING:
    from freehold.transfer.http import HttpClient

__all__ = [
    "KnownPeer",
    "PeerListing",
    "PeerModel",
    "add",
    "ask_peer",
    "known_peers",
    "listing_of",
    "meet",
    "quick_client",
    "trust",
]

_WHOLE_SECONDS = 10.0
"""For one answer, however it comes."""
_NO_HELLO = "Its owner may run an older Freehold, or something else."


def quick_client(seconds: float = 3.0) -> HttpClient:
    """A client for machines that are near: they answer at once, or are not there."""
    from freehold.transfer.backoff import Patience
    from freehold.transfer.http import HttpClient

    return HttpClient(seconds, seconds, patience=Patience(attempts=1))


def ask_peer(peer: KnownPeer, client: HttpClient | None = None) -> PeerListing:
    """What a known peer shares now, its key and the freshness of its list proven.

    Raises IntegrityError for another key or an old proof, HashMismatch for a list that is not the
    one its key vouches for, Unreachable, SourceError.
    """
    return listing_of(peer.host, peer.port, peer.key, client)


def listing_of(
    host: str, port: int, key: PublicKey | None = None, client: HttpClient | None = None
) -> PeerListing:
    """What is shared at an address: by the holder of `key`, where one is given.

    Raises as `ask_peer` does.
    """
    client = client or quick_client()
    address = address_of(host, port)
    introduction = meet(host, port, client)
    if key is not None and (introduction is None or introduction.key != key):
        shown = f"another: {introduction.key.code}" if introduction else "none"
        raise IntegrityError(
            f"{address} should have the key with the code {key.code}, and shows {shown}.",
            "Nothing was taken from it. Ask its owner.",
        )
    data = _get(client, f"http://{address}/freehold/models.json", MOST_LISTED, "list of models")
    if introduction and hashlib.sha256(data).hexdigest() != introduction.listing.hex:
        raise HashMismatch(
            f"{address} gives another list than the one that its key vouches for.",
            "Nothing was taken from it: an old list, or one that somebody made up.",
        )
    return PeerListing(host, port, introduction, read_listing(data, address))


def meet(host: str, port: int, client: HttpClient | None = None) -> Introduction | None:
    """Who answers at an address, proven just now; None when it has no key and says so.

    Raises IntegrityError for a proof that does not hold, NotFound where no Freehold shares,
    Unreachable, SourceError.
    """
    nonce, address = secrets.token_hex(16), address_of(host, port)
    url = f"http://{address}/freehold/hello?nonce={nonce}"
    try:
        data = _get(client or quick_client(), url, MOST_BYTES, "proof of who it is")
    except NotFound as error:
        raise NotFound(
            f"{address} answers, but proves nothing of whose it is.", _NO_HELLO
        ) from error
    return read_introduction(data, nonce, address)


def _get(client: HttpClient, url: str, limit: int, what: str) -> bytes:
    """A small document, from there and nowhere else, within bounds of size and time."""

    def get() -> bytes:
        with client.open(url, follow=False) as response:
            if response.status != 200:
                raise response.error(what)
            return response.read_whole(limit, what)

    (answer,) = at_once([get], _WHOLE_SECONDS)
    if isinstance(answer, FreeholdError):
        raise answer
    return answer


def add(home: Path, place: str, name: str | None = None) -> MetPeer:
    """Meet the peer at `HOST[:PORT]` and write it into the book, with the key that it shows.

    Raises IntegrityError for another key than was met there or known by that name.
    """
    host, port = place_of(place)
    introduction = meet(host, port)
    key = introduction.key if introduction else None
    known = KnownKeys(home).find(key) if key else None
    called = name or (known.name if known else introduction.name if introduction else host)
    peer = MetPeer(called, host, port, key)
    _check_claims(home, peer)
    return PeerBook(home).keep(peer)


def trust(home: Path, peer: MetPeer) -> KnownKey:
    """Know a met peer's key by its name from now on; its owner compared the code before.

    Raises UsageError without a key, or with one's own; IntegrityError as `add` does.
    """
    from freehold.share.signing.identity import load_identity

    own = load_identity(home)
    if peer.key is None:
        raise UsageError(
            f"{peer.address} shares without a key: there is nothing to trust it by.",
            "Its owner makes one with `freehold identity`, and shares again.",
        )
    if own is not None and own.key == peer.key:
        raise UsageError(f"The key at {peer.address} is your own.", "It needs no trust.")
    _check_claims(home, peer)
    known = KnownKeys(home).trust(peer.key, peer.name)
    PeerBook(home).keep(replace(peer, name=known.name))
    return known


def _check_claims(home: Path, peer: MetPeer) -> None:
    """That it does not go by a name, or stand at an address, of somebody else."""
    PeerBook(home).check(peer)
    known = KnownKeys(home).named(peer.name)
    if known is not None and known.key != peer.key:
        code = f"with the code {peer.key.code}" if peer.key else "that there is not"
        raise IntegrityError(
            f"{peer.address} calls itself {peer.name}, and is NOT the key that you know as "
            f"{peer.name}: it shows a key {code}.",
            "If it is another machine of theirs, give it a name of its own: --name NAME.",
        )
