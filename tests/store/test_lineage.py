from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from freehold.store.model import NewModel, OwnedFile, OwnedModel, Parent
from freehold.store.store import Store

MakeFile = Callable[..., Path]


def make(store: Store, path: Path, *parents: Parent) -> OwnedModel:
    record = store.add_file(path, None, move=False)
    file = OwnedFile(path.name, "weights", record.digest, record.size)
    return store.add_model(NewModel(path.name, (file,), parents=parents))


def test_the_whole_chain_is_told(store: Store, make_file: MakeFile, home: Path) -> None:
    base = make(store, make_file("base", 10, seed=1))
    elsewhere = Parent("ab" * 32, "adapter from", "a friend's adapter", "rank 8")
    tuned = make(store, make_file("tuned", 10, seed=2), Parent(base.id, "trained"), elsewhere)
    small = make(
        store, make_file("small", 10, seed=3), Parent(tuned.id, "quantized", "tuned", "Q4")
    )

    with Store.open(home) as later:
        chain = later.lineage(later.find("small"))
        [above] = chain.ancestors
        assert (above.model, above.parent.relation, above.parent.detail) == (
            tuned,
            "quantized",
            "Q4",
        )
        first, second = above.ancestors
        assert (first.model, first.ancestors) == (base, ())
        assert (second.model, second.parent) == (None, elsewhere)
        assert chain.children == ()
        assert later.lineage(base).children == (tuned,)
        assert later.lineage(base).ancestors == ()
        assert small == chain.model


def test_a_removed_parent_is_still_named(store: Store, make_file: MakeFile) -> None:
    base = make(store, make_file("base", 10, seed=1))
    tuned = make(store, make_file("tuned", 10, seed=2), Parent(base.id, "trained", base.name))
    store.remove(base)
    [above] = store.lineage(tuned).ancestors
    assert (above.model, above.parent.name) == (None, "base")


def test_a_model_in_its_own_ancestry_does_not_hang(store: Store, make_file: MakeFile) -> None:
    one = make(store, make_file("one", 10, seed=1))
    two = make(store, make_file("two", 10, seed=2), Parent(one.id, "merged"))
    one = make(store, make_file("one", 10, seed=1), Parent(two.id, "merged"), Parent(one.id, "odd"))
    above = store.lineage(one).ancestors
    assert [ancestor.model for ancestor in above] == [two, one]
    [further] = above[0].ancestors
    assert (further.model, further.ancestors) == (one, ())
