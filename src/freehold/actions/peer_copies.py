"""The nearest copies: what the peers that the owner trusts have of the same bytes.

They are asked all at once, and only within a `get` or a `repair`; whoever doesn't answer within a
second is not waited for. What they say is a claim, never the identity of anything that has a hash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from freehold.actions.at_once import at_once
from freehold.errors import AmbiguousName, FreeholdError, NotFound, Unreachable
from freehold.names import Digest, ModelRef, Scheme
from freehold.progress import Progress
from freehold.share.known_peers import address_of
from freehold.sources.interface import Offer, Role
from freehold.sources.peer import PeerSource, place_of

if TYPE_CHECKING:
    from freehold.settings import Settings
    from freehold.share.signing.key import PublicKey
    from freehold.transfer.http import HttpClient
    from freehold.transfer.interface import RemoteFile

SECONDS = 1.0
"""How long a peer may take to say what it has."""
CHUNKS_SECONDS = 5.0
"""And how long until the chunk hashes are here, which are larger."""


@dataclass(frozen=True)
class Near:
    """A peer that may be asked: how it is called, and where it is, as `HOST[:PORT]`."""

    name: str
    place: str
    key: PublicKey | None = None
    """The key that it must prove before anything it says counts; None where none is known."""


def near(settings: Settings, places: Sequence[str], *, ask_known: bool = True) -> list[Near]:
    """The peers at the places named here, and those trusted ones that the settings let be asked.

    Raises StorageError when the book of peers cannot be read.
    """
    from freehold.share.known_peers import known_peers

    known = known_peers(settings.home) if ask_known and settings.peers else ()
    found = {peer.address: Near(peer.name, peer.address, peer.key) for peer in known}
    for place in places:
        address = address_of(*place_of(place))
        found.setdefault(address, Near(place, address))
    return list(found.values())


class PeerCopies:
    """What some peers have. Each question goes to all of them at once."""

    def __init__(self, peers: Sequence[Near], progress: Progress) -> None:
        self._peers, self._progress = tuple(peers), progress

    def having(self, digests: Iterable[Digest]) -> list[Offer]:
        """Every offer with a file of one of these hashes."""
        wanted = frozenset(digests)
        return self._ask(lambda source, near: source.having(near.place, wanted)) if wanted else []

    def named(self, name: str) -> list[Offer]:
        """What they share under a name: the same bytes, from one or several.

        Raises NotFound, Unreachable when none of them answers, and AmbiguousName when they mean
        different bytes by it.
        """

        def ask(source: PeerSource, near: Near) -> list[Offer]:
            try:
                return [source.resolve(ModelRef(Scheme.PEER, near.place, name))]
            except NotFound:
                return []

        offers = self._ask(ask)
        if not offers:
            raise NotFound(
                f"None of your peers that answer shares a model called {name!r}.",
                "See what they share: freehold peers. Or say where it is, such as hf:org/name.",
            )
        kinds = {offer.revision: offer for offer in offers}
        if len(kinds) > 1:
            raise AmbiguousName(
                f"Your peers mean different models by {name!r}.",
                "Name one: "
                + ", ".join(f"{each.ref} ({_weights(each)})" for each in kinds.values())
                + ".",
            )
        return offers

    def _ask(self, ask: Callable[[PeerSource, Near], list[Offer]]) -> list[Offer]:
        if not self._peers:
            return []
        from freehold.transfer.backoff import Patience
        from freehold.transfer.http import HttpClient

        self._progress.note(f"Asking {', '.join(each.name for each in self._peers)}.")
        client = HttpClient(SECONDS, SECONDS, patience=Patience(attempts=1))
        source = PeerSource(client)
        calls = [partial(_proven, ask, source, client, near) for near in self._peers]
        found: list[Offer] = []
        for near, answer in zip(self._peers, at_once(calls, CHUNKS_SECONDS), strict=True):
            if not isinstance(answer, FreeholdError):
                found += answer
            elif isinstance(answer, Unreachable):
                self._progress.note(f"{near.name} does not answer.")
            else:
                self._progress.note(f"{near.name} is of no help: {answer.message}")
        return found


def _proven(
    ask: Callable[[PeerSource, Near], list[Offer]],
    source: PeerSource,
    client: HttpClient,
    near: Near,
) -> list[Offer]:
    """What a peer offers; of one whose key is known, only what its proven list has."""
    if near.key is None:
        return ask(source, near)
    from freehold.actions.peers import listing_of

    shared = {model.id for model in listing_of(*place_of(near.place), near.key, client).models}
    offers = ask(source, near)
    return [offer for offer in offers if (offer.revision or "").removeprefix("sha256:") in shared]


def copies_in(offers: Iterable[Offer]) -> Mapping[Digest, tuple[RemoteFile, ...]]:
    """The files of offers by their hash, those of peers alone.

    Peers that tell the same chunk hashes are one place with several addresses. Where they don't,
    some of them lie and nobody knows which: each group is a place of its own, the largest first.
    """
    groups: dict[Digest, dict[bytes, RemoteFile]] = {}
    for file in (file for offer in offers for file in offer.files):
        for piece in file.pieces:
            if file.sha256 is None or not piece.remote.peers:
                continue
            group = groups.setdefault(file.sha256, {})
            key = b"%d " % (piece.remote.size or 0) + piece.remote.chunks
            group[key] = group[key].joined(piece.remote) if key in group else piece.remote
    return {
        digest: tuple(sorted(group.values(), key=lambda remote: -len(remote.urls)))
        for digest, group in groups.items()
    }


def _weights(offer: Offer) -> str:
    digest = next((file.sha256 for file in offer.files if file.role is Role.WEIGHTS), None)
    return digest.short if digest else "no weights"
