"""Announcing and browsing over real sockets, on loopback alone."""

from __future__ import annotations

import random
import socket

import pytest
from tests.multicast import loopback_alone

from freehold.errors import UsageError
from freehold.share.discovery.announcing import announced
from freehold.share.discovery.browsing import browse
from freehold.share.discovery.gathering import Gathering
from freehold.share.discovery.group import GROUP, PORT, Group, Network
from freehold.share.discovery.service import Heard, Service

At = tuple[Network, ...]


@pytest.fixture
def loopback() -> At:
    return loopback_alone()


def heard(at: At, *names: str) -> dict[str, Heard]:
    """Who is heard once these are: what is said to all is said once a second."""

    def enough(found: tuple[Heard, ...]) -> bool:
        return {each.name for each in found} >= set(names)

    return {each.name: each for each in browse(20, at, enough)}


def test_two_of_one_name_are_told_apart_and_heard(loopback: At) -> None:
    key = "ed25519:" + "a" * 64
    with announced(Service("Ana", 2412, key), loopback) as ana:
        assert ana.name == "Ana"
        with announced(Service("Ana", 2413, None), loopback) as other:
            assert other.name == "Ana (2)"
            found = heard(loopback, "Ana", "Ana (2)")
    assert (found["Ana"].host, found["Ana"].port, found["Ana"].key) == ("127.0.0.1", 2412, key)
    assert (found["Ana (2)"].port, found["Ana (2)"].key) == (2413, None)


def test_good_bye_is_said(loopback: At) -> None:
    gathering = Gathering()
    with Group(loopback) as listening:
        with announced(Service("Ana", 2412, None), loopback):
            while not gathering.heard and (packet := listening.receive(20)):
                gathering.hear(packet[0], packet[1], 0.0)
            assert [each.name for each in gathering.heard] == ["Ana"]
        while gathering.heard and (packet := listening.receive(20)):
            gathering.hear(packet[0], packet[1], 1.0)
    assert gathering.heard == ()


def test_it_lives_through_a_flood(loopback: At) -> None:
    chance = random.Random(8)
    with (
        announced(Service("Ana", 2412, None), loopback) as ana,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as shouting,
    ):
        ours = loopback[0].interface.ip.packed
        shouting.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, ours)
        for _ in range(20_000):
            shouting.sendto(chance.randbytes(chance.randrange(1, 200)), (GROUP, PORT))
        assert "Ana" in heard(loopback, "Ana")
        assert ana.name == "Ana"


def test_one_that_knows_nothing_of_multicast_is_answered_alone(loopback: At) -> None:
    from freehold.share.discovery.gathering import QUESTION
    from freehold.share.discovery.wire import read

    with (
        announced(Service("Ana", 2412, None), loopback),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain,
    ):
        ours = loopback[0].interface.ip.packed
        plain.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, ours)
        plain.settimeout(20)
        plain.sendto(QUESTION, (GROUP, PORT))
        data, (_, port) = plain.recvfrom(9000)
    assert port == PORT
    assert len(read(data).answers) == 3


def test_where_there_is_no_network_it_is_said() -> None:
    with pytest.raises(UsageError, match="Nobody can be heard"), Group(()):
        pass
