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
from freehold.sources.interface import Offer, Role
from freehold.sources.peer import PeerSource

if TYPE_CHECKING:
    from freehold.settings import Settings
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


def near(settings: Settings, places: Sequence[str], *, ask_known: bool = True) -> list[Near]:
    """The peers at the places named here, and those trusted ones that the settings let be asked."""
    return [Near(place, place) for place in dict.fromkeys(places)]


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
        calls = [partial(ask, source, near) for near in self._peers]
        found: list[Offer] = []
        for near, answer in zip(self._peers, at_once(calls, CHUNKS_SECONDS), strict=True):
            if not isinstance(answer, FreeholdError):
                found += answer
            elif isinstance(answer, Unreachable):
                self._progress.note(f"{near.name} does not answer.")
            else:
                self._progress.note(f"{near.name} is of no help: {answer.message}")
        return found


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
