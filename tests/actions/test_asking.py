"""Names are looked up once for all who ask together, and anew when what is owned has changed."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest
from tests.studying import synthetic

from freehold.actions.asking import Asking
from freehold.actions.get import get
from freehold.errors import NotOwned
from freehold.names import ModelRef
from freehold.progress import SILENT
from freehold.settings import Settings
from freehold.store.libraries import Found, Libraries
from freehold.store.store import Store


class Counting(Libraries):
    """Libraries that count the looks, and can hold them up."""

    looks = 0
    go = threading.Event()

    def find(self, query: str) -> Found:
        self.looks += 1
        assert self.go.wait(30)
        return super().find(query)


@pytest.fixture
def libraries(tmp_path: Path) -> Counting:
    with Store.open(tmp_path / "home") as store:
        ref = ModelRef.parse(str(synthetic(tmp_path / "noise.gguf")))
        get(store, Settings(home=tmp_path / "home"), ref)
    found = Counting(tmp_path / "home")
    found.go.set()
    return found


def test_those_who_ask_together_wait_for_one_look(libraries: Counting) -> None:
    async def ask() -> list[Found]:
        asking = Asking(libraries, SILENT)
        together = await asyncio.gather(*(asking.find("noise") for _ in range(16)))
        return [*together, await asking.find("noise")]

    found = asyncio.run(ask())
    assert {each.model.name for each in found} == {"noise"}
    assert libraries.looks == 1


def test_all_are_told_that_there_is_none_and_it_is_looked_for_again(libraries: Counting) -> None:
    async def ask() -> list[Found | BaseException]:
        asking = Asking(libraries, SILENT)
        first = await asyncio.gather(
            *(asking.find("ghost") for _ in range(3)), return_exceptions=True
        )
        return [*first, *await asyncio.gather(asking.find("ghost"), return_exceptions=True)]

    assert all(isinstance(each, NotOwned) for each in asyncio.run(ask()))
    assert libraries.looks == 2


def test_a_look_from_before_a_change_is_not_kept(libraries: Counting) -> None:
    async def ask() -> None:
        asking = Asking(libraries, SILENT)
        libraries.go.clear()
        early = asyncio.create_task(asking.find("noise"))
        await asyncio.sleep(0)
        asking.forget()
        libraries.go.set()
        await early
        await asking.find("noise")

    asyncio.run(ask())
    assert libraries.looks == 2
