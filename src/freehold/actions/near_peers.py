"""Who is near: heard on the local network, or met before; each asked to prove whose it is.

What is heard is a claim and is never written down. Of a peer whose key is trusted, a new address is
kept once it has proven the key there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path

from freehold.actions.at_once import at_once
from freehold.actions.peers import listing_of, quick_client
from freehold.errors import FreeholdError, IntegrityError, UsageError
from freehold.share.known_peers import MetPeer, PeerBook, address_of
from freehold.share.peer_listing import PeerListing
from freehold.share.signing.identity import load_identity
from freehold.share.signing.key import PublicKey
from freehold.share.signing.known_keys import KnownKeys

_MOST_ASKED = 128
_SECONDS = 5.0
"""For all who were found to answer, at once."""


class Standing(StrEnum):
    """What a peer is to the owner."""

    TRUSTED = "trusted"
    OWN = "own"
    """This Freehold's own key."""
    MET = "met"
    """It has the key that it had when it was added; nobody compared the code."""
    NEW = "new"
    """It has a key, seen for the first time."""
    UNSIGNED = "unsigned"
    """It has no key: whose it is nobody can tell."""
    FALSE = "false"
    """It is not who it says, or has another key than before."""
    SILENT = "silent"
    """It is not there now, or gives no proper answer."""


@dataclass(frozen=True)
class NearPeer:
    """One peer. `models` are names of what it shares, by its own account."""

    name: str
    """The owner's name for it, or else what it calls itself."""
    host: str
    port: int
    standing: Standing
    key: PublicKey | None = None
    models: tuple[str, ...] = ()
    problem: str | None = None
    is_heard: bool = False
    """Whether it announces itself on the network."""

    @property
    def address(self) -> str:
        """`host:port`."""
        return address_of(self.host, self.port)


def look_around(home: Path, seconds: float) -> tuple[NearPeer, ...]:
    """Listen so long, then ask everybody found and everybody in the book, all at once.

    Raises UsageError when the network cannot be asked.
    """
    from freehold.share.discovery.browsing import browse
    from freehold.share.discovery.group import networks

    heard = browse(seconds, networks())
    book = PeerBook(home)
    places = {(peer.host, peer.port): peer.name for peer in book.all()}
    known = set(places)
    for each in heard:
        places.setdefault((each.host, each.port), each.name)
    asked = list(places.items())[:_MOST_ASKED]
    client = quick_client()
    calls = [partial(listing_of, host, port, client=client) for (host, port), _ in asked]
    judge = _Judge(home, book)
    found: dict[object, NearPeer] = {}
    loud = {(each.host, each.port) for each in heard}
    for (place, name), answer in zip(asked, at_once(calls, _SECONDS), strict=True):
        peer = judge.judge(place, name, answer)
        if peer.standing is Standing.SILENT and place not in known:
            continue  # it announced itself and does not share
        # One that is heard on two networks is one.
        found.setdefault(
            peer.key if peer.problem is None and peer.key else place,
            replace(peer, is_heard=place in loud),
        )
    peers = _without_old_addresses(tuple(found.values()), book)
    for peer in peers:
        _keep_address(home, peer, book)
    order = list(Standing)
    return tuple(sorted(peers, key=lambda each: (order.index(each.standing), each.name)))


def announced_as(word: str, seconds: float) -> tuple[str, int]:
    """Where the one peer is that announces itself by this name. Raises UsageError."""
    from freehold.share.discovery.browsing import browse
    from freehold.share.discovery.group import networks

    places = {
        (each.host, each.port): each.key
        for each in browse(seconds, networks())
        if each.name == word
    }
    if not places:
        raise UsageError(
            f"Nobody near is called {word!r}.", "See freehold peers, or give its address."
        )
    if len(places) > 1 and len(set(places.values())) > 1:
        several = ", ".join(address_of(*place) for place in places)
        raise UsageError(f"Several near are called {word!r}: {several}.", "Give an address.")
    return next(iter(places))


class _Judge:
    """Says what each answer is worth, by the owner's own lists."""

    def __init__(self, home: Path, book: PeerBook) -> None:
        self._book, self._keys = book, KnownKeys(home)
        own = load_identity(home)
        self._own = own.key if own else None

    def judge(
        self, place: tuple[str, int], name: str, answer: PeerListing | FreeholdError
    ) -> NearPeer:
        if isinstance(answer, FreeholdError):
            is_false = isinstance(answer, IntegrityError)
            standing = Standing.FALSE if is_false else Standing.SILENT
            return NearPeer(name, *place, standing, problem=answer.message)
        models = tuple(model.name for model in answer.models)
        proof = answer.introduction
        met = MetPeer(name, *place, answer.key)
        if proof is None:
            standing, problem = Standing.UNSIGNED, self._problem(met)
        elif proof.key == self._own:
            standing, problem, name = Standing.OWN, None, proof.name
        elif known := self._keys.find(proof.key):
            standing, problem, name = Standing.TRUSTED, None, known.name
        else:
            name = proof.name
            is_met = any(each.key == proof.key for each in self._book.all())
            standing = Standing.MET if is_met else Standing.NEW
            problem = self._problem(replace(met, name=name))
        if problem:
            standing = Standing.FALSE
        return NearPeer(name, *place, standing, answer.key, models, problem)

    def _problem(self, met: MetPeer) -> str | None:
        """Why it cannot be who it says, if so."""
        known = self._keys.named(met.name)
        if known is not None and known.key != met.key:
            return f"It calls itself {met.name}, and is NOT the key that you know as {met.name}."
        try:
            self._book.check(met)
        except IntegrityError as error:
            return error.message
        return None


def _without_old_addresses(peers: tuple[NearPeer, ...], book: PeerBook) -> tuple[NearPeer, ...]:
    """Without what is left at the address of a peer that has proven itself at another."""
    here = {peer.key for peer in peers if peer.problem is None and peer.key}
    return tuple(
        peer
        for peer in peers
        if peer.standing is not Standing.SILENT
        or (met := book.at(peer.host, peer.port)) is None
        or met.key not in here
    )


def _keep_address(home: Path, peer: NearPeer, book: PeerBook) -> None:
    """Where a trusted peer is now, proven."""
    if peer.standing is not Standing.TRUSTED or peer.key is None:
        return
    now = MetPeer(peer.name, peer.host, peer.port, peer.key)
    if now not in book.all():
        PeerBook(home).keep(now)
