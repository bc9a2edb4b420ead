from __future__ import annotations

from pathlib import Path

import pytest

from freehold.errors import StoreBusy
from freehold.names import Digest
from freehold.store.layout import Layout
from freehold.store.locks import Holds, StoreLock

D = Digest("ab" * 32)
E = Digest("cd" * 32)


def test_a_thread_may_take_the_lock_again_within(home: Path) -> None:
    lock = StoreLock(Layout(home))
    with lock, lock:
        pass
    with StoreLock(Layout(home)):
        pass


def test_one_that_waits_too_long_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("freehold.store.locks._PATIENCE", 0.01)
    import threading

    caught: list[Exception] = []

    def second() -> None:
        try:
            with StoreLock(Layout(home)):
                pass
        except StoreBusy as error:
            caught.append(error)

    with StoreLock(Layout(home)):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert len(caught) == 1


def test_a_held_blob_is_held_for_everyone_until_it_is_released(home: Path) -> None:
    ours, theirs = Holds(Layout(home)), Holds(Layout(home))
    ours.take(D)
    ours.take(D)
    theirs.take(D)
    assert ours.is_held(D)
    assert theirs.is_held(D)
    assert not ours.is_held(E)
    ours.release(D)
    assert ours.is_held(D)
    theirs.release()
    assert not ours.is_held(D)
    assert list((home / "staging").iterdir()) == []


def test_marks_of_the_dead_are_cleared(home: Path) -> None:
    holds = Holds(Layout(home))
    holds.take(D)
    for digest in (D, E):
        (home / "staging" / f"{digest.hex}.1-1.hold").touch()
    assert not holds.is_held(E)
    holds.clear_dead()
    assert holds.is_held(D)
    assert len(list((home / "staging").iterdir())) == 1
