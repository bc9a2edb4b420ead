"""Say on the local network that a Freehold shares here, until it stops; then say good-bye.

A thread of its own, with one socket that is open only meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from freehold.share.discovery.group import Group, Network
from freehold.share.discovery.responder import Responder, Say
from freehold.share.discovery.service import Service
from freehold.share.discovery.wire import write

_FIRST_SECONDS = 5.0
"""For a name of its own to be found, after which it goes on being looked for."""
_PATIENCE = 0.2


class Announcement:
    """What is announced now."""

    def __init__(self, service: Service, group: Group) -> None:
        self._group = group
        self._responder = Responder(service, time.monotonic())
        self._stop, self.settled = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="announcing", daemon=True)

    @property
    def name(self) -> str | None:
        """What it is announced as; None while it is not."""
        return self._responder.service.name if self._responder.is_claimed else None

    def start(self) -> None:
        """Begin, and come back when there is a name, or none can be had for now."""
        self._thread.start()
        self.settled.wait(_FIRST_SECONDS)

    def stop(self) -> None:
        """Take it back, and end."""
        self._stop.set()
        self._thread.join()
        if self._responder.is_claimed:
            self._say(Say.GOODBYE)

    def _run(self) -> None:
        while not self._stop.is_set():
            now = time.monotonic()
            if say := self._responder.due(now):
                self._say(say)
                if say is Say.ANSWER:
                    self.settled.set()
            heard = self._group.receive(min(self._responder.wait(now), _PATIENCE))
            if heard is not None:
                data, host, port = heard
                answer = self._responder.hear(data, host, port, time.monotonic())
                if answer is not None:
                    self._group.send_to(write(answer), host, port)
            if self._responder.is_given_up:
                self.settled.set()

    def _say(self, say: Say) -> None:
        for network in self._group.networks:
            self._group.send(self._responder.packet(say, network.addresses), network)


@contextmanager
def announced(service: Service, at: Sequence[Network]) -> Iterator[Announcement]:
    """The service is announced on these networks within. Raises UsageError when it cannot be."""
    with Group(at) as group:
        announcement = Announcement(service, group)
        announcement.start()
        try:
            yield announcement
        finally:
            announcement.stop()
