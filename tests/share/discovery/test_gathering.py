"""Floods: what is read, kept and remembered is bounded, and the honest are still heard."""

from __future__ import annotations

import random
import tracemalloc
from pathlib import Path

import pytest

from freehold.share.discovery.gathering import QUESTION, Gathering, Throttle
from freehold.share.discovery.service import SERVICE, Service
from freehold.share.discovery.wire import Packet, read, write


def says(name: str, port: int = 2412, ttl: int = 120, key: str | None = None) -> bytes:
    service = Service(name, port, key, host=b"h")
    return write(Packet(answers=(service.pointer(ttl), *service.details(ttl)), is_response=True))


def names(gathering: Gathering) -> list[str]:
    return [each.name for each in gathering.heard]


def test_who_says_it_is_heard_once_with_its_key() -> None:
    gathering = Gathering()
    for _ in range(3):
        gathering.hear(says("Ana", key="ed25519:ab"), "10.0.0.7", 0.0)
    (ana,) = gathering.heard
    assert (ana.name, ana.host, ana.port, ana.key) == ("Ana", "10.0.0.7", 2412, "ed25519:ab")


def test_who_leaves_is_gone_and_nobody_else_can_say_so() -> None:
    gathering = Gathering()
    gathering.hear(says("Ana"), "10.0.0.7", 0.0)
    gathering.hear(says("Ana", ttl=0), "10.0.0.66", 0.1)
    assert names(gathering) == ["Ana"]
    gathering.hear(says("Ana", ttl=0), "10.0.0.7", 0.2)
    assert names(gathering) == []


def test_questions_are_no_answers() -> None:
    gathering = Gathering()
    gathering.hear(QUESTION, "10.0.0.7", 0.0)
    assert gathering.heard == ()
    assert read(QUESTION).questions[0].name == SERVICE


def test_a_hundred_thousand_packets(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In three seconds: 10,000 names, and random bytes, from one address and from 250."""
    chance = random.Random(8)
    forged = [says(f"Nobody {n}", port=n % 60_000 + 1) for n in range(10_000)]
    gathering = Gathering()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(100_000):
        now = 3 * number / 100_000
        source = "10.0.0.66" if number % 2 else f"10.0.0.{number // 2 % 250 + 1}"
        data = forged[number % 10_000] if number % 3 else chance.randbytes(60)
        gathering.hear(data, source, now)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # An honest one says it twice, as the first time gets lost among the others.
    gathering.hear(says("Ana"), "10.0.0.7", 4.0)
    with capsys.disabled():
        print(
            f"\n  100,000 packets: {gathering.left_unread} left unread, "
            f"{len(gathering.heard)} names kept, {(most - before) // 1000} kB at most"
        )
    assert gathering.left_unread >= 98_000
    assert len(gathering.heard) <= 200
    assert sum(each.host == "10.0.0.66" for each in gathering.heard) <= 4
    assert most - before < 1_000_000
    assert not home.exists()  # nothing was written down


def test_a_flood_from_one_leaves_room_for_others() -> None:
    gathering = Gathering()
    for number in range(5_000):
        gathering.hear(says(f"Nobody {number}"), "10.0.0.66", 0.5)
    gathering.hear(says("Ana"), "10.0.0.7", 0.5)
    assert "Ana" in names(gathering)
    assert len(gathering.heard) == 5


def test_so_many_in_a_second_and_no_more() -> None:
    throttle = Throttle(most=10, from_one=3)
    assert [throttle.lets_in("a", 0.1) for _ in range(5)] == [True] * 3 + [False] * 2
    assert sum(throttle.lets_in(f"{n}", 0.2) for n in range(50)) == 7
    assert throttle.lets_in("a", 1.0)
