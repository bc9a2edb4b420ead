"""Who is heard in a few seconds, however many others shout.

Packets are counted before they are read: of a flood, so many a second are looked at and the rest
thrown away. So many names are kept, from one address only a few. Nothing is written anywhere.
"""

from __future__ import annotations

from collections import Counter

from freehold.errors import FormatError
from freehold.share.discovery.service import SERVICE, Heard, gone_in, heard_in
from freehold.share.discovery.wire import PTR, Packet, Question, read, write

_PER_SECOND = 400
_PER_SECOND_FROM_ONE = 40
_MOST = 200
_MOST_FROM_ONE = 4

QUESTION = write(Packet(questions=(Question(SERVICE, PTR),)))
"""Who is here?"""


class Throttle:
    """So many packets a second, from all and from each."""

    def __init__(self, most: int = _PER_SECOND, from_one: int = _PER_SECOND_FROM_ONE) -> None:
        self._most, self._from_one = most, from_one
        self._second, self._count, self._seen = -1, 0, Counter[str]()

    def lets_in(self, source: str, now: float) -> bool:
        """Whether a packet from there may be read now. `now` in seconds of any clock."""
        if int(now) != self._second:
            self._second, self._count = int(now), 0
            self._seen.clear()
        if self._count >= self._most or self._seen[source] >= self._from_one:
            return False
        self._count += 1
        self._seen[source] += 1
        return True


class Gathering:
    """What was heard up to now."""

    def __init__(self) -> None:
        self._throttle = Throttle()
        self._found: dict[tuple[str, str, int], Heard] = {}
        self.left_unread = 0
        """Packets of floods."""

    def hear(self, data: bytes, source: str, now: float) -> None:
        """Take in one packet from an address of this network. Whatever is in it, it is bounded."""
        if not self._throttle.lets_in(source, now):
            self.left_unread += 1
            return
        try:
            packet = read(data)
        except FormatError:  # anybody can send anything: it is no Freehold's
            return
        if not packet.is_response:
            return
        records = packet.answers + packet.additionals
        for name in gone_in(records):
            for key in [key for key in self._found if key[:2] == (name, source)]:
                del self._found[key]
        for heard, ttl in heard_in(records, source):
            if ttl:
                self._keep(heard)

    def _keep(self, heard: Heard) -> None:
        key = (heard.name, heard.host, heard.port)
        from_there = sum(host == heard.host for _, host, _ in self._found)
        if key in self._found or (len(self._found) < _MOST and from_there < _MOST_FROM_ONE):
            self._found[key] = heard

    @property
    def heard(self) -> tuple[Heard, ...]:
        """By name."""
        return tuple(sorted(self._found.values(), key=lambda each: (each.name, each.host)))
