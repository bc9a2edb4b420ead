"""Models in memory, with the fake engine's processes: loaded once, unloaded for a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import tiny_gguf

from freehold.actions.get import get
from freehold.actions.residence import Residence, ResidenceChoices
from freehold.actions.tuned import Chosen
from freehold.actions.ways_to_load import Wishes, ways_to_load
from freehold.device.memory import Memory
from freehold.engine.fake import FakeEngine
from freehold.errors import EngineError, ModelRefused, NotEnoughMemory, NotOwned
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.libraries import Libraries
from freehold.store.store import Store

GB = 10**9


@pytest.fixture
def owned(home: Path, tmp_path: Path) -> Path:
    with Store.open(home) as store:
        for name in ("alpha", "beta", "gamma"):
            path = tmp_path / f"{name}.gguf"
            path.write_bytes(tiny_gguf(name))
            get(store, Settings(home=home), ModelRef.parse(str(path)))
    return home


class Machine:
    """A machine with room for some tiny models, each of which takes what `need` says."""

    def __init__(self, owned: Path, engine: FakeEngine, **choices: Any) -> None:
        self.available = 8 * GB
        self.engine = engine
        self.libraries = Libraries(owned)
        self.residence = Residence(
            self.libraries,
            lambda _: Chosen(engine),
            ResidenceChoices(Wishes(context=512, parallel=1), **choices),
            measure=lambda: Memory(8 * GB, self.available),
        )

    def need(self) -> int:
        """Bytes that one of them is predicted to take."""
        return self.residence.models[0].need

    async def touch(self, *names: str) -> None:
        for name in names:
            async with self.residence.use(name):
                pass

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.residence.models]


def run(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scene)


def test_a_model_is_loaded_once_however_many_ask(owned: Path) -> None:
    engine = FakeEngine(seconds_to_load=0.05)
    machine = Machine(owned, engine)

    async def scene() -> None:
        await asyncio.gather(*(machine.touch("alpha") for _ in range(5)), machine.touch("beta"))

    run(scene())
    assert len(engine.loaded) == 2
    assert sorted(machine.names) == ["alpha", "beta"]


def test_the_one_used_least_recently_makes_room(owned: Path) -> None:
    machine = Machine(owned, FakeEngine())

    async def scene() -> None:
        await machine.touch("alpha")
        machine.available = 2 * machine.need()  # of which alpha has reserved one
        await machine.touch("beta", "alpha")
        machine.available = 2 * machine.need() + machine.need() // 2
        await machine.touch("gamma")

    run(scene())
    assert machine.names == ["alpha", "gamma"]
    beta = machine.engine.loaded[1]
    assert not beta.alive()


def test_busy_and_pinned_ones_stay_and_the_refusal_says_so(owned: Path) -> None:
    machine = Machine(owned, FakeEngine(), pinned=("alpha",))

    async def scene() -> None:
        await machine.touch("alpha")
        machine.available = 2 * machine.need() + machine.need() // 2
        async with machine.residence.use("beta"):
            with pytest.raises(NotEnoughMemory) as caught:
                await machine.touch("gamma")
        assert "gamma" in caught.value.message
        assert "alpha (pinned" in caught.value.message
        assert "beta (busy" in caught.value.message
        await machine.touch("gamma")  # now beta may go

    run(scene())
    assert machine.names == ["alpha", "gamma"]


@pytest.mark.parametrize("lets_go", [True, False])
def test_a_guest_is_asked_to_go_before_a_model_is_refused(owned: Path, lets_go: bool) -> None:
    machine = Machine(owned, FakeEngine(), pinned=("alpha",))
    asked = []

    async def guest() -> bool:
        asked.append(True)
        if lets_go:
            machine.available = 8 * GB
        return lets_go

    async def scene() -> None:
        machine.residence.guest = guest
        await machine.touch("alpha")
        assert not asked  # there was room
        machine.available = machine.need() // 2
        if lets_go:
            await machine.touch("beta")
        else:
            with pytest.raises(NotEnoughMemory):
                await machine.touch("beta")
        assert len(asked) == 1

    run(scene())


def test_a_model_pinned_in_the_store_stays(owned: Path) -> None:
    with Store.open(owned) as store:
        store.pin(store.find("alpha"))
    machine = Machine(owned, FakeEngine(), idle_seconds=0.0)

    async def scene() -> None:
        await machine.touch("alpha", "beta")
        await machine.residence.unload_idle()

    run(scene())
    assert machine.names == ["alpha"]


def test_idle_models_are_unloaded_and_come_back(owned: Path) -> None:
    machine = Machine(owned, FakeEngine(), idle_seconds=0.0)

    async def scene() -> None:
        async with machine.residence.use("alpha"):
            await machine.residence.unload_idle()
            assert machine.names == ["alpha"]  # it is in use
        await machine.residence.unload_idle()
        assert machine.names == []
        await machine.touch("alpha")

    run(scene())
    assert len(machine.engine.loaded) == 2


def test_a_dead_one_is_replaced(owned: Path) -> None:
    machine = Machine(owned, FakeEngine())

    async def scene() -> None:
        await machine.touch("alpha")
        machine.engine.loaded[0].close()
        async with machine.residence.use("alpha") as loaded:
            assert loaded.model.alive()

    run(scene())
    assert len(machine.engine.loaded) == 2


def test_what_cannot_be_loaded_is_forgotten(owned: Path) -> None:
    machine = Machine(owned, FakeEngine())

    async def scene() -> None:
        await machine.touch("alpha")
        blob = machine.residence.models[0].plan.weights
        await machine.residence.unload(machine.residence.models[0])
        good = blob.read_bytes()
        blob.chmod(0o644)
        blob.unlink()
        with pytest.raises(Exception, match="alpha"):
            await machine.touch("alpha")
        assert machine.names == []
        blob.write_bytes(good)

    run(scene())
    with pytest.raises(NotOwned):
        run(machine.touch("omega"))


def test_what_is_left_open_shrinks_to_fit(owned_home: Path) -> None:
    found = Libraries(owned_home).find("smollm2")
    ways = ways_to_load(found, "answer", Wishes(), None)
    shapes = [(way.plan.context, way.plan.parallel) for way in ways]
    assert shapes == [(8192, 4), (8192, 2), (8192, 1), (4096, 4), (4096, 2), (4096, 1)]
    third = Residence(
        Libraries(owned_home),
        lambda _: Chosen(FakeEngine()),
        ResidenceChoices(),
        measure=lambda: Memory(8 * GB, ways[2].need),
    )

    async def scene() -> None:
        async with third.use("smollm2") as loaded:
            assert (loaded.plan.context, loaded.plan.parallel) == shapes[2]

    run(scene())
    chosen = ways_to_load(found, "answer", Wishes(context=1024, parallel=3), None)
    assert [(way.plan.context, way.plan.parallel) for way in chosen] == [(1024, 3)]


def test_a_closed_house_takes_nobody_in(owned: Path) -> None:
    machine = Machine(owned, FakeEngine())

    async def scene() -> None:
        await machine.residence.close()
        with pytest.raises(Exception, match="stopping"):
            await machine.touch("alpha")

    run(scene())


def test_closing_does_not_wait_for_what_is_still_on_its_way(owned: Path) -> None:
    machine = Machine(owned, FakeEngine(seconds_to_load=600))

    async def scene() -> None:
        asking = asyncio.create_task(machine.touch("alpha"))
        while not (machine.residence.models and machine.residence.models[0].coming):
            await asyncio.sleep(0.01)
        await machine.residence.close()
        with pytest.raises(EngineError, match="closed"):
            await asking

    run(scene())
    assert machine.engine.loaded == []
    assert machine.names == []


def test_vectors_come_from_a_worker_of_their_own(owned: Path) -> None:
    machine = Machine(owned, FakeEngine())

    async def scene() -> None:
        await machine.touch("alpha")
        async with machine.residence.use("alpha", "embed") as loaded:
            assert loaded.plan.purpose == "embed"
            assert loaded.plan.pooling == "mean"  # its file says nothing of it
            assert loaded.plan.batch == loaded.plan.context

    run(scene())
    assert machine.names == ["alpha", "alpha"]


def test_a_refused_model_is_refused_each_time(owned: Path, tmp_path: Path) -> None:
    def choose(_: object) -> Chosen:
        raise ModelRefused("no engine takes it")

    residence = Residence(Libraries(owned), choose, ResidenceChoices())

    async def scene() -> None:
        for _ in range(2):
            with pytest.raises(ModelRefused):
                async with residence.use("alpha"):
                    pass

    run(scene())
    assert residence.models == []
