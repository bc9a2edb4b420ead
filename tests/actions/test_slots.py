"""Places in a model: first come, first served, and conversations find theirs again."""

from __future__ import annotations

import asyncio

import pytest

from freehold.actions.slots import Claim, Slot, Slots
from freehold.errors import TooBusy


def test_a_conversation_finds_its_place_again() -> None:
    async def scene() -> None:
        slots = Slots(3, 0)
        used = {}
        for name in ("a", "b", "c"):
            async with slots.take(Claim(turns=(name, "hello"))) as slot:
                used[name] = slot.index
        assert sorted(used.values()) == [0, 1, 2]  # a free one is taken before one is reused
        async with slots.take(Claim(turns=("b", "hello", "answer", "more"))) as slot:
            assert slot.index == used["b"]
        async with slots.take(Claim(turns=("new",))) as slot:
            assert slot.index == used["a"]  # left longest ago

    asyncio.run(scene())


def test_what_one_owner_said_is_not_read_on_for_another() -> None:
    async def scene() -> None:
        slots = Slots(1, 0)
        async with slots.take(Claim("ada", ("secret",))):
            pass
        claim = Claim("bob", ("secret",))
        async with slots.take(claim) as slot:
            assert not slot.may_reuse(claim)
            assert slot.in_common(claim) == 0
        async with slots.take(claim) as slot:
            assert slot.may_reuse(claim)

    asyncio.run(scene())


def test_those_who_wait_are_served_in_order_and_the_queue_has_an_end() -> None:
    async def scene() -> list[int]:
        slots = Slots(2, 3)
        served: list[int] = []
        leave = asyncio.Event()

        async def ask(number: int) -> None:
            async with slots.take(Claim()):
                served.append(number)
                await leave.wait()

        tasks = [asyncio.create_task(ask(number)) for number in range(5)]
        await asyncio.sleep(0)
        assert (slots.busy, slots.waiting) == (2, 3)
        with pytest.raises(TooBusy, match=r"2 requests .* 3 wait"):
            async with slots.take(Claim()):
                pass
        tasks[3].cancel()  # one loses patience
        leave.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (slots.busy, slots.waiting) == (0, 0)
        return served

    assert asyncio.run(scene()) == [0, 1, 2, 4]


def test_one_who_leaves_just_when_called_lets_the_next_in() -> None:
    async def scene() -> list[int]:
        slots = Slots(1, 5)
        served: list[int] = []

        async def ask(number: int) -> None:
            async with slots.take(Claim()):
                served.append(number)

        async with slots.take(Claim()):
            tasks = [asyncio.create_task(ask(number)) for number in range(3)]
            await asyncio.sleep(0)
        tasks[0].cancel()  # its turn has come, and it has not run yet
        await asyncio.gather(*tasks, return_exceptions=True)
        return served

    assert asyncio.run(scene()) == [1, 2]


def test_a_newcomer_does_not_overtake() -> None:
    async def scene() -> list[str]:
        slots = Slots(1, 5)
        served: list[str] = []

        async def ask(name: str) -> None:
            async with slots.take(Claim()):
                served.append(name)

        async with slots.take(Claim()):
            first = asyncio.create_task(ask("first"))
            await asyncio.sleep(0)
        # The place is free, and promised.
        await asyncio.gather(ask("second"), first)
        return served

    assert asyncio.run(scene()) == ["first", "second"]


def test_common_turns_are_counted_from_the_start() -> None:
    slot = Slot(0, Claim(turns=("a", "b", "c")))
    assert slot.in_common(Claim(turns=("a", "b", "x", "c"))) == 2
    assert slot.in_common(Claim(turns=("b",))) == 0
