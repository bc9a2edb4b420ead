"""What one that announces itself says, and when: probes, announces, answers, gives way, leaves.

RFC 6762, 8 and 9. It is told the time and what arrived, and says what is to be sent: no clock and
no socket are in it. A name that another holds already gets a number; whoever disputes every name
is given up on, and nothing is announced then.
"""

from __future__ import annotations

import random
from dataclasses import replace
from enum import StrEnum

from freehold.errors import FormatError
from freehold.share.discovery.gathering import Throttle
from freehold.share.discovery.service import ALL_SERVICES, SERVICE, Service
from freehold.share.discovery.wire import ANY, PTR, SRV, Packet, Question, Record, read, same, write

_PROBES, _BETWEEN_PROBES = 3, 0.25
_ANNOUNCEMENTS, _BETWEEN_ANNOUNCEMENTS = 2, 1.0
_AGAIN = 1.0
"""Seconds between two times that the same is said to all."""
_LOST = 1.0
"""Seconds that the one of two who lost waits before it asks again."""
_MOST_DISPUTES = 15
_LEGACY_TTL = 10
_PORT = 5353


class Say(StrEnum):
    """Kinds of packet."""

    PROBE = "probe"
    ANSWER = "answer"
    GOODBYE = "goodbye"


class Responder:
    """One service, from its first probe to its good-bye."""

    def __init__(self, service: Service, now: float, chance: random.Random | None = None) -> None:
        self.service = service
        self._wanted = service.name
        self._chance = chance or random.Random()  # noqa: S311 - spreads packets, hides nothing
        self._throttle, self._legacy = Throttle(), Throttle(20, 5)
        self._disputes = 0
        self._next_at: float
        self._probe_from(now + self._chance.uniform(0, _BETWEEN_PROBES))
        self._said_at = float("-inf")
        self._answer_at: float | None = None

    @property
    def is_claimed(self) -> bool:
        """Whether the name is ours, and was said."""
        return self._probes > _PROBES and not self.is_given_up

    @property
    def is_given_up(self) -> bool:
        """Whether somebody disputed every name."""
        return self._disputes > _MOST_DISPUTES

    def due(self, now: float) -> Say | None:
        """What is to be said to all now."""
        if self.is_given_up:
            return None
        if self._probes <= _PROBES:
            return self._probe(now)
        if self._left and now >= self._next_at:
            self._left -= 1
            self._next_at = now + _BETWEEN_ANNOUNCEMENTS
        elif self._answer_at is None or now < self._answer_at:
            return None
        self._answer_at, self._said_at = None, now
        return Say.ANSWER

    def wait(self, now: float) -> float:
        """Seconds until `due` has something to say, if nothing arrives; at most one."""
        times = [now + 1.0]
        if not self.is_given_up:
            times += [self._next_at] if self._left or self._probes <= _PROBES else []
            times += [self._answer_at] if self._answer_at is not None else []
        return max(0.0, min(times) - now)

    def hear(self, data: bytes, source: str, port: int, now: float) -> Packet | None:
        """Take in a packet; the answer that goes to its sender alone, if one does."""
        if self.is_given_up or not self._throttle.lets_in(source, now):
            return None
        try:
            packet = read(data)
        except FormatError:  # anybody can send anything
            return None
        if packet.is_response:
            self._heed_claims(packet.answers + packet.additionals, now)
            return None
        if self._probes <= _PROBES:
            self._heed_probe(packet.authorities, now)
            return None
        if not any(self._is_ours(question) for question in packet.questions):
            return None
        if port != _PORT:
            return self._to_one(packet) if self._legacy.lets_in(source, now) else None
        if packet.authorities or not self._is_known(packet):
            soon = 0.0 if packet.authorities else self._chance.uniform(0.02, 0.12)
            again = _BETWEEN_PROBES if packet.authorities else _AGAIN
            at = max(now + soon, self._said_at + again)
            self._answer_at = at if self._answer_at is None else min(at, self._answer_at)
        return None

    def packet(self, say: Say, addresses: tuple[str, ...]) -> bytes:
        """The bytes of what is said on a network where these are our addresses."""
        service = self.service
        if say is Say.PROBE:
            asked = (Question(service.instance, ANY),)
            return write(Packet(asked, authorities=service.details()))
        if say is Say.GOODBYE:
            gone = (service.pointer(0), *service.details(0), *service.addresses(addresses, 0))
            return write(Packet(answers=gone, is_response=True))
        said = (service.pointer(), *service.details(), *service.addresses(addresses))
        return write(Packet(answers=said, additionals=(service.kind(),), is_response=True))

    def _probe_from(self, at: float) -> None:
        self._probes, self._left, self._next_at = 0, _ANNOUNCEMENTS, at

    def _probe(self, now: float) -> Say | None:
        if now < self._next_at:
            return None
        self._probes += 1
        if self._probes > _PROBES:
            return self.due(now)
        self._next_at = now + _BETWEEN_PROBES
        return Say.PROBE

    def _heed_claims(self, records: tuple[Record, ...], now: float) -> None:
        """Another says that our name is its own: ask again, and take another name if it holds."""
        if not any(self._is_other(record) and record.ttl for record in records):
            return
        self._disputes += 1
        if self._probes <= _PROBES:
            name = f"{self._wanted[:50]} ({self._disputes + 1})"
            self.service = replace(self.service, name=name)
        self._probe_from(now + self._chance.uniform(0, _BETWEEN_PROBES))

    def _heed_probe(self, records: tuple[Record, ...], now: float) -> None:
        """Another wants the same name in the same moment: the larger data goes first."""
        ours = self.service.details()[0].data
        if any(self._is_other(record) and record.data > ours for record in records):
            self._probe_from(now + _LOST)

    def _is_other(self, record: Record) -> bool:
        ours = self.service.details()[0]
        return record.type == SRV and same(record.name, ours.name) and record.data != ours.data

    def _is_ours(self, question: Question) -> bool:
        ours = (self.service.instance, self.service.host_name)
        if any(same(question.name, name) for name in ours):
            return True
        listed = any(same(question.name, name) for name in (SERVICE, ALL_SERVICES))
        return listed and question.type in {PTR, ANY}

    def _is_known(self, packet: Packet) -> bool:
        """Whether who asks says that it knows already, and asks for others."""
        ours = self.service.pointer()
        return any(
            record.data == ours.data and record.ttl * 2 >= ours.ttl for record in packet.answers
        )

    def _to_one(self, asked: Packet) -> Packet:
        """For a program that knows nothing of multicast: as a plain DNS server would answer."""
        said = (self.service.pointer(_LEGACY_TTL), *self.service.details(_LEGACY_TTL))
        plain = tuple(replace(record, alone=False) for record in said)
        return Packet(asked.questions[:1], plain, is_response=True, id=asked.id)
