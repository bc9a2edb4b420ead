from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from freehold.errors import NotOwned, StorageError, UsageError
from freehold.names import Digest
from freehold.progress import Progress
from freehold.store.model import NewModel, OwnedFile, OwnedModel, Sighting
from freehold.store.store import Store

Own = Callable[..., OwnedModel]
MakeFile = Callable[..., Path]


def test_looking_at_a_store_that_is_not_there_makes_nothing(store: Store, home: Path) -> None:
    assert store.models() == []
    assert store.verify_all() == []
    assert not store.has(Digest("0" * 64))
    assert store.by_digest(Digest("0" * 64)) is None
    with pytest.raises(NotOwned):
        store.find("anything")
    assert not home.exists()


def test_a_home_that_is_a_file_is_an_error_that_says_so(home: Path, make_file: MakeFile) -> None:
    home.touch()
    with pytest.raises(StorageError):
        Store.open(home).add_file(make_file("f", 10), None, move=False)


def test_an_owned_model_is_there_for_the_next_process(
    store: Store, own: Own, make_file: MakeFile, home: Path
) -> None:
    model = own("SmolLM2 135M", make_file("m.gguf", 5000), make_file("README.md", 10, seed=1))
    assert model.name == "smollm2-135m"
    assert model.id == model.weights.digest.hex
    assert model.size == 5010
    code = (
        "import sys; from pathlib import Path; from freehold.store.store import Store\n"
        "store = Store.open(Path(sys.argv[1])); model = store.find('smol')\n"
        "print(model.id, store.verify(model).ok, model.licence.kind, model.sightings[0].ref)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, home], capture_output=True, text=True, check=True
    )
    assert done.stdout.split(" ", 2)[:2] == [model.id, "True"]
    assert f"open source file:{make_file('m.gguf', 5000)}" in done.stdout


def test_models_come_in_the_order_they_were_added(
    own: Own, make_file: MakeFile, store: Store
) -> None:
    for name in "cab":
        own(name, make_file(name, 10, seed=ord(name)))
    assert [model.name for model in store.models()] == ["c", "a", "b"]


def test_two_models_never_share_a_name(own: Own, make_file: MakeFile) -> None:
    names = [own("smol", make_file("m", 10, seed=seed)).name for seed in range(3)]
    assert names == ["smol", "smol-2", "smol-3"]


def test_the_same_bytes_from_elsewhere_are_the_same_model_seen_twice(
    own: Own, make_file: MakeFile, store: Store
) -> None:
    path = make_file("m", 10)
    first = own("smol", path, ref="pypi:smol")
    second = own("another name", path, ref="hf:a/smol")
    assert store.models() == [second]
    assert (second.id, second.name) == (first.id, "smol")
    assert [seen.ref for seen in second.sightings] == ["pypi:smol", "hf:a/smol"]
    third = store.add_sightings(second, (Sighting.now("ollama:smol"),))
    assert len(third.sightings) == 3


def test_a_model_needs_its_files(store: Store) -> None:
    with pytest.raises(UsageError):
        store.add_model(NewModel("m", ()))
    file = OwnedFile("f.gguf", "weights", Digest("0" * 64), 10)
    with pytest.raises(StorageError, match=r"f\.gguf of m"):
        store.add_model(NewModel("m", (file,)))


def test_what_the_owner_says_of_a_model_is_kept(
    store: Store, own: Own, make_file: MakeFile, home: Path
) -> None:
    model = own("smol", make_file("m", 10))
    store.rename(model, "My Model")
    store.tag(model, "Fast", "small", "fast")
    store.untag(model, "SMALL", "never had it")
    store.note(model, "good at poems")
    store.pin(model)
    before = datetime.now(UTC)
    store.mark_used(model)
    kept = Store.open(home).find("my-model")
    assert (kept.tags, kept.notes, kept.pinned) == (("fast",), "good at poems", True)
    assert kept.last_used_at is not None
    assert kept.last_used_at >= before
    with pytest.raises(NotOwned):
        store.find("smol")
    assert not store.unpin(kept).pinned


def test_a_name_that_another_has_is_refused(store: Store, own: Own, make_file: MakeFile) -> None:
    one, two = (own(name, make_file(name, 10, seed=ord(name))) for name in "ab")
    with pytest.raises(UsageError, match="called a"):
        store.rename(two, "A")
    assert store.rename(one, "a").name == "a"


def test_a_model_removed_meanwhile_is_named(
    store: Store, own: Own, make_file: MakeFile, notes: list[str]
) -> None:
    model = own("smol", make_file("m", 10))
    store.remove(model)
    for change in (store.pin, store.unpin, store.remove):
        with pytest.raises(NotOwned, match="smol is no longer owned"):
            change(model)
    store.mark_used(model)
    assert "no longer owned" in notes[-1]


def test_threads_may_share_a_store(store: Store, make_file: MakeFile, own: Own) -> None:
    model = own("smol", make_file("m", 10))
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(3):
                store.tag(model, f"t{number}-{step}")
                store.models()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(store.find("smol").tags) == 12


def test_opening_and_listing_loads_no_lock_and_no_thread_pool(
    own: Own, make_file: MakeFile, home: Path, progress: Progress
) -> None:
    """`freehold list` has to be quick."""
    own("smol", make_file("m", 10))
    code = (
        "import sys; from pathlib import Path; from freehold.store.store import Store\n"
        "assert len(Store.open(Path(sys.argv[1])).models()) == 1\n"
        "print([m for m in ('filelock', 'concurrent.futures', 'asyncio') if m in sys.modules])"
    )
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code, home], capture_output=True, text=True, check=True, env=env
    )
    assert done.stdout == "[]\n"


def test_the_real_model_is_owned_and_verified(store: Store, own: Own, smollm2: Path) -> None:
    model = own("smollm2", smollm2)
    assert model.size == 98_362_432
    record = store.record(model.weights.digest)
    assert record.chunk_count == 94
    assert store.verify(model).ok
    store.check_ready(model)
