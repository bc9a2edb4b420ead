"""Which address is asked next, with a clock of our own."""

from __future__ import annotations

import pytest

from freehold.errors import HashMismatch, NotFound, Unreachable
from freehold.transfer.backoff import Patience
from freehold.transfer.mirrors import Mirrors

ERROR = Unreachable("away.")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mirrors(clock: Clock) -> Mirrors:
    urls = ["http://a/m", "http://b/m", "http://a/m"]
    return Mirrors(urls, Patience(attempts=3, opening=2, first=1.0, obeyed=60), clock)


def test_the_first_is_kept_as_long_as_it_serves(mirrors: Mirrors, clock: Clock) -> None:
    first, second = mirrors.all
    assert mirrors.pick() == (first, 0.0)
    mirrors.failed(first, ERROR, clock.now, None)
    assert mirrors.pick() == (second, 0.0)
    clock.now += 2
    assert mirrors.pick() == (first, 0.0)


def test_when_all_falter_the_one_that_is_back_first_is_waited_for(
    mirrors: Mirrors, clock: Clock
) -> None:
    first, second = mirrors.all
    mirrors.failed(first, ERROR, clock.now, 30.0)
    mirrors.failed(second, ERROR, clock.now, 10.0)
    assert mirrors.pick() == (second, 10.0)


def test_connections_that_break_together_are_one_failure(mirrors: Mirrors, clock: Clock) -> None:
    first, _ = mirrors.all
    asked_at = clock.now - 5
    assert [mirrors.failed(first, ERROR, asked_at, None) for _ in range(5)] == [False] * 5
    assert first.failures == 1
    clock.now += 1
    assert mirrors.failed(first, ERROR, clock.now, None)


def test_one_that_has_given_bytes_is_met_with_more_patience(mirrors: Mirrors, clock: Clock) -> None:
    first, _ = mirrors.all
    first.gave.add(0, 10)
    outcomes = []
    for _ in range(3):
        clock.now += 1
        outcomes.append(mirrors.failed(first, ERROR, clock.now, None))
    assert outcomes == [False, False, True]


def test_a_wait_that_is_too_long_is_not_waited_for(mirrors: Mirrors, clock: Clock) -> None:
    assert mirrors.failed(mirrors.all[0], ERROR, clock.now, 61.0)


def test_one_that_has_not_shown_that_it_serves_parts_is_asked_once_at_a_time(
    mirrors: Mirrors,
) -> None:
    first, second = mirrors.all
    first.active = second.active = 1
    assert mirrors.pick() is None
    first.ranged = True
    assert mirrors.pick() == (first, 0.0)


def test_avoiding_holds_only_while_there_is_another(mirrors: Mirrors) -> None:
    first, second = mirrors.all
    assert mirrors.pick([first]) == (second, 0.0)
    mirrors.give_up(second, ERROR)
    assert mirrors.pick([first]) == (first, 0.0)


def test_the_last_word_is_of_the_kind_that_all_agree_on(mirrors: Mirrors) -> None:
    first, second = mirrors.all
    mirrors.give_up(first, HashMismatch("a is wrong."))
    mirrors.give_up(second, HashMismatch("b is wrong."))
    error = mirrors.final_error()
    assert isinstance(error, HashMismatch)
    assert "a is wrong. b is wrong." in error.message
    mirrors.give_up(second, NotFound("b has none."))
    assert isinstance(mirrors.final_error(), Unreachable)
