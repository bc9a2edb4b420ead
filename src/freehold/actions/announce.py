"""Announce a hub on the networks where it listens, and nowhere else."""

from __future__ import annotations

from contextlib import AbstractContextManager
from ipaddress import ip_address
from typing import TYPE_CHECKING

from freehold.errors import UsageError
from freehold.share.discovery.announcing import Announcement, announced
from freehold.share.discovery.group import Network, networks
from freehold.share.discovery.service import Service

if TYPE_CHECKING:
    from freehold.share.signing.identity import Identity

_NAMELESS = "A Freehold"


def announce(
    identity: Identity | None, host: str, port: int
) -> AbstractContextManager[Announcement]:
    """Announced within: by the name of the key, or without a key by none of its own.

    Raises UsageError where there is no network to announce it on.
    """
    where = _listened_at(host)
    if not where:
        raise UsageError(
            f"There is no local network to announce {host} on.",
            "Share without --announce: freehold peers add HOST:PORT finds it by its address.",
        )
    name = identity.name if identity else _NAMELESS
    return announced(Service(name, port, str(identity.key) if identity else None), where)


def _listened_at(host: str) -> tuple[Network, ...]:
    found = networks()
    try:
        address = ip_address(host)
    except ValueError:  # a name: it is listened at one address of this machine, which one it hides
        return ()
    if address.is_unspecified:
        return tuple(each for each in found if not each.interface.ip.is_loopback)
    return tuple(each for each in found if each.interface.ip == address)
