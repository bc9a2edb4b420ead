from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from freehold.progress import Progress
from freehold.store.model import OwnedModel
from freehold.store.store import Store

Own = Callable[..., OwnedModel]
MakeFile = Callable[..., Path]


def test_shared_bytes_are_told_apart(
    store: Store, own: Own, make_file: MakeFile, home: Path, progress: Progress
) -> None:
    licence = make_file("LICENSE", 50, seed=9)
    one = own("one", make_file("1", 100, seed=1), licence)
    two = own("two", make_file("2", 200, seed=2), licence)
    alone = own("alone", make_file("3", 30, seed=3))
    with Store.open(home, progress) as other:
        other.add_file(make_file("orphan", 7, seed=4), None, move=False)
    with store.staging("k") as work:
        work.path("half").write_bytes(b"123")
    usage = store.usage()
    assert [(u.model, u.own, u.shared, u.shared_with) for u in usage.models] == [
        (two, 200, 50, ("one",)),
        (one, 100, 50, ("two",)),
        (alone, 30, 0, ()),
    ]
    assert (usage.blobs, usage.unused, usage.unfinished) == (387, 7, 3)
    assert usage.free > 0
    assert store.remove(two).freed_bytes == usage.models[0].own


def test_an_empty_store_uses_nothing(store: Store, home: Path) -> None:
    usage = store.usage()
    assert (usage.models, usage.blobs, usage.unused, usage.unfinished) == ((), 0, 0, 0)
    assert not home.exists()
