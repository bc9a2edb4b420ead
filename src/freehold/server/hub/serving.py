"""A hub at a socket: the application, the bytes behind it, and the protocol that sends them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from freehold.server.hub.app import make_hub
from freehold.server.hub.civic import Civic
from freehold.server.hub.proven import ProvenFiles
from freehold.server.hub.sending import Connections, sending_http
from freehold.server.serving import Listening

if TYPE_CHECKING:
    from pathlib import Path

    from freehold.share.shelf import Shelf
    from freehold.share.signing.identity import Identity
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store


def hub_server(
    shelf: Shelf,
    owned: Sequence[tuple[Store, OwnedModel]],
    opened: socket.socket,
    *,
    names: Collection[str] = (),
    limit: float | None = None,
    ready: Callable[[], None] | None = None,
    connections: Connections | None = None,
    identity: Identity | None = None,
    civic: Path | None = None,
) -> Listening:
    """The server of a shelf. `owned` are its models with their stores.

    `limit` is in bytes per second, all in all; `names` are further ones that it answers to.
    With an `identity` it proves whose it is; `civic` is a home whose public data is shared too.
    """
    data = Civic(civic) if civic else None
    app = make_hub(shelf, ProvenFiles(owned), names, identity=identity, civic=data)
    return Listening(app, opened, ready, sending_http(connections or Connections(), limit))
