"""What an announcing one says, and when: told the time, it needs no clock and no socket."""

from __future__ import annotations

import random

import pytest

from freehold.share.discovery.gathering import QUESTION, Gathering
from freehold.share.discovery.responder import Responder, Say
from freehold.share.discovery.service import SERVICE, Service
from freehold.share.discovery.wire import ANY, PTR, SRV, Packet, Question, read, write

AT = ("10.0.0.7",)


def service(name: str = "Ana", host: bytes = b"h1") -> Service:
    return Service(name, 2412, None, host=host)


class Wire:
    """Several that announce themselves on one network, with a clock of its own."""

    def __init__(self, *services: Service) -> None:
        self.now = 100.0
        self.chance = random.Random(1)
        self.all = [Responder(each, self.now, self.chance) for each in services]
        self.said: list[tuple[float, Responder, Say]] = []

    def run(self, seconds: float) -> None:
        """Let time go by, each hearing what the others say."""
        for _ in range(round(seconds * 100)):
            self.now += 0.01
            for each in self.all:
                while say := each.due(self.now):
                    self.said.append((self.now, each, say))
                    self.tell(each.packet(say, AT), to=self.all)

    def tell(self, data: bytes, to: list[Responder], source: str = "10.0.0.9") -> None:
        for each in to:
            each.hear(data, source, 5353, self.now)

    def kinds(self) -> list[Say]:
        return [say for _, _, say in self.said]


def test_it_asks_three_times_says_it_twice_and_is_quiet() -> None:
    wire = Wire(service())
    wire.run(10)
    assert wire.kinds() == [Say.PROBE] * 3 + [Say.ANSWER] * 2
    times = [at for at, _, _ in wire.said]
    assert times[0] <= 100.26
    assert times[2] - times[0] == pytest.approx(0.5, abs=0.03)
    assert times[4] - times[3] == pytest.approx(1.0, abs=0.02)
    assert wire.all[0].is_claimed
    assert wire.all[0].wait(wire.now) == pytest.approx(1.0)


def test_a_question_is_answered_once_a_second_however_often_it_is_asked() -> None:
    wire = Wire(service())
    wire.run(5)
    wire.said.clear()
    for _ in range(300):
        wire.tell(QUESTION, wire.all)
        wire.run(0.01)
    assert 3 <= len(wire.said) <= 4
    assert set(wire.kinds()) == {Say.ANSWER}


def test_a_flood_of_questions_is_not_read() -> None:
    wire = Wire(service())
    wire.run(5)
    wire.said.clear()
    for number in range(20_000):
        wire.all[0].hear(QUESTION, f"10.0.{number % 200}.1", 5353, wire.now)
    wire.run(3)
    assert len(wire.said) == 1


def test_what_is_known_already_is_not_said_again() -> None:
    wire = Wire(service())
    wire.run(5)
    wire.said.clear()
    asked = (Question(SERVICE, PTR),)
    wire.tell(write(Packet(asked, answers=(service().pointer(),))), wire.all)
    wire.run(2)
    assert wire.said == []
    wire.tell(write(Packet(asked, answers=(service().pointer(100),))), wire.all)
    wire.run(2)
    assert wire.kinds() == [Say.ANSWER]


@pytest.mark.parametrize(
    ("question", "answered"),
    [
        (Question(service().instance, SRV), True),
        (Question((b"ANA", *SERVICE), ANY), True),
        (Question((b"h1", b"local"), ANY), True),
        (Question((b"Bo", *SERVICE), ANY), False),
        (Question((b"_http", b"_tcp", b"local"), PTR), False),
        (Question(SERVICE, SRV), False),
    ],
)
def test_only_what_is_ours_is_answered(question: Question, answered: bool) -> None:
    wire = Wire(service())
    wire.run(5)
    wire.said.clear()
    wire.tell(write(Packet((question,))), wire.all)
    wire.run(2)
    assert bool(wire.said) is answered


def test_a_plain_dns_client_is_answered_alone() -> None:
    wire = Wire(service())
    wire.run(5)
    (ana,) = wire.all
    asked = write(Packet((Question(SERVICE, PTR),), id=77))
    answer = ana.hear(asked, "10.0.0.9", 40_000, wire.now)
    assert answer is not None
    again = read(write(answer))
    assert (again.id, again.questions) == (77, (Question(SERVICE, PTR),))
    assert all(record.ttl <= 10 and not record.alone for record in again.answers)
    many = [ana.hear(asked, "10.0.0.9", 40_000, wire.now) for _ in range(100)]
    assert sum(each is not None for each in many) <= 5


def test_who_comes_second_takes_a_number() -> None:
    wire = Wire(service())
    wire.run(3)
    wire.all.append(Responder(service(host=b"h2"), wire.now, wire.chance))
    wire.run(5)
    assert [each.service.name for each in wire.all] == ["Ana", "Ana (2)"]
    assert all(each.is_claimed for each in wire.all)


def test_of_two_at_once_one_takes_a_number() -> None:
    wire = Wire(service(host=b"h1"), service(host=b"h2"), service(host=b"h3"))
    wire.run(12)
    assert len({each.service.name for each in wire.all}) == 3
    assert all(each.is_claimed for each in wire.all)
    assert "Ana" in {each.service.name for each in wire.all}


def test_who_disputes_every_name_wins_nothing() -> None:
    """A hostile one says of each name that it is its own: it ends, and nothing is announced."""
    wire = Wire(service())
    for _ in range(600):
        name = wire.all[0].service.name
        theirs = write(Packet(answers=service(name, b"evil").details(), is_response=True))
        wire.tell(theirs, wire.all, "10.0.0.66")
        wire.run(0.05)
    (ana,) = wire.all
    assert ana.is_given_up
    assert not ana.is_claimed
    assert Say.ANSWER not in wire.kinds()
    assert len(wire.said) < 60


def test_good_bye_is_heard() -> None:
    wire = Wire(service())
    wire.run(3)
    gathering = Gathering()
    gathering.hear(wire.all[0].packet(Say.ANSWER, AT), "10.0.0.7", 0.0)
    assert [each.name for each in gathering.heard] == ["Ana"]
    gathering.hear(wire.all[0].packet(Say.GOODBYE, AT), "10.0.0.7", 0.1)
    assert gathering.heard == ()
