"""What a Freehold says of itself on the network, as records: a name, a port, its key. DNS-SD.

No model, no user, no folder. The host in it is made up for this once, so that it neither tells what
the machine is called nor gets into the way of another program that answers for that. RFC 6763.
"""

from __future__ import annotations

import ipaddress
import secrets
import struct
from dataclasses import dataclass, field

from freehold.errors import FormatError
from freehold.share.discovery.wire import (
    AAAA,
    PTR,
    SRV,
    TXT,
    A,
    Name,
    Record,
    name_in,
    same,
    write_name,
)

SERVICE: Name = (b"_freehold", b"_tcp", b"local")
ALL_SERVICES: Name = (b"_services", b"_dns-sd", b"_udp", b"local")
_HOST_TTL, _TTL = 120, 4500
_MOST_LABEL = 63


def _made_up() -> bytes:
    return b"freehold-" + secrets.token_hex(4).encode()


@dataclass(frozen=True)
class Service:
    """A Freehold that announces itself."""

    name: str
    """What its owner calls it; cut to 63 bytes."""
    port: int
    key: str | None
    """`ed25519:…`; None shares without one."""
    host: bytes = field(default_factory=_made_up)

    @property
    def instance(self) -> Name:
        """Its own name below the service's."""
        return (_cut(self.name), *SERVICE)

    @property
    def host_name(self) -> Name:
        """Its host's."""
        return (self.host, b"local")

    def pointer(self, ttl: int = _TTL) -> Record:
        """That there is such a one."""
        return Record(SERVICE, PTR, ttl, write_name(self.instance))

    def kind(self) -> Record:
        """That there are Freeholds at all, for programs that list every kind of service."""
        return Record(ALL_SERVICES, PTR, _TTL, write_name(SERVICE))

    def details(self, ttl: int = _HOST_TTL) -> tuple[Record, ...]:
        """Where it is, and its key."""
        place = struct.pack("!HHH", 0, 0, self.port) + write_name(self.host_name)
        said = [b"txtvers=1", *([b"key=" + self.key.encode()] if self.key else [])]
        text = b"".join(bytes((len(each),)) + each for each in said)
        return (
            Record(self.instance, SRV, ttl, place, alone=True),
            Record(self.instance, TXT, ttl, text, alone=True),
        )

    def addresses(self, addresses: tuple[str, ...], ttl: int = _HOST_TTL) -> tuple[Record, ...]:
        """Its addresses on one network."""
        found = [ipaddress.ip_address(each) for each in addresses]
        return tuple(
            Record(self.host_name, A if each.version == 4 else AAAA, ttl, each.packed, alone=True)
            for each in found
        )


@dataclass(frozen=True)
class Heard:
    """A Freehold that somebody announced: all of it claims, but the host it was heard from."""

    name: str
    host: str
    port: int
    key: str | None


def heard_in(records: tuple[Record, ...], source: str) -> list[tuple[Heard, int]]:
    """The Freeholds that a packet from `source` announces, with how long that holds, in seconds.

    The address is where the packet came from, whatever the packet says: nobody can be sent
    anywhere else by a claim. A name that cannot be shown as one short line is left out.
    """
    found = []
    for record in records:
        if record.type != SRV or len(record.name) != 4 or not same(record.name[1:], SERVICE):
            continue
        name, (port,) = _shown(record.name[0]), struct.unpack_from("!H", record.data, 4)
        if name and port:
            texts = [each.data for each in records if each.type == TXT and each.name == record.name]
            found.append((Heard(name, source, port, _key(texts)), record.ttl))
    return found


def gone_in(records: tuple[Record, ...]) -> list[str]:
    """The names of Freeholds that say good-bye."""
    names = []
    for record in records:
        if record.type == PTR and record.ttl == 0 and same(record.name, SERVICE):
            try:
                (label, *_) = name_in(record.data)
            except (FormatError, ValueError):
                continue
            names.append(_shown(label))
    return [name for name in names if name]


def _shown(label: bytes) -> str | None:
    try:
        name = label.decode()
    except UnicodeDecodeError:
        return None
    return name if name.isprintable() and name == name.strip() and name else None


def _key(texts: list[bytes]) -> str | None:
    for text in texts:
        at = 0
        while at < len(text):
            entry = text[at + 1 : at + 1 + text[at]]
            at += 1 + text[at]
            if entry.startswith(b"key=") and len(entry) <= 100:
                return entry[4:].decode("ascii", "replace")
    return None


def _cut(name: str) -> bytes:
    """The longest beginning of a name that fits, whole characters only."""
    return name.encode()[:_MOST_LABEL].decode(errors="ignore").encode()
