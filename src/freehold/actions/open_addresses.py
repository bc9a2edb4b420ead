"""Which addresses a server of ours, and the workers under it, listen at. Asked of the system."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass


@dataclass(frozen=True)
class OpenAddress:
    """One socket that takes connections."""

    host: str
    port: int
    process: str

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        return ipaddress.ip_address(self.host).is_loopback


def open_addresses(pid: int) -> tuple[OpenAddress, ...]:
    """Those of a process and its children; none that this user may not see."""
    import psutil

    found = []
    try:
        server = psutil.Process(pid)
        for process in (server, *server.children(recursive=True)):
            name = "the server" if process is server else "a worker"
            found += [
                OpenAddress(each.laddr.ip, each.laddr.port, name)
                for each in process.net_connections(kind="inet")
                if each.status == psutil.CONN_LISTEN
            ]
    except psutil.Error:  # it ended meanwhile, or is another user's
        return tuple(found)
    return tuple(found)
