"""The socket at which everybody on a network hears everybody: 224.0.0.251, port 5353.

It shares the port with the system's own responder and takes nothing from it: where the system
allows, it is bound to the group's address, so that nothing sent to this machine alone arrives.
"""

from __future__ import annotations

import select
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Interface, ip_address
from types import TracebackType

from freehold.errors import UsageError

GROUP, PORT = "224.0.0.251", 5353
_LINK_LOCAL_HOPS = 255
_MOST_BYTES = 9001


@dataclass(frozen=True)
class Network:
    """A network that this machine is on."""

    interface: IPv4Interface
    """Our address there, and which addresses are on it."""
    addresses: tuple[str, ...]
    """All of ours there that others can use."""


def networks() -> tuple[Network, ...]:
    """Those that this machine is on, loopback too. One by IPv6 alone is not asked."""
    import psutil

    up = {name for name, each in psutil.net_if_stats().items() if each.isup}
    found = []
    for name, rows in psutil.net_if_addrs().items():
        every = [row.address for row in rows if row.family in {socket.AF_INET, socket.AF_INET6}]
        usable = tuple(each for each in every if "%" not in each and not _is_link_local(each))
        for row in rows if name in up else ():
            if row.family is socket.AF_INET and row.netmask:
                found.append(Network(IPv4Interface(f"{row.address}/{row.netmask}"), usable))
    return tuple(found)


def _is_link_local(address: str) -> bool:
    return ip_address(address).is_link_local


class Group:
    """Open at these networks until it is closed."""

    def __init__(self, at: Sequence[Network]) -> None:
        """Raises UsageError when no network lets one in."""
        self._networks = tuple(at)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._open()
        except OSError as error:
            self._socket.close()
            raise UsageError(
                f"Nobody can be heard on the local network: {error.strerror or error}.",
                "Peers can be reached by address too: freehold peers add HOST:PORT",
            ) from error

    def __enter__(self) -> Group:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._socket.close()

    @property
    def networks(self) -> tuple[Network, ...]:
        """Those that it is open at."""
        return self._networks

    def send(self, data: bytes, network: Network) -> None:
        """To everybody on one network."""
        ours = network.interface.ip.packed
        with suppress(OSError):  # a network that is away just now: it is asked again
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, ours)
            self._socket.sendto(data, (GROUP, PORT))

    def send_to(self, data: bytes, host: str, port: int) -> None:
        """To one alone."""
        with suppress(OSError):  # it asked, and has gone
            self._socket.sendto(data, (host, port))

    def receive(self, seconds: float) -> tuple[bytes, str, int] | None:
        """The next packet from somebody on these networks, and from where; None in time."""
        ready, _, _ = select.select([self._socket], [], [], max(0.0, seconds))
        if not ready:
            return None
        try:
            data, (host, port, *_) = self._socket.recvfrom(_MOST_BYTES)
        except OSError:  # on Windows, what was sent before did not arrive
            return None
        return (data, host, port) if self._is_near(host) else None

    def _is_near(self, host: str) -> bool:
        """Whether an address is on one of these networks: from elsewhere nothing is heard."""
        address = ip_address(host)
        return any(address in each.interface.network for each in self._networks)

    def _open(self) -> None:
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT") and not sys.platform.startswith("linux"):
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._socket.bind(("" if sys.platform == "win32" else GROUP, PORT))
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, _LINK_LOCAL_HOPS)
        self._socket.setblocking(False)
        joined = []
        problem: OSError = OSError("this machine is on no network")
        for network in self._networks:
            group = socket.inet_aton(GROUP) + network.interface.ip.packed
            try:
                self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
            except OSError as error:
                problem = error
            else:
                joined.append(network)
        if not joined:
            raise problem
        self._networks = tuple(joined)
