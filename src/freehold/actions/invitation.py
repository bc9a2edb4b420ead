"""What others on the local network need to reach this machine's server: addresses, and a key."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from pathlib import Path

_KEY_NAME = "local network"


@dataclass(frozen=True)
class Invitation:
    """How to come in."""

    addresses: tuple[str, ...]
    """Such as `http://192.168.1.7:2411`."""
    names: tuple[str, ...]
    """The hosts in them, and the names that this machine has."""
    secret: str | None
    """A key made just now; None where there are keys already, whose secrets nobody knows here."""

    @property
    def link(self) -> str | None:
        """One address that carries the key, for a phone's camera."""
        if not self.addresses or self.secret is None:
            return None
        return f"{self.addresses[0]}/login#{self.secret}"


def invite(home: Path, port: int) -> Invitation:
    """This machine's addresses, and a key if there is none yet."""
    from freehold.actions.api_keys import ApiKeys

    keys = ApiKeys(home)
    secret = None if keys.all() else keys.make(_KEY_NAME).secret
    hosts = local_addresses()
    return Invitation(
        addresses=tuple(f"http://{_in_address(host)}:{port}" for host in hosts),
        names=(*hosts, *own_names()),
        secret=secret,
    )


def own_names() -> tuple[str, ...]:
    """What this machine is called on its networks."""
    name = socket.gethostname().lower()
    return name, f"{name}.local"


def local_addresses() -> tuple[str, ...]:
    """IPv4 addresses of this machine on its networks, loopback aside; those at home first."""
    import psutil

    found = [
        ipaddress.ip_address(each.address)
        for addresses in psutil.net_if_addrs().values()
        for each in addresses
        if each.family is socket.AF_INET
    ]
    outside = [each for each in found if not each.is_loopback and not each.is_link_local]
    return tuple(
        str(each) for each in sorted(outside, key=lambda each: (not each.is_private, each))
    )


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host
